from django.apps import AppConfig
from django.core.checks import register

from licheng.foundations.files.checks import copies_stand_apart


class FilesConfig(AppConfig):
    name = "licheng.foundations.files"
    label = "files"
    verbose_name = "檔案"

    def ready(self) -> None:
        """Have the copies checked before anything starts."""
        register(copies_stand_apart)
