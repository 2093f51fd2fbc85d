from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError
from licheng.school.submission.operations import export_package

ACTOR = Actor.system("command:export_package")


class Command(BaseCommand):
    help = (
        "Write a batch's sealed package with its password and the school's keys, for checking it elsewhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", required=True, type=UUID)
        parser.add_argument("--to", required=True, type=Path, help="An empty or new folder")

    def handle(self, *, batch: UUID, to: Path, **_options: Any) -> None:
        try:
            package = export_package(actor=ACTOR, batch_id=batch, to=to)
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(str(package))
