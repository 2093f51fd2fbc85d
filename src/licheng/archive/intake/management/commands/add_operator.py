from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.archive.intake.operations import add_operator
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError

ACTOR = Actor.system("command:add_operator")


class Command(BaseCommand):
    help = "Open an operator's account and print its enrolment code once; repeating replaces the name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True)
        parser.add_argument("--name", required=True)

    def handle(self, *, account: str, name: str, **_options: Any) -> None:
        try:
            user, code = add_operator(actor=ACTOR, account=account, name=name)
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{user.login} {code}" if code else f"{user.login} has enrolled already")
