"""Students of the archive whose period is over; counted from the end of their last school year held here."""

import secrets
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet

from licheng.archive.holdings.models import HeldFile, HeldItem, HeldStudent
from licheng.archive.intake.models import Deposit
from licheng.archive.intake.states import DepositState
from licheng.archive.receipts.models import IssuedReceipt
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_system
from licheng.foundations.retention import years_before

NAME = "已去識別"
FIRST_ROC_YEAR = 1911
LAST_MONTH = 8  # a school year N ends on 31 July of the year N + 1912
CLEARED = [
    {
        "file": "",
        "rule": "cleared",
        "text_zh": "退回原因已過保存期限。",
        "text_en": "The reasons are past their period.",
    }
]


def students_due(today: date) -> list[str]:
    """Held students whose last school year ended longer ago than the period, as ids."""
    return [str(pk) for pk in _students_over(today).order_by("pk").values_list("pk", flat=True)]


def _students_over(today: date) -> QuerySet[HeldStudent]:
    before = years_before(today, settings.KEEP_STUDENTS_YEARS)
    ended = before.year - FIRST_ROC_YEAR - (1 if before.month >= LAST_MONTH else 2)
    rows = HeldStudent.objects.exclude(id_number_sealed=b"").annotate(last=Max("items__school_year"))
    return rows.filter(last__lte=ended)


@transaction.atomic
def anonymise_student(*, actor: Actor, today: date, record_id: str) -> bool:
    """Take away what tells who a held student was; items and leaves stay. Whether she was still due.

    The files' rows go, and custody takes the bytes out of the copies by its own rules.
    """
    require_system(actor)
    student = HeldStudent.objects.select_for_update().filter(pk=record_id).first()
    if student is None or not _students_over(today).filter(pk=student.pk).exists():
        return False
    HeldFile.objects.filter(item__student=student).delete()
    HeldItem.objects.filter(student=student).update(record={})
    IssuedReceipt.objects.filter(student=student).update(body=b"")
    student.name, student.number = NAME, f"x{secrets.token_hex(9)}"
    student.id_number_sealed, student.id_number_index = b"", f"gone-{secrets.token_hex(24)}"
    student.subject_key = secrets.token_hex(32)
    student.save()
    record(actor=actor, action="student.anonymised", subject=student)
    return True


def problems_due(today: date) -> list[str]:
    """Refused deposits whose reasons, which name students by number, are older than their period."""
    return [str(pk) for pk in _refusals_over(today).order_by("pk").values_list("pk", flat=True)]


def _refusals_over(today: date) -> QuerySet[Deposit]:
    before = today - timedelta(days=settings.KEEP_DAYS)
    rows = Deposit.objects.filter(state=DepositState.REFUSED, decided_at__date__lt=before)
    return rows.exclude(problems=CLEARED)


@transaction.atomic
def clear_problems(*, actor: Actor, today: date, record_id: str) -> bool:
    """Empty the reasons of an old refusal; whether they were still there."""
    require_system(actor)
    deposit = _refusals_over(today).select_for_update().filter(pk=record_id).first()
    if deposit is None:
        return False
    deposit.problems = CLEARED
    deposit.save(update_fields=["problems"])
    record(actor=actor, action="deposit.problems_cleared", subject=deposit)
    return True
