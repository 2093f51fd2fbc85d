from django.apps import AppConfig
from django.core.checks import register

from licheng.foundations.status.checks import set_up_in_earnest


class StatusConfig(AppConfig):
    name = "licheng.foundations.status"
    label = "status"
    verbose_name = "系統狀態"

    def ready(self) -> None:
        """Have weak settings refused before anything starts."""
        register(set_up_in_earnest)
