"""Items with real files, in the states that later steps start from."""

import io
from pathlib import Path
from unittest.mock import patch

from django.utils import timezone

from licheng.foundations.files.inspection import inspect
from licheng.foundations.files.operations import Receiving, receive_file
from licheng.school.activities.models import Activity, Category
from licheng.school.activities.states import ActivityState
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState
from tests.factories import SEMESTER, YEAR, CourseFactory, EnrolmentFactory, OfferingFactory, actor

WORKS = Path(__file__).resolve().parents[2] / "samples" / "country" / "files"
TYPES = frozenset({"application/pdf", "image/jpeg", "image/png", "audio/mpeg", "video/mp4"})


INSPECTED = {}  # what the inspection said of a work, by its name


def inspect_once(path, name, *, allowed):
    """What the real inspection says of a work of the samples; the same work is looked into once in a process."""
    if name not in INSPECTED:
        INSPECTED[name] = inspect(path, name, allowed=allowed)
    return INSPECTED[name]


def stored_file(student, name="reading_notes.pdf", role="document"):
    """A work of the samples, taken in for this student."""
    terms = Receiving(student.school.code, role, student.pk.to_bytes(32).hex(), 10 * 2**20, TYPES)
    stream = io.BytesIO((WORKS / name).read_bytes())
    with patch("licheng.foundations.files.operations.receiving.inspect", inspect_once):
        return receive_file(actor=actor(student), stream=stream, name=name, terms=terms)


def enrolment_of(student, **course):
    """A credit-bearing course of this semester with its teacher."""
    code = f"115{student.school.code}H11101A1010101"
    course = CourseFactory(school=student.school, **({"code": code, "name": "國語文"} | course))
    return EnrolmentFactory(
        school=student.school, student=student, offering=OfferingFactory(school=student.school, course=course)
    )


def certified_outcome(
    student, enrolment=None, state=OutcomeState.SELECTED, name="reading_notes.pdf", stored=None
):
    """An outcome that a teacher stands behind."""
    enrolment = enrolment or enrolment_of(student)
    stored = stored or stored_file(student, name)
    now = timezone.now()
    return Outcome.objects.create(
        school=student.school,
        student=student,
        enrolment=enrolment,
        school_year=YEAR,
        semester=SEMESTER,
        note="讀書心得 𠮷",
        document=stored,
        state=state,
        decided_by=enrolment.offering.teachers.first(),
        decided_at=now,
        published_at=now,
        certified_document_sha256=stored.sha256,
    )


def activity_of(student, state=ActivityState.SELECTED):
    """A complete competition record."""
    return Activity.objects.create(
        school=student.school,
        student=student,
        category=Category.COMPETITION,
        school_year=YEAR,
        semester=SEMESTER,
        title="英語演講比賽",
        fields={
            "name": "英語演講比賽",
            "event": "個人組",
            "level": "1",
            "award": "第二名",
            "announced_on": "1151002",
            "entered_as": "0",
        },
        note="第二名",
        document=stored_file(student, "competition_certificate.pdf"),
        state=state,
    )
