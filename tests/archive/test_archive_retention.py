"""Students of the archive whose period is over: what told who they were goes, leaves and counts stay."""

import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from licheng.archive.holdings.models import HeldFile, HeldItem, HeldStudent, id_number_place
from licheng.archive.intake.models import Deposit, RegisteredSchool
from licheng.archive.receipts.models import IssuedReceipt
from licheng.archive.receipts.operations.retention import anonymise_student, problems_due, students_due
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotAllowed
from licheng.foundations.ledger.operations import note_leaf
from licheng.foundations.privacy import blind_index, seal

NUMBER = "A123456789"
SHA = "ab" * 32


def held(school_year, number="1150001"):
    """A student with one item of this school year, its file and its receipt."""
    school, _made = RegisteredSchool.objects.get_or_create(
        code="070406", defaults={"name": "示範高中", "keys": ""}
    )
    deposit = Deposit.objects.create(
        school=school, school_year=school_year, package_sha256=SHA, package_bytes=1, password_sealed=b""
    )
    student = HeldStudent.objects.create(
        school_code="070406", number=number, name="王小明", subject_key="c" * 64,
        id_number_sealed=seal(NUMBER, place=id_number_place("070406", number)),
        id_number_index=blind_index(NUMBER),
    )  # fmt: skip
    item = HeldItem.objects.create(
        id=uuid4(), deposit=deposit, student=student, kind="outcome", school_year=school_year,
        record={"note": "王小明的心得"}, entry=note_leaf(b'{"leaf":1}'),
    )  # fmt: skip
    HeldFile.objects.create(
        item=item, role="document", name="王小明.pdf", sha256=SHA, size_bytes=1, media_type="application/pdf"
    )
    IssuedReceipt.objects.create(deposit=deposit, student=student, body=b'{"name":"x"}')
    return student


@pytest.mark.parametrize(
    ("today", "is_due"),
    [(date(2026, 7, 31), False), (date(2026, 8, 1), True), (date(2027, 1, 1), True)],
)
def test_the_period_counts_from_the_end_of_the_last_school_year(db, settings, today, is_due):
    settings.KEEP_STUDENTS_YEARS = 10
    student = held(104)  # ends on 31 July 2016

    assert (str(student.pk) in students_due(today)) is is_due


def test_nothing_of_a_student_is_left_and_the_leaf_stays(db):
    student, other = held(100), held(115, "1150002")
    entry = HeldItem.objects.get(student=student).entry
    out = io.StringIO()
    call_command("retain", stdout=out)
    assert f"held-students {student.pk} due" in out.getvalue()
    assert "王小明" not in out.getvalue()

    call_command("retain", "--apply", stdout=io.StringIO())
    call_command("retain", "--apply", stdout=io.StringIO())

    student.refresh_from_db()
    item = HeldItem.objects.get(student=student)
    assert (student.name, student.id_number, item.record, item.entry_id) == ("已去識別", "", {}, entry.pk)
    assert student.number != "1150001"
    assert student.id_number_index != blind_index(NUMBER)
    assert student.subject_key != "c" * 64
    assert not HeldFile.objects.filter(item=item).exists()
    assert bytes(IssuedReceipt.objects.get(student=student).body) == b""
    assert HeldStudent.objects.get(pk=other.pk).id_number == NUMBER
    assert AuditEntry.objects.filter(action="student.anonymised").count() == 1


def test_old_reasons_of_a_refusal_go(db):
    held(115)
    old = timezone.now() - timedelta(days=400)
    Deposit.objects.update(state="refused", problems=[{"text_zh": "學號 1150001"}], decided_at=old)
    assert len(problems_due(timezone.localdate())) == 1

    call_command("retain", "--apply", stdout=io.StringIO())

    assert "1150001" not in str(Deposit.objects.get().problems)
    assert problems_due(timezone.localdate()) == []


def test_people_do_not_anonymise_students(db):
    with pytest.raises(NotAllowed):
        anonymise_student(
            actor=Actor(1, None, "operator:1", frozenset()), today=timezone.localdate(), record_id="1"
        )
