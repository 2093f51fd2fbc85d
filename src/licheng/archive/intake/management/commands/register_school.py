from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.archive.intake.operations import Registration, register_school
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError
from licheng.foundations.machines.handing import write_secret

ACTOR = Actor.system("command:register_school")


class Command(BaseCommand):
    help = "Let a school deposit: keep its published keys, give it a token. Repeating replaces name and keys."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--code", required=True, help="The school's six characters")
        parser.add_argument("--name", required=True, help="The school's name")
        parser.add_argument("--keys", required=True, type=Path, help="Its keys.txt")
        parser.add_argument(
            "--token-file", required=True, type=Path, help="Where a new token is written (0600)"
        )

    def handle(self, **options: Any) -> None:
        code, token_file = options["code"], options["token_file"]
        try:
            registration = register_school(
                actor=ACTOR, code=code, name=options["name"], keys=options["keys"].read_text(encoding="utf-8")
            )
        except (DomainError, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(self._outcome(registration, token_file))

    def _outcome(self, registration: Registration, token_file: Path) -> str:
        if registration.token is None:
            return f"{registration.school.code} updated; its token stays as it is"
        write_secret(token_file, registration.token)
        return f"{registration.school.code} registered; token in {token_file}"
