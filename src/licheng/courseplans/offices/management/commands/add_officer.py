from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.courseplans.offices.models import Duty
from licheng.courseplans.offices.operations import Post, add_officer
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError

ACTOR = Actor.system("command:add_officer")


class Command(BaseCommand):
    help = "Open an officer's account and print its enrolment code once; repeating replaces name and post."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--duty", required=True, choices=Duty.values)
        parser.add_argument("--place", default="", help="code of the school or authority; none for operators")

    def handle(self, *, account: str, name: str, duty: str, place: str, **_options: Any) -> None:
        try:
            officer, code = add_officer(actor=ACTOR, account=account, name=name, post=Post(duty, place))
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{officer.user.login} {code}" if code else f"{account} has enrolled already")
