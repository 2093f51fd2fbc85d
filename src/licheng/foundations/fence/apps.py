from django.apps import AppConfig


class FenceConfig(AppConfig):
    name = "licheng.foundations.fence"
    label = "fence"
    verbose_name = "學校之間的隔離"
