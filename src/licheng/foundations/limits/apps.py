from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "licheng.foundations.limits"
    label = "limits"
    verbose_name = "次數限制"
