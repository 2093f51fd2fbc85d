from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "licheng.foundations.files"
    label = "files"
    verbose_name = "檔案"
