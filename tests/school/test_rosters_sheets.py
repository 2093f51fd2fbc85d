"""Rosters to take away: what goes out comes back and changes nothing; empty ones can be filled in and sent."""

import io

import pytest
from django.urls import reverse
from licheng_exchange import KINDS, check_roster, read_table, read_workbook

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.errors import NotAllowed, StepUpNeeded
from licheng.school.people.models import Look, LookedAt, Person, Role
from licheng.school.records.models import CourseMark
from licheng.school.rosters.examples import EXAMPLES, example_of
from licheng.school.rosters.models import RosterKind as K
from licheng.school.rosters.operations import export_roster
from licheng.school.rosters.states import ImportState
from licheng.school.rosters.workbooks import export_book, template_book
from tests import factories
from tests.school import roster_files as files
from tests.school import roster_samples as samples

pytestmark = pytest.mark.django_db
KINDS_ALONE = [kind for kind in K if kind != K.WORKBOOK]


@pytest.fixture
def office():
    return samples.small_school()


def taken(person, kind):
    actor = factories.fresh_actor(person)
    return export_book(export_roster(actor=actor, kind=kind, school_year=115, semester=1))


@pytest.mark.parametrize("kind", KINDS_ALONE, ids=lambda kind: kind.name)
def test_what_goes_out_comes_back_and_changes_nothing(office, kind):
    actor = factories.fresh_actor(office)
    if kind in samples.TEXTS:
        assert files.import_whole(actor, kind, samples.TEXTS[kind].encode()).state == ImportState.APPLIED

    data = taken(office, kind)
    again = files.import_whole(actor, kind, data, "export.xlsx")

    assert [issue for issue in again.issues if issue["severity"] != "warning"] == []
    assert (again.state, again.added, again.changed, again.removed) == (ImportState.APPLIED, 0, 0, 0)
    assert again.rows == again.accepted > 0


def test_who_left_with_a_course_goes_out_and_comes_back(office):
    Person.objects.filter(account__in=("t1", "1152001")).update(left_on="2026-09-30")

    for kind in (K.CLASSES, K.ENROLMENTS):
        again = files.import_whole(factories.fresh_actor(office), kind, taken(office, kind), "export.xlsx")
        assert (again.state, again.added, again.changed) == (ImportState.APPLIED, 0, 0)


def test_all_sheets_of_marks_go_out_as_one_workbook(office):
    actor = factories.fresh_actor(office)
    for kind in (K.MARKS, K.RETAKE):
        files.import_whole(actor, kind, samples.TEXTS[kind].encode())

    data = taken(office, K.WORKBOOK)
    again = files.import_whole(actor, K.WORKBOOK, data, "export.xlsx")

    sheets = read_workbook(data)
    assert (again.state, again.rows, again.added, again.changed) == (ImportState.APPLIED, 4, 0, 0)
    assert [(sheet.name, len(sheet.rows)) for sheet in sheets] == [("學期成績", 4), ("重修成績", 2)]


def test_odd_values_go_out_as_they_are(office):
    actor = factories.fresh_actor(office)
    files.import_whole(actor, K.MARKS, samples.TEXTS[K.MARKS].encode())
    CourseMark.objects.filter(score=45).update(remark="=1+1", score="45.05")
    Person.objects.filter(account="1152001").update(name="-林")

    marks = read_table(taken(office, K.MARKS), "marks.xlsx").rows
    students = read_table(taken(office, K.STUDENTS), "students.xlsx").rows

    assert sorted((row["學期學業成績"], row["成績及格"], row["質性文字描述"]) for row in marks) == [
        ("-1", "-1", ""), ("45.05", "0", "=1+1"), ("81.5", "1", ""),
    ]  # fmt: skip
    assert (students[0]["姓名"], students[0]["出生日期"], students[0]["座號"]) == ("-林", "0991118", "1")


def test_taking_rosters_away_wants_the_office_and_leaves_a_trace(office):
    given = {"kind": K.STUDENTS, "school_year": 115, "semester": 1}
    teacher = Person.objects.get(account="t1")

    with pytest.raises(StepUpNeeded):
        export_roster(actor=factories.actor(office), **given)
    with pytest.raises(NotAllowed):
        export_roster(actor=factories.fresh_actor(teacher), **given)
    assert not AuditEntry.objects.filter(action="roster.exported").exists()

    export_roster(actor=factories.fresh_actor(office), **given)

    assert AuditEntry.objects.get(action="roster.exported").data == {"kind": "students", "rows": 2}
    assert Look.objects.filter(what=LookedAt.EXPORT, viewer=office).count() == 2


def test_another_schools_rows_stay_there(office):
    stranger = factories.StudentFactory()
    other = factories.PersonFactory(school=stranger.school, roles=[Role.REGISTRAR])

    rosters = export_roster(actor=factories.fresh_actor(other), kind=K.STUDENTS, school_year=115, semester=1)

    assert [row["student_no"] for row in rosters[0].rows] == [stranger.account]


@pytest.mark.parametrize("kind", KINDS_ALONE, ids=lambda kind: kind.name)
def test_an_empty_roster_can_be_filled_in(kind):
    sheet, guide = read_workbook(template_book(kind))

    table = read_table(template_book(kind), "blank.xlsx")
    assert set(table.columns) == {column.header for column in KINDS[kind.value].columns}
    assert (len(sheet.rows), len(guide.rows)) == (1, len(KINDS[kind.value].columns) + 1)
    assert all(column.cell in EXAMPLES for column in KINDS[kind.value].columns)


@pytest.mark.parametrize("kind", KINDS_ALONE, ids=lambda kind: kind.name)
def test_the_example_of_a_kind_is_one_that_passes(kind):
    assert check_roster(kind.value, example_of(kind).encode(), "a.csv").errors == ()


def test_an_example_can_be_brought_in(office):
    text = example_of(K.GUARDIANS)

    assert files.import_whole(factories.fresh_actor(office), K.GUARDIANS, text.encode()).state == "applied"


def test_pages_hand_them_out(client, settings, office):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    client.force_login(office.user)

    page = client.get(reverse("rosters:sheets"))
    blank = client.get(reverse("rosters:blank_sheet", args=[K.MARKS.value]))
    asked = client.post(reverse("rosters:export"), {"kind": "students", "school_year": 115, "semester": 1})
    factories.fresh(client)
    given = client.post(reverse("rosters:export"), {"kind": "students", "school_year": 115, "semester": 1})
    wrong = client.post(reverse("rosters:export"), {"kind": "nothing", "school_year": 115, "semester": 1})

    assert (page.status_code, blank.status_code, given.status_code, wrong.status_code) == (200, 200, 200, 422)
    assert asked.status_code != 200
    assert client.get(reverse("rosters:blank_sheet", args=["nothing"])).status_code == 404
    assert read_table(io.BytesIO(given.content).read(), "x.xlsx").rows[0]["學號"] == "1152001"
