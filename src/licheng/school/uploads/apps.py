from django.apps import AppConfig


class UploadsConfig(AppConfig):
    name = "licheng.school.uploads"
    label = "uploads"
    verbose_name = "上傳"
