from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from licheng.foundations.keys import make_keys


class Command(BaseCommand):
    help = "Make the keys that this site does not have yet. Existing keys are never touched; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--origin", required=True, help="The public name of the ledger")

    def handle(self, *, origin: str, **_options: Any) -> None:
        for name in make_keys(origin):
            self.stdout.write(f"{settings.KEYS_ROOT}/{name}.key made")
