from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "licheng.foundations.accounts"
    label = "accounts"
    verbose_name = "帳號"
