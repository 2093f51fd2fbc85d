"""The checks of the status page, each made when it is asked for."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.custody.copies import copies
from licheng.foundations.custody.head import Head, head_now
from licheng.foundations.custody.queries import figures_now, is_the_volume
from licheng.foundations.custody.sample import CopySample, Sample, sample_now
from licheng.foundations.files.sandbox import protection
from licheng.foundations.files.scanning import EICAR, Said, ask
from licheng.foundations.ledger.models import LedgerEntry

LONGEST_WAIT = timedelta(minutes=5)  # an acknowledgement that waits longer than this needs somebody
SCANNER_SECONDS = 2  # it finds the test pattern in milliseconds; the page need not wait for long
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
    takes_files: bool

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
    """Every check, made now; the page of the public. Only the files that are read may be some seconds old."""
    findings = [database_answers()]
    can_ask = findings[0].verdict == GOOD
    if settings.TAKES_FILES:
        findings += [*copies_read_back(can_ask=can_ask), sandbox_holds()]
    findings.append(ledger_head(head_now() if can_ask else None))
    findings.append(entries_wait() if can_ask else Finding(_("帳本佇列"), "clock", UNKNOWN, ()))
    if settings.SCANNER:
        findings.append(scanner_answers())
    return Status(
        timezone.now(),
        tuple(findings),
        is_one_machine=settings.EMBEDDED and settings.TAKES_FILES,
        takes_files=settings.TAKES_FILES,
    )


@dataclass(frozen=True, slots=True)
class Readiness:
    """What must be good before requests may come, and what is told beside it without closing the site."""

    needed: tuple[Finding, ...]
    told: tuple[Finding, ...]

    @property
    def is_ready(self) -> bool:
        """Whether everything that is needed is good."""
        return all(finding.verdict == GOOD for finding in self.needed)


def readiness_now() -> Readiness:
    """Database, signed log and volumes must be good. The difference is told: a lost file closes no site."""
    database = database_answers()
    can_ask = database.verdict == GOOD
    log = ledger_head(head_now() if can_ask else None)
    needed = (database, log, *((copies_answer(),) if can_ask else ()))
    return Readiness(needed, (files_are_verified(can_ask=can_ask),))


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


def copies_read_back(*, can_ask: bool) -> list[Finding]:
    """What every copy gave back; one unknown while it is being read for somebody else."""
    sample = sample_now() if can_ask else None
    if sample is None:
        busy = (_("正在讀回，請幾秒後重新整理。"),) if can_ask else ()
        return [Finding(_("檔案副本"), "copy", UNKNOWN, busy)]
    return [copy_reads_back(n, copy, sample) for n, copy in enumerate(sample.copies, start=1)]


def copy_reads_back(number: int, copy: CopySample, sample: Sample) -> Finding:
    """Whether a copy gave the newest acknowledged files back, byte for byte, and has room for more."""
    name, icon = _("檔案副本 %(n)d") % {"n": number}, "copy"
    if copy.free_bytes is None:
        return Finding(name, icon, BAD if sample.files else UNKNOWN, (_("讀不到內容。"),))
    room = _("剩餘空間 %(n).1f GB。") % {"n": copy.free_bytes / 2**30}
    has_room = copy.free_bytes >= LOWEST_FREE_BYTES
    if not sample.files:
        return Finding(name, icon, UNKNOWN if has_room else BAD, (_("還沒有可以讀回比對的檔案。"), room))
    facts = (
        _("%(at)s 讀回最新 %(all)d 個檔案，%(good)d 個內容相符。")
        % {"at": f"{timezone.localtime(sample.at):%H:%M:%S}", "all": sample.files, "good": copy.good},
        room,
    )
    return Finding(name, icon, GOOD if has_room and copy.good == sample.files else BAD, facts)


def copies_answer() -> Finding:
    """Whether every copy is there and is the volume that was opened last; nothing is read but that."""
    name, icon = _("檔案副本"), "copy"
    strange = [copy.name for copy in copies() if not is_the_volume(copy)]
    if strange:
        return Finding(
            name,
            icon,
            BAD,
            (_("不是上次開啟的儲存區，或沒有回應：%(names)s") % {"names": _("、").join(strange)},),
        )
    return Finding(name, icon, GOOD, ())


def files_are_verified(*, can_ask: bool) -> Finding:
    """Whether every acknowledged file was read back from two copies lately; the integrity page says more."""
    name, icon = _("檔案差額"), "shield-check"
    if not can_ask:
        return Finding(name, icon, UNKNOWN, ())
    figures = figures_now()
    fact = _("差額 %(n)s（收下 %(all)s，兩份副本都核對過 %(good)s）。") % {
        "n": f"{figures.difference:,}",
        "all": f"{figures.acknowledged:,}",
        "good": f"{figures.verified:,}",
    }
    return Finding(name, icon, figures.verdict, (fact,))


def ledger_head(head: Head | None) -> Finding:
    """Whether the signed head of the log verifies now and is not shorter than the database remembers."""
    name, icon = _("帳本"), "book-open-check"
    if head is None:  # the database does not say how long it should be
        return Finding(name, icon, UNKNOWN, ())
    if head.size is None:
        return Finding(name, icon, BAD, (_("最新的簽章驗證不符或讀不到。"),))
    if not head.is_good:
        shorter = _("帳本只有 %(head)s 筆，資料庫記得 %(known)s 筆。")
        return Finding(name, icon, BAD, (shorter % {"head": f"{head.size:,}", "known": f"{head.known:,}"},))
    fact = _("最新簽章剛才驗證相符，共 %(n)s 筆登錄。") % {"n": f"{head.size:,}"}
    return Finding(name, icon, GOOD, (fact,))


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


def scanner_answers() -> Finding:
    """Whether the malware scanner answers now and knows the agreed test pattern."""
    name, icon = _("掃毒程式"), "shield-check"
    begun = time.perf_counter()
    answer = ask(BytesIO(EICAR), wait_seconds=SCANNER_SECONDS)
    milliseconds = (time.perf_counter() - begun) * 1000
    if answer.said == Said.INFECTED:
        return Finding(name, icon, GOOD, (_("剛才在 %(n).0f 毫秒內認出測試樣式。") % {"n": milliseconds},))
    if answer.said == Said.CLEAN:
        return Finding(name, icon, BAD, (_("剛才沒有認出測試樣式：病毒碼沒有載入。"),))
    return Finding(name, icon, BAD, (_("目前沒有回應；新的檔案會標為「掃毒中」，暫不提供下載。"),))


def sandbox_holds() -> Finding:
    """Whether this machine's kernel gives the fence around programs that open people's files."""
    name, icon = _("檔案檢查的隔離"), "shield-check"
    offered = protection()
    if offered["seccomp"] and offered["landlock"]:
        return Finding(name, icon, GOOD, (_("開啟檔案的程式只能讀它自己的那一份，不能連網路。"),))
    if offered["seccomp"]:
        return Finding(name, icon, UNKNOWN, (_("這部機器的核心沒有 Landlock，隔離少一層。"),))
    return Finding(name, icon, BAD, (_("這部機器的核心不能過濾系統呼叫，文件一律不收。"),))
