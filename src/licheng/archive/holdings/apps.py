from django.apps import AppConfig


class HoldingsConfig(AppConfig):
    name = "licheng.archive.holdings"
    label = "holdings"
    verbose_name = "典藏"
