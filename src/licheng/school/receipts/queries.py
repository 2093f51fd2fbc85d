import io
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.askers import RuleReaders
from licheng.foundations.authz import Actor, found, require, seen
from licheng.foundations.custody.copies import good_path
from licheng.foundations.files.queries import infected_among
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Opening
from licheng.school.governance.queries import openings_for
from licheng.school.people.actors import school_of
from licheng.school.people.queries.readers import readers_of
from licheng.school.receipts import permissions
from licheng.school.receipts.models import ReceiptItem, StudentReceipt
from licheng.school.receipts.states import ReceiptState

ANSWER_WITHIN = timedelta(days=3)  # domain reference §4.10
TONES = {
    ReceiptState.OPEN: "received",
    ReceiptState.CONFIRMED: "confirmed",
    ReceiptState.DISPUTED: "disputed",
}
ARCHIVE_KEYS_NAME = "keys.txt"


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A receipt as the student's list shows it."""

    pk: int
    school_year: int
    fetched_at: datetime
    items: int
    open_items: int
    disputed: int


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file of an item as the archive recorded it."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item of a receipt as its page shows it."""

    pk: int
    kind: str
    title: str
    note: str
    files: tuple[FileLine, ...]
    state: str
    tone: str
    comment: str
    answer: str
    may_confirm: bool
    may_dispute: bool


@dataclass(frozen=True, slots=True)
class DisputeLine:
    """A dispute as the office's list shows it."""

    pk: int
    student_id: int
    student: str
    class_name: str
    title: str
    comment: str
    decided_at: datetime
    due_at: datetime
    is_late: bool
    answer: str


def receipts_of(actor: Actor) -> list[ReceiptLine]:
    """The actor's own receipts, newest first."""
    rows = seen(StudentReceipt.objects.all(), actor, permissions.DOWNLOAD).select_related("batch")
    counted = rows.annotate(
        count=Count("items"),
        open_count=Count("items", filter=Q(items__state=ReceiptState.OPEN)),
        disputed_count=Count("items", filter=Q(items__state=ReceiptState.DISPUTED)),
    )
    return [
        ReceiptLine(
            row.pk, row.batch.school_year, row.fetched_at, row.count, row.open_count, row.disputed_count
        )
        for row in counted.order_by("-fetched_at", "-pk")
    ]


def confirmation_window(actor: Actor) -> Opening:
    """From when to when receipts can be confirmed."""
    return openings_for(school_of(actor).place, actor.person_id)[WindowKind.CONFIRM]


def receipt_seen_by(actor: Actor, receipt_id: int) -> StudentReceipt:
    """One receipt.

    Raises NotFound when it is not the actor's to see.
    """
    rows = StudentReceipt.objects.select_related("batch", "student__student__class_group", "school")
    return found(rows, actor, permissions.SEE, receipt_id)


def receipt_readers(actor: Actor, receipt_id: int) -> tuple[RuleReaders, ...]:
    """Who may see and download a receipt now.

    Raises NotFound when it is not the actor's to see.
    """
    receipt = receipt_seen_by(actor, receipt_id)
    rules = (permissions.SEE, permissions.DOWNLOAD)
    return readers_of(actor, receipt, rules, students=[receipt.student_id])


def item_seen_by(actor: Actor, item_id: int) -> ReceiptItem:
    """One item of a receipt.

    Raises NotFound when it is not the actor's to see.
    """
    return found(ReceiptItem.objects.all(), actor, permissions.SEE_ITEM, item_id)


def items_of(actor: Actor, receipt: StudentReceipt) -> list[ItemLine]:
    """What arrived, item by item; buttons only for the student herself."""
    is_own = receipt.student_id == actor.person_id
    return [_item_line(item, is_own=is_own) for item in receipt.items.order_by("kind", "pk")]


def _item_line(item: ReceiptItem, *, is_own: bool) -> ItemLine:
    files = tuple(
        FileLine(file["name"], file["size"], file["sha256"]) for file in item.record.get("files", ())
    )
    return ItemLine(
        pk=item.pk,
        kind=item.get_kind_display(),
        title=item.title,
        note=item.record.get("note", ""),
        files=files,
        state=item.get_state_display(),
        tone=TONES[ReceiptState(item.state)],
        comment=item.comment,
        answer=item.answer,
        may_confirm=is_own and item.state != ReceiptState.CONFIRMED,
        may_dispute=is_own and item.state != ReceiptState.DISPUTED,
    )


def disputes_seen_by(actor: Actor) -> list[DisputeLine]:
    """Every dispute of the school, unanswered and late ones first."""
    rows = seen(ReceiptItem.objects.filter(state=ReceiptState.DISPUTED), actor, permissions.ANSWER)
    lines = [_dispute_line(row) for row in rows.select_related("student__student__class_group")]
    return sorted(lines, key=lambda line: (bool(line.answer), line.due_at))


def _dispute_line(item: ReceiptItem) -> DisputeLine:
    decided_at = item.decided_at or item.receipt.fetched_at
    due_at = decided_at + ANSWER_WITHIN
    return DisputeLine(
        pk=item.pk,
        student_id=item.student_id,
        student=f"{item.student.account} {item.student.name}",
        class_name=item.student.student.class_group.name,
        title=item.title,
        comment=item.comment,
        decided_at=decided_at,
        due_at=due_at,
        is_late=not item.answer and timezone.now() > due_at,
        answer=item.answer,
    )


def kit_of(actor: Actor, receipt: StudentReceipt, keys_text: str) -> bytes:
    """The receipt kit as a ZIP: receipt, published keys, the student's own files, and how to verify.

    A file in which malware was found since is left out; the receipt still names it.
    Raises NotAllowed when it is not the actor's own receipt, CopyLost when a file cannot be read.
    """
    require(actor, permissions.DOWNLOAD, receipt)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as kit:
        kit.writestr("receipt.json", bytes(receipt.body))
        kit.writestr(ARCHIVE_KEYS_NAME, keys_text)
        taken: set[str] = {"receipt.json", ARCHIVE_KEYS_NAME}
        files = [file for item in receipt.items.order_by("pk") for file in item.record["files"]]
        sealed = infected_among(file["sha256"] for file in files)
        for file in files:
            if file["sha256"] not in sealed:
                name = file["name"] if file["name"] not in taken else f"{file['sha256'][:8]}-{file['name']}"
                taken.add(name)
                kit.write(good_path(file["sha256"]), name)
    return out.getvalue()


def how_to_verify() -> str:
    """One sentence for the page that offers the kit."""
    return _("解開壓縮檔後，用離線驗證頁或 licheng-exchange receipt verify 就能自己證明，不必問任何人。")


def receipts_seen_of(actor: Actor, student_id: int) -> QuerySet[StudentReceipt]:
    """One student's receipts, the newest first, as far as the actor may see."""
    rows = seen(StudentReceipt.objects.filter(student=student_id), actor, permissions.SEE)
    return rows.select_related("batch").order_by("-fetched_at", "-pk")
