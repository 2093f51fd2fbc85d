from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "licheng.school.outcomes"
    label = "outcomes"
    verbose_name = "課程學習成果"
