from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from licheng.archive.intake.operations import renew_token
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError
from licheng.foundations.machines.handing import write_secret

ACTOR = Actor.system("command:renew_token")


class Command(BaseCommand):
    help = "Give a registered school a new token; those it had stop working at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--code", required=True, help="The school's six characters")
        parser.add_argument(
            "--token-file", required=True, type=Path, help="Where the new token is written (0600)"
        )

    def handle(self, *, code: str, token_file: Path, **_options: Any) -> None:
        try:
            with transaction.atomic():  # a file that cannot be written leaves the old token working
                registration = renew_token(actor=ACTOR, code=code)
                write_secret(token_file, registration.token or "")
        except (DomainError, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{code} has a new token in {token_file}")
