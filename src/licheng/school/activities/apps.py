from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "licheng.school.activities"
    label = "activities"
    verbose_name = "多元表現"
