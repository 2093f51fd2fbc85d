"""A student with an outcome and an activity, and over-size files on their way to them."""

import io

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.school.activities.models import Activity
from licheng.school.outcomes.models import Outcome
from licheng.school.uploads import operations
from licheng.school.uploads.models import Preparation
from tests.factories import SEMESTER, YEAR, StudentFactory, actor, open_windows
from tests.school.items import enrolment_of

LIMIT_DOCUMENT, LIMIT_MEDIA = 4 * 2**20, 10 * 2**20


def outcome_of(student):
    """A draft that waits for its file."""
    open_windows()
    return Outcome.objects.create(
        school=student.school,
        student=student,
        enrolment=enrolment_of(student),
        school_year=YEAR,
        semester=SEMESTER,
    )


def activity_of(student):
    """An empty record."""
    open_windows()
    return Activity.objects.create(
        school=student.school, student=student, category="competition", school_year=YEAR, semester=SEMESTER
    )


def new_student():
    return StudentFactory()


def sent(student, item, data, name, *, role="document", is_source=False, kind="outcome"):
    """Send a file the way pages do; the upload as it ended."""
    who = actor(student)
    upload = operations.start_upload(
        actor=who, item=(kind, item.pk, role), name=name, size_bytes=len(data), is_source=is_source
    )
    operations.append_bytes(
        actor=who, upload_id=upload.pk, offset=0, stream=io.BytesIO(data), length=len(data)
    )
    return operations.finish_upload(actor=who, upload_id=upload.pk)


def worked(preparation):
    """The preparation after a worker had its turn."""
    clock = Actor.system("task:prepare", preparation.school_id)
    operations.make_preparation(actor=clock, preparation_id=preparation.pk)
    return Preparation.objects.get(pk=preparation.pk)


def actions_of(preparation):
    rows = AuditEntry.objects.filter(subject_id=str(preparation.pk), action__startswith="preparation.")
    rows = rows.order_by("pk")  # the accepted file has the same id
    return [(row.action, row.data) for row in rows]


def accept(student, preparation):
    return operations.accept_preparation(actor=actor(student), preparation_id=preparation.pk)
