from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.archive.intake.operations import add_operator
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError

ACTOR = Actor.system("command:add_operator")


class Command(BaseCommand):
    help = "Open an operator's account; repeating replaces its name and password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--password-file", required=True, type=Path, help="A file that holds the password"
        )

    def handle(self, *, account: str, name: str, password_file: Path, **_options: Any) -> None:
        try:
            password = password_file.read_text(encoding="utf-8").strip()
            user = add_operator(actor=ACTOR, account=account, name=name, password=password)
        except (DomainError, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{user.login} may operate the archive")
