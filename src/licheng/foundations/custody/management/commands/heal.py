import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.foundations.authz import Actor
from licheng.foundations.custody.operations import Tally, heal_copy
from licheng.foundations.errors import DomainError

ACTOR = Actor.system("command:heal")
TELL_EVERY = 500


class Command(BaseCommand):
    help = (
        "Rebuild a whole copy from others, each file hashed before and after; safe to stop and start again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--copy", required=True, help="the copy that is rebuilt: a, b, …, third")
        parser.add_argument("--from", dest="source", help="only from this copy; without it from any good one")

    def handle(self, *, copy: str, source: str | None, **_options: Any) -> None:
        try:
            tally = heal_copy(actor=ACTOR, target=copy, source=source, told=self.tell)
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(json.dumps(tally.as_figures(), ensure_ascii=False))
        if not tally.is_good:
            raise CommandError("some files could not be brought back; they are named in the log")

    def tell(self, done: int, total: int, tally: Tally) -> None:
        """One line every now and then, and at the end."""
        if done % TELL_EVERY == 0 or done == total:
            self.stdout.write(f"{done}/{total} {dict(tally.figures)}")
