from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.school.calendar.models import Level, WindowKind
from licheng.school.calendar.operations import set_window


def moment(text: str) -> datetime:
    """A time as ISO 8601; without an offset it is Taiwan's."""
    at = datetime.fromisoformat(text)
    return at if timezone.is_aware(at) else timezone.make_aware(at)


class Command(BaseCommand):
    """Set national windows."""

    help = "Set the national windows of a semester: every kind, or one. Safe to repeat; the last word counts."

    def add_arguments(self, parser: CommandParser) -> None:
        """Semester, ends, kind and source."""
        parser.add_argument("--school-year", required=True, type=int, help="ROC, such as 115")
        parser.add_argument("--semester", required=True, type=int)
        parser.add_argument("--opens", required=True, type=moment, help="ISO 8601, such as 2026-09-01T08:00")
        parser.add_argument("--closes", required=True, type=moment, help="ISO 8601; not included")
        parser.add_argument("--kind", choices=WindowKind.values, help="Default: all kinds")
        parser.add_argument("--source", default="", help="The notice that says so")

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        """Set the windows and print each."""
        if options["closes"] <= options["opens"]:
            raise CommandError("--closes must be later than --opens")
        kinds = [WindowKind(options["kind"])] if options["kind"] else list(WindowKind)
        for kind in kinds:
            set_window(
                actor=Actor.system("command:set_windows"),
                level=Level.MINISTRY,
                code="",
                school_year=options["school_year"],
                semester=options["semester"],
                kind=kind,
                opens_at=options["opens"],
                closes_at=options["closes"],
                source=options["source"],
            )
            self.stdout.write(
                f"{kind} {options['school_year']}-{options['semester']} "
                f"{options['opens'].isoformat()} {options['closes'].isoformat()}"
            )
