from django.apps import AppConfig


class StatusConfig(AppConfig):
    name = "licheng.foundations.status"
    label = "status"
    verbose_name = "系統狀態"
