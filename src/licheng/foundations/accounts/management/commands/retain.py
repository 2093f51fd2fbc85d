from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from licheng.foundations import fence
from licheng.foundations.authz import Actor
from licheng.foundations.retention import Kept, kinds

ACTOR = Actor.system("command:retain")


class Command(BaseCommand):
    """Clear what is kept longer than it may be."""

    help = (
        "List by id what is over its period; with --apply, anonymise or remove it. Killed in the middle, "
        "it goes on where it was. See docs/runbooks/retention.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to do it, and one kind of record alone."""
        parser.add_argument("--apply", action="store_true", help="Do it; without this nothing is changed")
        parser.add_argument("--only", choices=[kind.name for kind in kinds()], help="One kind of record")

    def handle(self, *, apply: bool, only: str | None, **_options: Any) -> None:
        """One line for every record, one line of counts for every kind."""
        today = timezone.localdate()
        failed = 0
        for kind in kinds():
            if only in {None, kind.name}:
                with fence.everywhere():
                    failed += self._settle(kind, today, apply=apply)
        if failed:
            raise CommandError(f"{failed} records could not be cleared; they stay due.")

    def _settle(self, kind: Kept, today: date, *, apply: bool) -> int:
        name, due, cleared, failed = kind.name, kind.due(today), 0, 0
        for one in due:
            if not apply:
                self.stdout.write(f"{name} {one} due")
                continue
            try:
                done = kind.clear(actor=ACTOR, today=today, record_id=one)
            except Exception as failure:  # noqa: BLE001 -- one record must not hold up the others; its text may be personal
                self.stderr.write(f"{name} {one} failed: {type(failure).__name__}")
                failed += 1
                continue
            cleared += done
            self.stdout.write(f"{name} {one} {'cleared' if done else 'kept: something is still open'}")
        self.stdout.write(f"{name}: {len(due)} due, {cleared} cleared")
        return failed
