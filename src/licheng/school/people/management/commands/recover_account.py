from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError
from licheng.school.people.operations import recover_by_command


class Command(BaseCommand):
    help = "Let an administrator in again when no other one is left; prints a code for /enrol/ once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", required=True, help="The school's six characters")
        parser.add_argument("--account", required=True)
        parser.add_argument("--identity-check", required=True, help="How the identity was seen")
        parser.add_argument("--reason", required=True)

    def handle(self, **options: Any) -> None:
        try:
            person, code = recover_by_command(
                actor=Actor.system("command:recover_account"),
                school_code=options["school"],
                account=options["account"],
                identity_check=options["identity_check"],
                reason=options["reason"],
            )
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{options['school']} {person.account} {code}")
