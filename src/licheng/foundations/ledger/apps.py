from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "licheng.foundations.ledger"
    label = "ledger"
    verbose_name = "帳本"
