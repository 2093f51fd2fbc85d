"""The command by which whoever runs a machine lets somebody in again; each site says who that may be."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.foundations.errors import DomainError


class RecoverCommand(BaseCommand):
    """Prints account and code; `recover` is the operation of the site."""

    def add_arguments(self, parser: CommandParser) -> None:
        """The account, how its owner's identity was seen, and why."""
        parser.add_argument("--account", required=True)
        parser.add_argument("--identity-check", required=True, help="How the identity was seen")
        parser.add_argument("--reason", required=True)

    def recover(self, *, account: str, identity_check: str, reason: str) -> str:
        """The code of the site's own operation."""
        raise NotImplementedError

    def handle(self, *, account: str, identity_check: str, reason: str, **_options: Any) -> None:
        """Print what is handed over, or what was refused."""
        try:
            code = self.recover(account=account, identity_check=identity_check, reason=reason)
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{account} {code}")
