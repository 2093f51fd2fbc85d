from django.apps import AppConfig


class OfficesConfig(AppConfig):
    name = "licheng.courseplans.offices"
    label = "offices"
    verbose_name = "課程計畫填報單位"
