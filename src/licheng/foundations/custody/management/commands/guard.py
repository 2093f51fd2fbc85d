import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.foundations.authz import Actor
from licheng.foundations.custody.errors import RunUnderWay
from licheng.foundations.custody.guard import Report, guard
from licheng.foundations.custody.losses import as_json, told
from licheng.foundations.custody.models import Job
from licheng.foundations.custody.operations import Tally, run_job

ACTOR = Actor.system("command:guard")
CLOSED = 3


class Command(BaseCommand):
    help = (
        "Before web and worker start: check that every copy stands on its own volume and gives back what it "
        "holds, then open the site. Ends with 3, the site staying closed, if anything is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--adopt-new-volume",
            action="append",
            default=[],
            metavar="COPY",
            help="declare the volume that stands there now to be this copy, after a disk was replaced",
        )
        parser.add_argument(
            "--open-with-losses",
            action="store_true",
            help="open although files are lost for good; they stay reported",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(
        self, *, adopt_new_volume: list[str], open_with_losses: bool, json: bool, **_options: Any
    ) -> None:
        reports: list[Report] = []

        def work(actor: Actor) -> Tally:
            reports.append(guard(actor=actor, adopt=adopt_new_volume, with_losses=open_with_losses))
            return reports[0].tally

        try:
            run_job(actor=ACTOR, job=Job.GUARD, work=work)
        except RunUnderWay as busy:
            raise CommandError(busy.sentence, returncode=CLOSED) from busy
        self._print(reports[0], as_object=json)
        if not reports[0].is_open:
            raise CommandError("the site stays closed", returncode=CLOSED)

    def _print(self, report: Report, *, as_object: bool) -> None:
        if as_object:
            self.stdout.write(json.dumps(as_json(report), ensure_ascii=False))
            return
        for line in told(report):
            self.stdout.write(line)
