from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "licheng.archive.intake"
    label = "intake"
    verbose_name = "收件"
