from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "licheng.school.people"
    label = "people"
    verbose_name = "人員"
