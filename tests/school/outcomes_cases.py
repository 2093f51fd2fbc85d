"""Course outcomes for tests, in any state, with file rows that need no bytes unless a test gives some."""

import hashlib
from datetime import timedelta
from pathlib import Path

from django.urls import reverse
from django.utils import timezone

from licheng.foundations.files.models import FileRole, StoredFile
from licheng.foundations.ledger.models import LedgerEntry
from licheng.school.outcomes.models import BEFORE_DECISION, STANDS_CERTIFIED, Outcome
from licheng.school.outcomes.statements import Statement
from licheng.school.outcomes.states import OutcomeState as S
from tests.factories import SEMESTER, YEAR, EnrolmentFactory, actor

COUNTRY = Path(__file__).resolve().parents[2] / "samples" / "country" / "files"
ALL_STATEMENTS = frozenset(Statement.values)
LIST, QUEUE, PUBLISH = "/outcomes/", "/outcomes/queue/", "/outcomes/publish/"


def stored(text="bytes", role=FileRole.DOCUMENT, media_type="application/pdf", **facts):
    """A file row whose SHA-256 is that of the text."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    entry = LedgerEntry.objects.create(leaf=text.encode(), leaf_hash=sha256)
    return StoredFile.objects.create(
        scope="00000A",
        role=role,
        original_name=f"{text}.pdf",
        sha256=sha256,
        md5="0" * 32,
        size_bytes=1_500_000,
        media_type=media_type,
        facts=facts or {"pages": 2},
        entry=entry,
    )


def make_outcome(state=S.DRAFT, enrolment=None, document=None, **more):
    """An outcome of an enrolment in the given state, as it would have come there."""
    enrolment = enrolment or EnrolmentFactory()
    now = timezone.now()
    values = {"note": "簡述", "document": document or stored()}
    if state not in BEFORE_DECISION:
        teacher = enrolment.offering.teachers.first()
        values |= {"decided_by": teacher, "decided_at": now - timedelta(hours=2)}
    if state in (S.HELD_BACK, S.RETURNED):
        values["return_reason"] = "請補上實驗數據。"
    if state in STANDS_CERTIFIED or state == S.PASSED:
        values["certified_document_sha256"] = values["document"].sha256
    if state in STANDS_CERTIFIED or state == S.RETURNED:
        values["published_at"] = now - timedelta(hours=1)
    if state != S.DRAFT:
        values["sent_at"] = now - timedelta(days=3)
    values |= {"school_year": YEAR, "semester": SEMESTER} | more
    return Outcome.objects.create(
        school=enrolment.school, student=enrolment.student, enrolment=enrolment, state=state, **values
    )


def student_of(outcome):
    """The student who made it, as an actor."""
    return actor(outcome.student)


def teacher_of(outcome):
    """A teacher of its course, as an actor."""
    return actor(outcome.enrolment.offering.teachers.first())


def row(outcome):
    """Every column of the outcome as the database has it now."""
    return Outcome.objects.filter(pk=outcome.pk).values().first()


def decision_columns(outcome):
    """What a teacher's decision left on the row."""
    names = ("decided_at", "decided_by_id", "return_reason", "published_at")
    hashes = ("certified_document_sha256", "certified_media_sha256")
    return [row(outcome)[name] for name in (*names, *hashes)]


NO_DECISION = [None, None, "", None, "", ""]


def actions(outcome):
    """The audit actions of the outcome, oldest first."""
    from licheng.foundations.audit.models import AuditEntry

    rows = AuditEntry.objects.filter(subject_type="outcomes.outcome", subject_id=str(outcome.pk))
    return list(rows.order_by("pk").values_list("action", flat=True))


def address(name, outcome, *more):
    """Where one page of an outcome is."""
    return reverse(f"outcomes:{name}", args=[outcome.pk, *more])


def shown(client, url, person=None):
    """Status and text of a page, asked for by a person if one is given."""
    if person is not None:
        client.force_login(person.user)
    answer = client.get(url)
    return answer.status_code, answer.content.decode()


def teacher(outcome):
    """A teacher of its course."""
    return outcome.enrolment.offering.teachers.first()
