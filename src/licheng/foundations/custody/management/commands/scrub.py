import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.foundations.authz import Actor
from licheng.foundations.custody.operations import scrub_whole
from licheng.foundations.errors import DomainError

ACTOR = Actor.system("command:scrub")


class Command(BaseCommand):
    help = "Hash every file of one copy, or of all, now, and heal what is found; ends with 1 if anything was."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--copy", help="a, b, …, third; without it all of them")

    def handle(self, *, copy: str | None, **_options: Any) -> None:
        try:
            run = scrub_whole(actor=ACTOR, copy=copy)
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(json.dumps(run.figures, ensure_ascii=False))
        if not run.is_good:
            raise CommandError("not everything was right")
