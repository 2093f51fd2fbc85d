from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.archive.intake.operations import recover_operator
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError

ACTOR = Actor.system("command:recover_operator")


class Command(BaseCommand):
    help = "Let an operator in again whose identity you have seen; prints a code for /enrol/ once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True)
        parser.add_argument("--identity-check", required=True, help="How the identity was seen")
        parser.add_argument("--reason", required=True)

    def handle(self, *, account: str, identity_check: str, reason: str, **_options: Any) -> None:
        try:
            user, code = recover_operator(
                actor=ACTOR, account=account, identity_check=identity_check, reason=reason
            )
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{user.login} {code}")
