"""The checks of the status page, each made when it is asked for."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Max
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from licheng_exchange import Checkpoint, NoteError, ReceiptError, parse_leaf

from licheng.foundations.custody.copies import Copy, copies
from licheng.foundations.keys import KeyMissing
from licheng.foundations.ledger import store
from licheng.foundations.ledger.models import LedgerEntry

SAMPLE_FILES = 3  # of at most 10 MB each: the page stays quick and cannot be used to keep the disks busy
SAMPLE_ENTRIES = 10
LONGEST_WAIT = timedelta(minutes=5)  # an acknowledgement that waits longer than this needs somebody
LOWEST_FREE_BYTES = 2**30  # own bound: about a hundred of the largest files

GOOD, BAD, UNKNOWN = "good", "bad", "unknown"
TONES = {GOOD: "success", BAD: "error", UNKNOWN: "neutral"}
WORDS: dict[str, Promise] = {
    GOOD: gettext_lazy("正常"),
    BAD: gettext_lazy("異常"),
    UNKNOWN: gettext_lazy("不明"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found just now: `verdict` is good, bad or unknown, `facts` are sentences for people."""

    name: str
    icon: str
    verdict: str
    facts: tuple[str, ...]

    @property
    def tone(self) -> str:
        """How the chip looks."""
        return TONES[self.verdict]

    @property
    def word(self) -> str:
        """What the chip says."""
        return str(WORDS[self.verdict])


@dataclass(frozen=True, slots=True)
class Status:
    """All findings of one moment."""

    at: datetime
    findings: tuple[Finding, ...]
    is_one_machine: bool

    @property
    def verdict(self) -> str:
        """Bad if anything is bad, good only if everything is good."""
        verdicts = {finding.verdict for finding in self.findings}
        if BAD in verdicts:
            return BAD
        return GOOD if verdicts == {GOOD} else UNKNOWN

    @property
    def tone(self) -> str:
        """How the headline looks."""
        return TONES[self.verdict]


def status_now() -> Status:
    """Every check, made now; the page of the public."""
    findings = [database_answers()]
    can_ask = findings[0].verdict == GOOD
    sample = newest_hashes() if can_ask else None
    findings += [copy_reads_back(number, copy, sample) for number, copy in enumerate(copies(), start=1)]
    findings.append(ledger_head(known=known_size() if can_ask else None))
    findings.append(entries_wait() if can_ask else Finding(_("帳本佇列"), "clock", UNKNOWN, ()))
    return Status(timezone.now(), tuple(findings), is_one_machine=settings.EMBEDDED)


def is_ready() -> tuple[Finding, ...]:
    """What must be good before requests may come: database and signed log."""
    database = database_answers()
    known = known_size() if database.verdict == GOOD else None
    return database, ledger_head(known=known)


def database_answers() -> Finding:
    """Whether the database answers a question now, and how fast."""
    name, icon = _("資料庫"), "database"
    begun = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        return Finding(name, icon, BAD, (_("目前沒有回應。"),))
    milliseconds = (time.perf_counter() - begun) * 1000
    return Finding(name, icon, GOOD, (_("剛才在 %(n).1f 毫秒內回應。") % {"n": milliseconds},))


def newest_hashes() -> tuple[str, ...]:
    """SHA-256 of the files that the newest signed log entries acknowledge: what must be readable now."""
    newest = LedgerEntry.objects.filter(index__isnull=False).order_by("-index")[:SAMPLE_ENTRIES]
    hashes = [sha256 for entry in newest for sha256 in _hashes_of(bytes(entry.leaf))]
    return tuple(dict.fromkeys(hashes))[:SAMPLE_FILES]


def _hashes_of(leaf: bytes) -> Iterator[str]:
    try:
        parsed = parse_leaf(leaf)
    except ReceiptError:  # an entry that is not of this form speaks of no file
        return
    if parsed["type"] == "stored":
        yield parsed["sha256"]
    else:
        yield from (file["sha256"] for file in parsed["files"])


def copy_reads_back(number: int, copy: Copy, sample: tuple[str, ...] | None) -> Finding:
    """Whether a copy gives the newest acknowledged files back, byte for byte, and has room for more."""
    name, icon = _("檔案副本 %(n)d") % {"n": number}, "copy"
    if not copy.root.is_dir():
        missing = _("資料夾不存在。")
        return Finding(name, icon, BAD if sample else UNKNOWN, (missing,))
    try:
        free = copy.free_bytes()
        good = sum(copy.holds(sha256) for sha256 in sample or ())
    except OSError:
        return Finding(name, icon, BAD, (_("讀不到內容。"),))
    room = _("剩餘空間 %(n).1f GB。") % {"n": free / 2**30}
    if not sample:
        verdict = BAD if free < LOWEST_FREE_BYTES else UNKNOWN
        return Finding(name, icon, verdict, (_("還沒有可以讀回比對的檔案。"), room))
    facts = (
        _("剛才讀回最新 %(all)d 個檔案，%(good)d 個內容相符。") % {"all": len(sample), "good": good},
        room,
    )
    is_good = good == len(sample) and free >= LOWEST_FREE_BYTES
    return Finding(name, icon, GOOD if is_good else BAD, facts)


def known_size() -> int:
    """How many entries of the log the database knows."""
    last = LedgerEntry.objects.aggregate(last=Max("index"))["last"]
    return 0 if last is None else int(last) + 1


def ledger_head(*, known: int | None) -> Finding:
    """Whether the signed head of the log verifies now and is not shorter than the database remembers."""
    name, icon = _("帳本"), "book-open-check"
    try:
        head: Checkpoint = store.head()
    except (NoteError, OSError, KeyMissing, ValueError):
        return Finding(name, icon, BAD, (_("最新的簽章驗證不符或讀不到。"),))
    facts = (_("最新簽章剛才驗證相符，共 %(n)s 筆登錄。") % {"n": f"{head.size:,}"},)
    if known is None:
        return Finding(name, icon, UNKNOWN, facts)
    if known > head.size:
        shorter = _("帳本只有 %(head)s 筆，資料庫記得 %(known)s 筆。")
        return Finding(name, icon, BAD, (shorter % {"head": f"{head.size:,}", "known": f"{known:,}"},))
    return Finding(name, icon, GOOD, facts)


def entries_wait() -> Finding:
    """How many acknowledgements still wait for the log, and since when the oldest does."""
    name, icon = _("帳本佇列"), "clock"
    waiting = LedgerEntry.objects.filter(index__isnull=True)
    count = waiting.count()
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    if oldest is None:
        return Finding(name, icon, GOOD, (_("沒有等待登錄的項目。"),))
    waited = timezone.now() - oldest
    fact = _("%(n)d 筆等待登錄，最久已等 %(s)d 秒。") % {"n": count, "s": int(waited.total_seconds())}
    return Finding(name, icon, BAD if waited > LONGEST_WAIT else UNKNOWN, (fact,))
