from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "licheng.foundations.files"
    label = "files"
    verbose_name = "檔案"

    def ready(self) -> None:
        """Have the copies checked before anything starts."""
        from licheng.foundations.files import checks  # noqa: PLC0415, F401 -- registering needs loaded apps
