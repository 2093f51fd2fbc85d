from django.apps import AppConfig


class UiConfig(AppConfig):
    """The common look, installed by every site."""

    name = "licheng.foundations.ui"
    label = "ui"
