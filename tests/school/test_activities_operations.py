import io
from uuid import uuid4

import pytest

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, WrongState
from licheng.foundations.files.errors import FileRefused, FileTooLarge
from licheng.foundations.files.models import StoredFile
from licheng.school.activities import states
from licheng.school.activities.models import Activity, Category
from licheng.school.activities.operations import (
    attach_file,
    delete_activity,
    move_activity,
    remove_file,
    start_activity,
    write_activity,
)
from licheng.school.activities.states import ActivityState as S
from licheng.school.calendar.errors import QuotaFull, WindowClosed
from licheng.school.calendar.models import Level, Policy
from licheng.school.people.models import Role
from tests.factories import SEMESTER, YEAR, PersonFactory, StudentFactory, actor, open_windows
from tests.relations_world import staff_session
from tests.school.activity_cases import COMPETITION, make_activity, row
from tests.school.items import WORKS

pytestmark = pytest.mark.django_db

WRITTEN = {
    "fields": COMPETITION | {"announced_on": "2026-03-02"},
    "note": "簡述",
    "link": "https://example.org/v",
}
OPERATIONS = {
    "write": lambda who, it: write_activity(actor=who, activity_id=it.pk, **WRITTEN),
    "attach": lambda who, it: attach_file(
        actor=who, activity_id=it.pk, role="document", stream=io.BytesIO(b"x"), name="x.pdf"
    ),
    "remove": lambda who, it: remove_file(actor=who, activity_id=it.pk, role="document"),
    "delete": lambda who, it: delete_activity(actor=who, activity_id=it.pk),
}
IN_WINDOW = ["write", "attach", "remove"]


@pytest.fixture
def activity():
    open_windows()
    return make_activity()


def actions(subject):
    return list(
        AuditEntry.objects.filter(subject_id=str(subject.pk)).order_by("pk").values_list("action", flat=True)
    )


def test_start_activity_begins_a_draft_of_the_current_year():
    open_windows()
    student = StudentFactory()

    activity = start_activity(actor=actor(student), category="competition")

    assert (activity.state, activity.category, activity.school_year, activity.semester) == (
        S.DRAFT,
        Category.COMPETITION,
        YEAR,
        SEMESTER,
    )
    assert (activity.student, activity.school) == (student, student.school)
    assert actions(activity) == ["activity.started"]


def test_start_activity_refuses_an_unknown_category():
    open_windows()

    with pytest.raises(Invalid):
        start_activity(actor=actor(StudentFactory()), category="cadre")

    assert not Activity.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.STUDENT])
def test_start_activity_is_for_students(role):
    open_windows()

    with pytest.raises(NotAllowed):
        start_activity(actor=actor(PersonFactory(roles=[role])), category="competition")

    assert not Activity.objects.exists()


def test_start_activity_refuses_a_clock():
    with pytest.raises(NotAllowed):
        start_activity(actor=Actor.system("task:x", 1), category="competition")


def test_start_activity_refuses_outside_the_window():
    open_windows(closed=True)

    with pytest.raises(WindowClosed):
        start_activity(actor=actor(StudentFactory()), category="competition")

    assert not Activity.objects.exists()


def test_start_activity_keeps_to_the_schools_own_limit():
    open_windows()
    student = StudentFactory()
    Policy.objects.create(
        level=Level.SCHOOL,
        code=student.school.code,
        school_year=YEAR,
        activities_per_year=2,
        source="校務會議",
    )
    make_activity(student, school_year=YEAR - 1)
    for _each in range(2):
        start_activity(actor=actor(student), category="competition")

    with pytest.raises(QuotaFull) as refused:
        start_activity(actor=actor(student), category="flexible_learning")

    assert refused.value.data["limit"] == 2
    assert Activity.objects.filter(school_year=YEAR).count() == 2


def test_write_activity_keeps_everything_and_names_the_record(activity):
    write_activity(actor=actor(activity.student), activity_id=activity.pk, **WRITTEN)

    activity.refresh_from_db()
    assert (activity.fields, activity.title) == (COMPETITION, "全國技能競賽")
    assert (activity.note, activity.link, activity.state) == ("簡述", "https://example.org/v", S.DRAFT)
    assert actions(activity) == ["activity.written"]


def test_write_activity_allows_gaps_and_ignores_unknown_columns(activity):
    fields = {"name": "科展", "state": "confirmed"}

    write_activity(actor=actor(activity.student), activity_id=activity.pk, fields=fields, note="", link="")

    activity.refresh_from_db()
    assert activity.fields == dict.fromkeys(COMPETITION, "") | {"name": "科展"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": COMPETITION | {"level": "7"}},
        {"fields": COMPETITION | {"announced_on": "2999-01-01"}},
        {"note": "字" * 101},
        {"link": "ftp://example.org/v"},
        {"link": "example"},
        {"link": "https://example.org/" + "a" * 500},
    ],
)
def test_write_activity_refuses_what_breaks_a_rule(activity, wrong):
    before = row(activity)

    with pytest.raises(Invalid):
        write_activity(actor=actor(activity.student), activity_id=activity.pk, **(WRITTEN | wrong))

    assert row(activity) == before


def test_a_note_counts_a_line_end_once(activity):
    note = "字" * 50 + "\r\n" + "字" * 49

    write_activity(actor=actor(activity.student), activity_id=activity.pk, **(WRITTEN | {"note": note}))

    activity.refresh_from_db()
    assert len(activity.note) == 100


def test_attach_file_acknowledges_and_ties(activity):
    name = "competition_certificate.pdf"

    with (WORKS / name).open("rb") as stream:
        kept = attach_file(
            actor=actor(activity.student), activity_id=activity.pk, role="document", stream=stream, name=name
        )

    activity.refresh_from_db()
    assert activity.document == kept
    assert kept.entry.index is not None
    assert actions(activity) == ["activity.file_attached"]


def test_attach_file_refuses_a_disguised_file_and_leaves_the_record_alone(activity):
    before, files = row(activity), StoredFile.objects.count()

    with pytest.raises(FileRefused):
        OPERATIONS["attach"](actor(activity.student), activity)

    assert (row(activity), StoredFile.objects.count()) == (before, files)


def test_attach_file_refuses_one_byte_too_many(activity):
    before = row(activity)

    with pytest.raises(FileTooLarge):
        attach_file(
            actor=actor(activity.student),
            activity_id=activity.pk,
            role="document",
            stream=io.BytesIO(b"%PDF-1.7" + b"0" * (4 * 2**20 - 7)),
            name="大檔.pdf",
        )

    assert row(activity) == before


@pytest.mark.parametrize("role", ["", "evidence", "state", "school"])
def test_only_document_and_media_are_places_for_files(activity, role):
    who = actor(activity.student)

    with pytest.raises(NotFound):
        attach_file(actor=who, activity_id=activity.pk, role=role, stream=io.BytesIO(b"x"), name="x")
    with pytest.raises(NotFound):
        remove_file(actor=who, activity_id=activity.pk, role=role)


def test_remove_file_unties_and_keeps_the_file(activity):
    kept = activity.document

    for _each in range(2):
        remove_file(actor=actor(activity.student), activity_id=activity.pk, role="document")

    activity.refresh_from_db()
    assert activity.document is None
    assert StoredFile.objects.filter(pk=kept.pk).exists()
    assert actions(activity) == ["activity.file_removed"]


def test_delete_activity_drops_a_draft_also_after_the_window(activity):
    open_windows(closed=True)

    delete_activity(actor=actor(activity.student), activity_id=activity.pk)

    assert row(activity) is None
    assert actions(activity) == ["activity.deleted"]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("state", S)
def test_only_drafts_are_changed(activity, operation, state):
    Activity.objects.filter(pk=activity.pk).update(state=state)
    before = row(activity)
    expected = WrongState if state != S.DRAFT else FileRefused if operation == "attach" else None
    if expected is None:
        OPERATIONS[operation](actor(activity.student), activity)
        assert row(activity) != before
        return

    with pytest.raises(expected):
        OPERATIONS[operation](actor(activity.student), activity)

    assert row(activity) == before


@pytest.mark.parametrize("operation", IN_WINDOW)
def test_the_window_closes_every_change(activity, operation):
    open_windows(closed=True)
    before = row(activity)

    with pytest.raises(WindowClosed):
        OPERATIONS[operation](actor(activity.student), activity)

    assert row(activity) == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_other_schools_do_not_see_it(activity, operation):
    before = row(activity)

    for stranger in (StudentFactory(), PersonFactory(roles=[Role.ADMINISTRATOR, Role.ACTIVITY_SUBMITTER])):
        with pytest.raises(NotFound):
            OPERATIONS[operation](actor(stranger), activity)

    assert row(activity) == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_classmates_and_teachers_do_not_see_it(activity, operation):
    school = activity.school
    before = row(activity)

    for stranger in (StudentFactory(school=school), PersonFactory(school=school, roles=[Role.TEACHER])):
        with pytest.raises(NotFound):
            OPERATIONS[operation](actor(stranger), activity)

    assert row(activity) == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_those_who_see_it_may_not_change_it(activity, operation):
    school = activity.school
    homeroom = PersonFactory(school=school, roles=[Role.HOMEROOM])
    activity.student.student.class_group.homeroom_teacher = homeroom
    activity.student.student.class_group.save()
    before = row(activity)

    administrator = PersonFactory(school=school, roles=[Role.ADMINISTRATOR])
    staff_session(administrator)

    for reader in (homeroom, administrator):
        with pytest.raises(NotAllowed):
            OPERATIONS[operation](actor(reader), activity)

    assert row(activity) == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_does_not_exist_is_not_found(activity, operation):
    with pytest.raises(NotFound):
        OPERATIONS[operation](actor(activity.student), Activity(pk=uuid4()))


@pytest.mark.parametrize("move", states.MOVES[2:], ids=lambda move: f"{move.says}")
@pytest.mark.parametrize("state", S)
def test_move_activity_follows_the_table(activity, move, state):
    Activity.objects.filter(pk=activity.pk).update(state=state)
    clock = Actor.system("task:receipts", activity.school_id)

    if state not in move.starts:
        with pytest.raises(WrongState):
            move_activity(actor=clock, activity_id=activity.pk, move=move)
        assert row(activity)["state"] == state
        return
    move_activity(actor=clock, activity_id=activity.pk, move=move)

    assert row(activity)["state"] == move.ends
    last = AuditEntry.objects.latest("pk")
    assert (last.action, last.data) == ("activity.moved", {"before": state, "after": move.ends})


def test_move_activity_stays_inside_the_school(activity):
    other = StudentFactory()

    with pytest.raises(NotFound):
        move_activity(actor=actor(other), activity_id=activity.pk, move=states.SELECT)

    assert row(activity)["state"] == S.DRAFT
