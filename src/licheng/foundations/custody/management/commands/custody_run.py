import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.foundations.authz import Actor
from licheng.foundations.custody.operations import run_clock
from licheng.foundations.errors import DomainError

CLOCKS = ("watch", "scrub", "compare", "sweep", "third")


class Command(BaseCommand):
    help = "Run one clock of custody now; prints its figures, and ends with 1 unless everything was right."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job", choices=CLOCKS)

    def handle(self, *, job: str, **_options: Any) -> None:
        try:
            run = run_clock(actor=Actor.system("command:custody_run"), job=job)
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(json.dumps(run.figures, ensure_ascii=False))
        if not run.is_good:
            raise CommandError(f"{job}: not everything was right")
