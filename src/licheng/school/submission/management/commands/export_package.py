from pathlib import Path
from shutil import copyfile
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.ledger.views import keys_text
from licheng.school.submission.models import Batch
from licheng.school.submission.operations.sealing import package_path, password_of


class Command(BaseCommand):
    help = (
        "Write a batch's sealed package with its password and the school's keys, for checking it elsewhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", required=True, type=UUID)
        parser.add_argument("--to", required=True, type=Path, help="An empty or new folder")

    def handle(self, *, batch: UUID, to: Path, **_options: Any) -> None:
        found = Batch.objects.select_related("school").get(pk=batch)
        to.mkdir(parents=True, exist_ok=True)
        package = to / f"{found.school.code}-{found.pk}.zip"
        copyfile(package_path(found), package)
        (to / "password.txt").write_text(password_of(found) + "\n", encoding="utf-8")
        (to / "keys.txt").write_text(keys_text(), encoding="utf-8")
        record(
            actor=Actor.system("command:export_package", found.school_id),
            action="batch.exported",
            subject=found,
        )
        self.stdout.write(str(package))
