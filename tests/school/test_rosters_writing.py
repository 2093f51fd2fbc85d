"""What every kind of roster writes, what a whole one takes away, and what refuses a file that looked right."""

import io
from decimal import Decimal

import polars as pl
import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licheng.foundations import fence
from licheng.foundations.bulk import Written, put_rows, unheld
from licheng.foundations.errors import Invalid
from licheng.school.people.models import ClassGroup, GuardianContact, Person, Role, Student
from licheng.school.people.operations.incoming import Roster
from licheng.school.records.models import (
    BorrowedStudy,
    CadreRecord,
    Course,
    CourseMark,
    Enrolment,
    Offering,
    StudentTerm,
)
from licheng.school.records.operations.marks import put_marks
from licheng.school.rosters.models import RosterKind as K
from licheng.school.rosters.models import RosterMode
from licheng.school.rosters.states import ImportState
from tests import factories
from tests.school import roster_files as files
from tests.school import roster_samples as samples
from tests.test_fence import as_application

pytestmark = pytest.mark.django_db
WHOLE = {"mode": RosterMode.REPLACE}


@pytest.fixture
def office():
    """Who imports, at a school as the smallest of the five lists would make it."""
    return samples.small_school()


def put(person, kind, text, **more):
    roster = files.import_whole(factories.fresh_actor(person), kind, text.encode(), **more)
    errors = [issue["text_zh"] for issue in roster.issues if issue["severity"] == "error"]
    assert (roster.state, errors) == (ImportState.APPLIED, [])
    return roster


def refused(person, kind, text, **more):
    roster = files.import_whole(factories.fresh_actor(person), kind, text.encode(), **more)
    assert roster.state == ImportState.REFUSED
    return [issue for issue in roster.issues if issue["severity"] == "error"]


MODELS = {
    K.GUARDIANS: GuardianContact,
    K.TERMS: StudentTerm,
    K.BORROWED: BorrowedStudy,
    K.CADRES: CadreRecord,
}


@pytest.mark.parametrize("kind", samples.TEXTS, ids=lambda kind: kind.name)
def test_every_kind_comes_in_and_twice_changes_nothing(office, kind):
    model = MODELS.get(kind, CourseMark)

    first = put(office, kind, samples.TEXTS[kind])
    rows = list(model.objects.order_by("pk").values())
    again = put(office, kind, samples.TEXTS[kind])

    assert first.added == len(rows) == samples.TEXTS[kind].count("\n") - 1
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    assert list(model.objects.order_by("pk").values()) == rows


def test_a_mark_holds_what_the_sheet_says(office):
    put(office, K.MARKS, samples.TEXTS[K.MARKS])

    mark = CourseMark.objects.get(student__account="1152002")
    assert (mark.sheet, mark.is_evening, mark.taken_year, mark.taken_semester) == ("semester", False, 115, 1)
    assert (mark.score, mark.passed, mark.exam_score, mark.exam_passed) == (
        Decimal(45),
        False,
        Decimal(60),
        True,
    )
    assert (mark.credits, mark.counting, mark.remark, mark.manner) == (3, 1, "努力", "")
    without = CourseMark.objects.get(course_code=samples.OTHER)
    assert (without.score, without.passed, without.exam_score, without.counting) == (None, None, None, 2)


def test_a_column_that_the_file_lacks_keeps_what_was_known(office):
    put(office, K.MARKS, samples.TEXTS[K.MARKS])
    shorter = "\n".join(line.rpartition(",")[0] for line in samples.TEXTS[K.MARKS].splitlines())

    again = put(office, K.MARKS, shorter.replace("45,0,60", "44,0,60"))

    assert (again.added, again.changed) == (0, 1)
    mark = CourseMark.objects.get(student__account="1152002")
    assert (mark.score, mark.remark) == (Decimal(44), "努力")


def test_a_student_of_another_school_is_nobody_here(office):
    stranger = factories.StudentFactory()
    text = samples.TEXTS[K.MARKS].replace(samples.SECOND, "B200020033")
    Student.objects.filter(person=stranger).update(
        id_number_index=Student.objects.get(person__account="1152002").id_number_index
    )

    errors = refused(office, K.MARKS, text)

    assert [(issue["row"], issue["column"], issue["rule"]) for issue in errors] == [
        (3, "身分證號", "student-unknown")
    ]
    assert "B200020033" not in str(errors)
    assert not CourseMark.objects.exists()


@pytest.mark.parametrize("text", [samples.TEXTS[K.MARKS].replace(",115,1,", ",115,2,")], ids=["semester"])
def test_a_roster_of_another_semester_is_refused(office, text):
    assert {issue["column"] for issue in refused(office, K.MARKS, text)} == {"學期"}


def roster(office, rows, **more):
    lines = [{"_row": number, **row} for number, row in enumerate(rows, start=2)]
    return Roster("學期成績", pl.DataFrame(lines), office.school, 115, 1, **more)


MARK = {
    "national_id": samples.FIRST,
    "course_code": samples.CODE,
    "course_name": "國語文",
    "grade": 1,
    "credits": 3,
}


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ([MARK, MARK | {"score": 60}], "第 2 列、第 3 列"),
        ([MARK, MARK | {"national_id": "A100000001"}], "第 3 列"),
        ([MARK, MARK | {"course_code": samples.OTHER, "school_year": 114}], "第 3 列"),
        ([MARK | {"semester": 2}], "第 2 列"),
    ],
    ids=["twice", "nobody", "year", "semester"],
)
def test_what_only_the_database_knows_names_the_row(office, rows, where):
    with pytest.raises(Invalid) as refusal:
        put_marks(roster(office, rows))

    assert refusal.value.data["field"] == where
    assert not CourseMark.objects.exists()


def test_a_whole_sheet_takes_away_its_own_rows_alone(office):
    for kind in (K.MARKS, K.REPEAT, K.EVENING_MARKS):
        put(office, kind, samples.TEXTS[kind])
    lines = samples.TEXTS[K.MARKS].splitlines(keepends=True)
    text = "".join([lines[0], lines[2]])

    result = put(office, K.MARKS, text, **WHOLE)

    assert (result.added, result.changed, result.removed) == (0, 0, 1)
    kept = CourseMark.objects.order_by("pk").values_list("student__account", "sheet", "is_evening")
    assert set(kept) == {
        ("1152002", "semester", False),
        ("1152001", "repeat", False),
        ("1152001", "semester", True),
    }


def test_a_whole_enrolment_roster_keeps_what_outcomes_hang_on(office, settings):
    from tests.school.items import stored_file
    from tests.world import outcome_in

    put(office, K.ENROLMENTS, files.ENROLMENTS + "115,1,115070406V2640101010102,英語文,商一甲,1152002,t1\n")
    held = Enrolment.objects.get(student__account="1152002", offering__course__name="國語文")
    files_of = {
        "document": stored_file(held.student),
        "media": stored_file(held.student, "speech.mp3", "media"),
    }
    outcome_in("draft", held, files_of)
    only_first = files.ENROLMENT_HEAD + "115,1,115070406V2640101010101,國語文,商一甲,1152001,t1\n"

    put(office, K.ENROLMENTS, only_first, **WHOLE)

    assert set(Enrolment.objects.values_list("student__account", "offering__course__name")) == {
        ("1152001", "國語文"),
        ("1152002", "國語文"),
    }
    assert list(Offering.objects.values_list("course__name", flat=True)) == ["國語文"]


def test_co_teachers_come_in_their_own_column(office):
    head = files.ENROLMENT_HEAD.strip() + ",協同教師帳號\n"
    row = "115,1,115070406V2640101010101,國語文,商一甲,1152001,t1,{}\n"

    put(office, K.ENROLMENTS, head + row.format("t2"))
    offering = Offering.objects.get()
    assert list(offering.co_teachers.values_list("account", flat=True)) == ["t2"]

    put(office, K.ENROLMENTS, files.ENROLMENTS)  # says nothing of co-teachers
    assert offering.co_teachers.count() == 1
    put(office, K.ENROLMENTS, head + row.format(""))
    assert offering.co_teachers.count() == 0


def test_whom_a_whole_list_does_not_name_has_left(office):
    only_first = "\n".join(files.STUDENTS.splitlines()[:2]) + "\n"

    students = put(office, K.STUDENTS, only_first, **WHOLE)
    staff = put(office, K.STAFF, "帳號,姓名,職務\nt1,林老師,任課教師、導師\n", **WHOLE)

    assert (students.removed, staff.removed) == (1, 1)
    left = Person.objects.exclude(left_on=None).order_by("account").values_list("account", flat=True)
    assert list(left) == ["1152002", "t2"]


def test_only_an_administrator_has_staff_leave(office):
    office.roles.filter(role=Role.ADMINISTRATOR).delete()

    errors = refused(office, K.STAFF, "帳號,姓名,職務\nt1,林老師,任課教師、導師\n", **WHOLE)

    assert "離校" in errors[0]["text_zh"]
    assert not Person.objects.exclude(left_on=None).exists()


def test_a_whole_list_of_classes_or_courses_keeps_what_is_in_use(office):
    put(office, K.CLASSES, "學年度,年級,班級,導師帳號\n115,3,商三甲,\n", **WHOLE)
    put(office, K.COURSE_CODES, "115070406V2640101010103, 數學, 220000\n", **WHOLE)

    assert set(ClassGroup.objects.values_list("name", flat=True)) == {"商一甲", "商三甲"}  # 商二甲 was empty
    assert set(Course.objects.values_list("name", flat=True)) == {"國語文", "數學"}


def test_a_pass_mark_stays_when_the_list_does_not_say(office):
    lines = files.STUDENTS.splitlines()
    put(office, K.STUDENTS, "\n".join([lines[0] + ",及格標準", lines[1] + ",50", lines[2] + ",60"]))
    put(office, K.STUDENTS, files.STUDENTS)

    assert dict(Student.objects.values_list("person__account", "pass_mark")) == {"1152001": 50, "1152002": 60}


@pytest.mark.parametrize("number", [3, 2_000])
def test_rows_cost_the_same_statements_however_many(office, number):
    rows = [MARK | {"course_code": f"{n:023d}"} for n in range(number)]

    with CaptureQueriesContext(connection) as asked:
        first = put_marks(roster(office, rows))
    with CaptureQueriesContext(connection) as asked_again:
        changed = put_marks(roster(office, [row | {"score": 60.5} for row in rows]))

    assert (first, changed) == (Written(number, 0), Written(0, number))
    assert (len(asked), len(asked_again)) == (6, 10)


def test_texts_with_everything_come_back_as_they_were(office):
    odd = 'a,"b"\n=1+1\\N\t𠮷 \r\n;'
    rows = [MARK | {"remark": odd}, MARK | {"course_code": samples.OTHER, "remark": None}]

    put_marks(roster(office, rows))

    assert set(CourseMark.objects.values_list("remark", flat=True)) == {odd, ""}


def test_nothing_that_another_row_points_at_is_free(office):
    free = unheld(Course.objects.all())

    assert list(free.values_list("name", flat=True)) == ["英語文"]
    assert put_rows(Course, pl.DataFrame(), key=["id"]) == Written(0, 0)


def book_of(*texts):
    """A workbook with a sheet for each CSV."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        for text in texts:
            sheet = book.add_worksheet()
            for number, line in enumerate(text.splitlines()):
                for place, cell in enumerate(line.split(",")):
                    sheet.write_string(number, place, cell)
    return stream.getvalue()


def test_a_workbook_brings_every_sheet_in(office):
    data = book_of(samples.TEXTS[K.RETAKE], samples.TEXTS[K.MARKS], samples.TEXTS[K.CADRES])

    result = files.import_whole(factories.fresh_actor(office), K.WORKBOOK, data, "marks.xlsx")

    assert (result.state, result.added) == (ImportState.APPLIED, 6)
    assert (CourseMark.objects.count(), CadreRecord.objects.count()) == (4, 2)


def test_a_workbook_is_no_way_around_for_the_schools_own_lists(office):
    data = book_of(samples.TEXTS[K.MARKS], "帳號,姓名,職務\nt9,新老師,系統管理員\n")

    result = files.import_whole(factories.fresh_actor(office), K.WORKBOOK, data, "marks.xlsx")

    assert result.state == ImportState.REFUSED
    assert not Person.objects.filter(account="t9").exists()
    assert not CourseMark.objects.exists()


def test_the_same_student_twice_on_two_sheets_is_one_row_too_many(office):
    reports = files.import_whole(
        factories.fresh_actor(office),
        K.WORKBOOK,
        book_of(samples.TEXTS[K.MARKS], samples.TEXTS[K.MARKS]),
        "marks.xlsx",
    )

    assert reports.state == ImportState.REFUSED
    assert not CourseMark.objects.exists()


def test_rosters_are_written_behind_the_fence(office):
    other = factories.StudentFactory()
    with as_application(), fence.inside(office.school_id):
        first = put(office, K.MARKS, samples.TEXTS[K.MARKS])
        put(office, K.ENROLMENTS, files.ENROLMENTS, **WHOLE)
        put(office, K.STUDENTS, files.STUDENTS.replace("林宜", "林怡"), **WHOLE)

    assert (first.added, CourseMark.objects.count()) == (3, 3)
    assert set(Person.objects.filter(is_student=True).values_list("name", "left_on")) == {
        ("林怡", None),
        ("周廷", None),
        (other.name, None),
    }


def test_what_only_the_database_knows_names_the_sheet_too(office):
    first = files.STUDENT_HEAD + "B200020033,0991118,1152003,王一,女,1,商一甲,03,070406\n"
    second = files.STUDENT_HEAD + f"{samples.FIRST},0991118,1152004,王二,女,1,商一甲,04,070406\n"

    roster = files.preview(factories.fresh_actor(office), K.STUDENTS, book_of(first, second), "classes.xlsx")

    assert [(one["sheet"], one["row"], one["rule"]) for one in roster.issues] == [
        ("Sheet2", 2, "national-id-other-student")
    ]
    assert (roster.rows, roster.accepted) == (2, 1)


def test_a_code_of_its_own_for_the_evening_division_is_asked_about_and_let_in(office):
    text = samples.TEXTS[K.EVENING_MARKS].replace(files.CODE, "070F06")

    roster = files.import_whole(factories.fresh_actor(office), K.EVENING_MARKS, text.encode())

    assert {(one["rule"], one["severity"]) for one in roster.issues} == {
        ("school-code-evening", "warning"),
        ("course-code-school", "warning"),
    }
    assert (roster.state, roster.added) == (ImportState.APPLIED, 1)
