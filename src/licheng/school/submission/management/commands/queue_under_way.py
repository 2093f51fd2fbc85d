from typing import Any

from django.core.management.base import BaseCommand

from licheng.foundations.authz import Actor
from licheng.school.submission.operations import queue_under_way

ACTOR = Actor.system("command:queue_under_way")


class Command(BaseCommand):
    help = "Queue the next step of every batch that is under way again; steps that run already lose nothing."

    def handle(self, **_options: Any) -> None:
        self.stdout.write(f"{queue_under_way(actor=ACTOR)} queued")
