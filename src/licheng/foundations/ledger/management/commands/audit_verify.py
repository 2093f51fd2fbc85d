import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from licheng_exchange import NoteError

from licheng.foundations.audit.chains import verify
from licheng.foundations.keys import KeyMissing
from licheng.foundations.ledger.anchors import Anchors, LogNotItsHead

KINDS = {
    "changed": "內容或雜湊被改過",
    "re-ordered": "順序被換過",
    "no entry": "紀錄不見了",
    "gap": "環節不見了",
    "moved": "學校被改過",
    "head": "鏈頭不符",
    "anchor": "與簽章帳本不符",
    "extra": "不在鏈上的紀錄",
}


class Command(BaseCommand):
    help = "Compute every school's audit chain again and compare it with the signed log; 1 if wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, **options: Any) -> None:
        try:
            with Anchors() as anchors:
                done = verify(anchors.of, anchors.chains())
        except (LogNotItsHead, NoteError, KeyMissing, OSError, ValueError) as wrong:
            raise CommandError(f"帳本無法驗證：{wrong}。 The log does not verify.") from wrong
        if options["json"]:
            self.stdout.write(json.dumps(done.as_figures(), ensure_ascii=False))
        else:
            for wrong_ in done.wrong:
                place = "–" if wrong_.sequence is None else wrong_.sequence
                entry = "–" if wrong_.entry_id is None else wrong_.entry_id
                self.stdout.write(
                    f"✗ 鏈 chain {wrong_.chain}，序號 place {place}，紀錄 entry {entry}："
                    f"{KINDS[wrong_.kind]}。 {wrong_.kind}: {wrong_.says}"
                )
            mark = "✓" if done.is_good else "✗"
            self.stdout.write(
                f"{mark} 鏈 chains {done.chains}，紀錄 entries {done.entries}，錨點 anchors {done.anchors}"
            )
        if not done.is_good:
            sys.exit(1)
