import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.foundations.authz import Actor
from licheng.foundations.custody.models import Job
from licheng.foundations.custody.operations import note_run

ACTOR = Actor.system("command:record_restore_drill")


class Command(BaseCommand):
    help = (
        "Write down the result of `licheng restore-drill` for this site, so that its integrity page shows it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", required=True, type=Path, help="the drill's report (JSON)")
        parser.add_argument("--site", required=True, help="which part of the report is this site's")

    def handle(self, *, file: Path, site: str, **_options: Any) -> None:
        try:
            report = json.loads(file.read_text(encoding="utf-8"))
            figures = {**report["sites"][site], "backup": report["backup"], "minutes": report["minutes"]}
            is_good = bool(report["is_good"])
        except (OSError, ValueError, KeyError, TypeError) as failure:
            raise CommandError(f"not a report of a restore drill of {site}: {failure}") from failure
        run = note_run(actor=ACTOR, job=Job.RESTORE_DRILL, is_good=is_good, figures=figures)
        self.stdout.write(str(run))
