from django.apps import AppConfig
from django.utils.module_loading import import_string

from licheng.foundations import privacy


class AccountsConfig(AppConfig):
    name = "licheng.foundations.accounts"
    label = "accounts"
    verbose_name = "帳號"

    def ready(self) -> None:
        """Have the secrets of second factors sealed anew whenever keys change."""
        place = import_string("licheng.foundations.accounts.mfa.PLACE")
        privacy.register(
            privacy.SealedColumn(
                model="mfa.Authenticator",
                column="data",
                place=lambda _factor: place,
                inside=("secret", "seed"),
            )
        )
