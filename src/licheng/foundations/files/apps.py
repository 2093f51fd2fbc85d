from django.apps import AppConfig
from django.core.checks import register
from django.utils.module_loading import import_string

from licheng.foundations.custody import owners, references
from licheng.foundations.files.checks import files_come_from_elsewhere, scanner_has_an_address


class FilesConfig(AppConfig):
    name = "licheng.foundations.files"
    label = "files"
    verbose_name = "檔案"

    def ready(self) -> None:
        """Have settings checked, and custody ask which contents files still name, and whose they are."""
        register(files_come_from_elsewhere)
        register(scanner_has_an_address)
        references.register(self.get_model("StoredFile"))
        owners.register(import_string("licheng.foundations.files.losses.schools_of"))
