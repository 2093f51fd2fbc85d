from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "licheng.school.insight"
    label = "insight"
    verbose_name = "總覽"
