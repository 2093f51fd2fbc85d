from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "licheng.school.calendar"
    label = "calendar"
    verbose_name = "行事曆"
