from django.apps import AppConfig
from django.core.checks import register

from licheng.foundations.custody.checks import copies_stand_apart


class CustodyConfig(AppConfig):
    name = "licheng.foundations.custody"
    label = "custody"
    verbose_name = "典藏"

    def ready(self) -> None:
        """Have the copies checked before anything starts."""
        register(copies_stand_apart)
