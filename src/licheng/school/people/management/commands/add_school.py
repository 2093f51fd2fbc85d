from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError
from licheng.school.people.operations import add_authority, add_first_administrator, add_school


class Command(BaseCommand):
    """Add a school."""

    help = (
        "Add a school with its first account (administrator and registrar); prints the enrolment code once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What a school is and who starts it."""
        parser.add_argument("--code", required=True, help="Six characters, such as 070406 or 12M301")
        parser.add_argument("--name", required=True)
        parser.add_argument("--kind", required=True, help="Course type: H, V, M, S, C, E or F")
        parser.add_argument("--authority-code", required=True)
        parser.add_argument("--authority-name", required=True)
        parser.add_argument("--year", required=True, type=int, help="Current school year, ROC, such as 115")
        parser.add_argument("--semester", required=True, type=int)
        parser.add_argument("--administrator", required=True, help="Account of the first person")

    def handle(self, **options: Any) -> None:
        """Add the school and print its code, name, first account and enrolment code."""
        actor = Actor.system("command:add_school")
        try:
            with transaction.atomic():
                authority = add_authority(
                    actor=actor, code=options["authority_code"], name=options["authority_name"]
                )
                school = add_school(
                    actor=actor,
                    code=options["code"],
                    name=options["name"],
                    kind=options["kind"],
                    authority=authority,
                    school_year=options["year"],
                    semester=options["semester"],
                )
                person, code = add_first_administrator(
                    actor=actor, school=school, account=options["administrator"]
                )
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{school.code} {school.name} {person.account} {code}")
