from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "licheng.school.oversight"
    label = "oversight"
    verbose_name = "稽核查詢"
