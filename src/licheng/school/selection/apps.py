from django.apps import AppConfig


class SelectionConfig(AppConfig):
    name = "licheng.school.selection"
    label = "selection"
    verbose_name = "勾選"
