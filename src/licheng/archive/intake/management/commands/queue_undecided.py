from typing import Any

from django.core.management.base import BaseCommand

from licheng.archive.intake.operations import queue_undecided
from licheng.foundations.authz import Actor

ACTOR = Actor.system("command:queue_undecided")


class Command(BaseCommand):
    help = "Queue the check of every deposit without a verdict again; checks that run already lose nothing."

    def handle(self, **_options: Any) -> None:
        self.stdout.write(f"{queue_undecided(actor=ACTOR)} queued")
