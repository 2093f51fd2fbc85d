from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.courseplans.offices.operations import recover_officer
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError

ACTOR = Actor.system("command:recover_officer")


class Command(BaseCommand):
    help = "Let an officer in again whose identity you have seen; prints a code for /enrol/ once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True)
        parser.add_argument("--identity-check", required=True, help="How the identity was seen")
        parser.add_argument("--reason", required=True)

    def handle(self, *, account: str, identity_check: str, reason: str, **_options: Any) -> None:
        try:
            officer, code = recover_officer(
                actor=ACTOR, account=account, identity_check=identity_check, reason=reason
            )
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{officer.user.login} {code}")
