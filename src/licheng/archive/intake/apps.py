from django.apps import AppConfig
from django.utils.module_loading import import_string

from licheng.foundations import privacy


class IntakeConfig(AppConfig):
    name = "licheng.archive.intake"
    label = "intake"
    verbose_name = "收件"

    def ready(self) -> None:
        """Have the passwords of packages sealed anew whenever keys change."""
        place = import_string("licheng.archive.intake.operations.deposits.password_place")
        privacy.register(
            privacy.SealedColumn("intake.Deposit", "password_sealed", lambda deposit: place(deposit.pk))
        )
