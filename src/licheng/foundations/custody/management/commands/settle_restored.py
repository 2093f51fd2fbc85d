import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from licheng_exchange import NoteError

from licheng.foundations.authz import Actor
from licheng.foundations.custody.operations import settle_restored
from licheng.foundations.ledger.store import LedgerRolledBack

ACTOR = Actor.system("command:settle_restored")


class Command(BaseCommand):
    help = (
        "After a restore: teach the database what the log holds beyond it, adopt the copies. "
        "Refuses a log that is shorter than the database remembers. Safe to repeat."
    )

    def handle(self, **_options: Any) -> None:
        try:
            settled = settle_restored(actor=ACTOR)
        except LedgerRolledBack as behind:
            raise CommandError(
                f"帳本比資料庫舊：{behind}。 Restore the newer log; do not delete rows."
            ) from behind
        except NoteError as wrong:
            raise CommandError(f"帳本簽章不符：{wrong}。 The log's head does not verify.") from wrong
        self.stdout.write(json.dumps(asdict(settled)))
