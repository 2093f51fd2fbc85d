from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.archive.intake.operations import end_operator
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError

ACTOR = Actor.system("command:end_operator")


class Command(BaseCommand):
    help = "Let an operator in no more; add_operator with the same account takes it back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True)

    def handle(self, *, account: str, **_options: Any) -> None:
        try:
            user = end_operator(actor=ACTOR, account=account)
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{user.login} has ended")
