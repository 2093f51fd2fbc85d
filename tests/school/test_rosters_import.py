"""Rosters into the database: whole, twice the same, or not at all."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from licheng.foundations.accounts.models import User
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotAllowed, NotFound
from licheng.school.people.models import ClassGroup, Person, Role, RoleGrant, Student
from licheng.school.records.models import Course, Enrolment, Offering
from licheng.school.records.operations.enrolments import credits_of
from licheng.school.rosters.models import RosterChange, RosterImport, RosterKind
from licheng.school.rosters.states import ImportState
from tests import factories
from tests.school import roster_files as files

pytestmark = pytest.mark.django_db
APPLIED, READY, REFUSED = ImportState.APPLIED, ImportState.READY, ImportState.REFUSED


def put(person, kind, text):
    return files.import_whole(factories.fresh_actor(person), kind, text.encode(), "名冊.csv")


@pytest.mark.parametrize("code", files.school_codes())
def test_sample_country_comes_in_whole_and_twice_the_same(code):
    actor = factories.fresh_actor(files.registrar(code))

    first = [files.import_whole(actor, None, d, n) for d, n in (files.sample(code, k) for k in files.KINDS)]
    before = files.counts()
    again = [files.import_whole(actor, None, d, n) for d, n in (files.sample(code, k) for k in files.KINDS)]

    assert [(row.kind, row.state) for row in first] == [(kind, APPLIED) for kind in files.KINDS]
    assert [row.summary["items"][thing]["added"] for row, thing in zip(first, files.THINGS, strict=True)] == [
        row.rows for row in first
    ]
    assert [(row.state, row.added, row.changed) for row in again] == [(APPLIED, 0, 0)] * 5
    assert files.counts() == before


def test_rosters_make_people_classes_courses_and_enrolments():
    person = files.registrar()

    results = files.bring_in(person)

    assert [(row.state, row.changed, row.removed) for row in results] == [(APPLIED, 0, 0)] * 5
    assert [row.added for row in results] == [2, 2, 2, 2, 3]  # two enrolments in one offering
    student = Student.objects.select_related("person__user", "class_group__homeroom_teacher").get(
        person__account="1152001"
    )
    assert (student.id_number, student.birth_date.isoformat(), student.gender, student.seat_no) == (
        "N200020015",
        "2010-11-18",
        "2",
        1,
    )
    assert b"N200020015" not in bytes(student.id_number_sealed)
    assert (student.class_group.name, student.class_group.homeroom_teacher.account) == ("商一甲", "t1")
    assert student.person.user.login == "070406:1152001"
    assert not student.person.user.has_usable_password()
    enrolment = Enrolment.objects.select_related("offering__course").get(student=student.person)
    assert (enrolment.grade, enrolment.credits, enrolment.offering.section) == (1, 3, "商一甲")
    assert [teacher.account for teacher in enrolment.offering.teachers.all()] == ["t1"]
    assert set(RoleGrant.objects.filter(person__account="t1").values_list("role", flat=True)) == {
        Role.TEACHER,
        Role.HOMEROOM,
    }
    assert AuditEntry.objects.filter(action="roster.imported", person_id=person.pk).count() == 5


def test_import_writes_changes_over_what_was_known():
    person = files.registrar()
    files.bring_in(person)
    student = Student.objects.get(person__account="1152002")
    sealed, key = bytes(student.id_number_sealed), student.subject_key

    students = put(
        person, RosterKind.STUDENTS, files.STUDENTS.replace("周廷,男,1,商一甲,02", "周庭,男,2,商二甲,09")
    )
    courses = put(person, RosterKind.COURSE_CODES, files.COURSES.replace("340000", "440000"))
    enrolments = put(person, RosterKind.ENROLMENTS, files.ENROLMENTS.replace(",t1", ",t1、t2"))
    classes = put(person, RosterKind.CLASSES, files.CLASSES.replace("商一甲,t1", "商一甲,t2"))

    student.refresh_from_db()
    assert (students.added, students.changed) == (0, 1)
    assert (student.person.name, student.class_group.name, student.seat_no) == ("周庭", "商二甲", 9)
    assert User.objects.get(login="070406:1152002").name == "周庭"
    assert (bytes(student.id_number_sealed), student.subject_key) == (sealed, key)
    assert (courses.added, courses.changed) == (0, 1)
    assert (enrolments.added, enrolments.changed) == (0, 3)  # two enrolments and their offering's teachers
    assert sorted(Offering.objects.get().teachers.values_list("account", flat=True)) == ["t1", "t2"]
    assert {e.student.account: (e.grade, e.credits) for e in Enrolment.objects.select_related("student")} == {
        "1152001": (1, 4),
        "1152002": (2, 0),
    }
    assert (classes.added, classes.changed) == (0, 1)
    assert ClassGroup.objects.get(name="商一甲").homeroom_teacher.account == "t2"


def test_a_corrected_id_number_is_sealed_anew():
    person = files.registrar()
    files.bring_in(person)

    result = put(person, RosterKind.STUDENTS, files.STUDENTS.replace("M100020021", "B200020033"))

    assert (result.state, result.changed) == (APPLIED, 1)
    assert Student.objects.get(person__account="1152002").id_number == "B200020033"


def test_staff_hold_the_roles_of_the_roster_and_nobody_locks_herself_out():
    person = files.registrar()
    put(person, RosterKind.STAFF, files.STAFF)
    yesterday = timezone.localdate() - timedelta(days=1)

    result = put(person, RosterKind.STAFF, "帳號,姓名,職務\nt1,林老師,任課教師\noffice,註冊組長,任課教師\n")
    back = put(person, RosterKind.STAFF, "帳號,姓名,職務\nt1,林老師,任課教師、導師\n")

    assert (result.added, result.changed) == (0, 2)
    assert factories.actor(person).roles == {Role.REGISTRAR, Role.ADMINISTRATOR, Role.TEACHER}
    assert AuditEntry.objects.filter(action="roles.replaced", data__ended=["homeroom"]).count() == 1
    assert (back.changed, RoleGrant.objects.filter(until=yesterday).count()) == (1, 0)
    assert factories.actor(Person.objects.get(account="t1")).roles == {Role.TEACHER, Role.HOMEROOM}


def test_roles_are_read_from_chinese_words_whatever_the_page_language():
    person = files.registrar()

    with translation.override("en"):
        result = put(person, RosterKind.STAFF, files.STAFF)

    assert result.state == APPLIED
    assert RoleGrant.objects.filter(person__account="t2", role=Role.REGISTRAR).exists()


BAD_ROWS = [
    (
        RosterKind.STUDENTS,
        files.STUDENT_HEAD + "N200020015,0991118,1152001,林宜,女,1,沒有班,01,070406\n",
        "班級",
    ),
    (
        RosterKind.STUDENTS,
        files.STUDENT_HEAD + "N200020015,0991118,1152001,林宜,女,1,商一甲,01,064308\n",
        "學校代碼",
    ),
    (
        RosterKind.STUDENTS,
        files.STUDENT_HEAD + "N200020015,0991118,1152001,林宜,女,1,商一甲,01,999999\n",
        "學校代碼",
    ),
    (
        RosterKind.STUDENTS,
        files.STUDENT_HEAD + "N200020015,0991118,1152009,林宜,女,1,商一甲,01,070406\n",
        "身分證號",
    ),
    (
        RosterKind.STUDENTS,
        files.STUDENT_HEAD + "A123456789,0991118,office,林宜,女,1,商一甲,01,070406\n",
        "學號",
    ),
    (
        RosterKind.STUDENTS,
        files.STUDENT_HEAD + "A123456788,0991118,1152009,林宜,女,1,商一甲,01,070406\n",
        "身分證號",
    ),
    (RosterKind.STAFF, "帳號,姓名,職務\n1152001,林宜,任課教師\n", "帳號"),
    (RosterKind.STAFF, "帳號,姓名,職務\nabcdefghijklmnopqrstu,林宜,任課教師\n", "帳號"),
    (RosterKind.STAFF, "帳號,姓名,職務\nt9,林宜,校長\n", "職務"),
    (RosterKind.CLASSES, "學年度,年級,班級,導師帳號\n115,1,商一乙,nobody\n", "導師帳號"),
    (RosterKind.CLASSES, "學年度,年級,班級,導師帳號\n114,1,商一乙,t1\n", "學年度"),
    (RosterKind.COURSE_CODES, "115064308V2640101010101, 國語文, 340000\n", "課程代碼"),
    (
        RosterKind.ENROLMENTS,
        files.ENROLMENT_HEAD + "115,1,115070406V2640101010199,國語文,商一甲,1152001,t1\n",
        "課程代碼",
    ),
    (
        RosterKind.ENROLMENTS,
        files.ENROLMENT_HEAD + "115,1,115064308M1119701010101,國語文,商一甲,1152001,t1\n",
        "課程代碼",
    ),
    (
        RosterKind.ENROLMENTS,
        files.ENROLMENT_HEAD + "115,1,115070406V2640101010101,國語文,商一甲,9999999,t1\n",
        "學號",
    ),
    (
        RosterKind.ENROLMENTS,
        files.ENROLMENT_HEAD + "115,2,115070406V2640101010101,國語文,商一甲,1152001,t1\n",
        "學期",
    ),
    (
        RosterKind.ENROLMENTS,
        files.ENROLMENT_HEAD + "115,1,115070406V2640101010101,國語文,商一甲,1152001,tx\n",
        "任課教師帳號",
    ),
]


GOOD_ROW = {
    RosterKind.STUDENTS: "B200020033,0991118,1152003,李安,女,1,商一甲,03,070406\n",
    RosterKind.STAFF: "t7,王老師,任課教師\n",
    RosterKind.CLASSES: "115,3,商三甲,t1\n",
    RosterKind.COURSE_CODES: "115070406V2640101010103, 數學, 220000\n",
    RosterKind.ENROLMENTS: "115,1,115070406V2640101010102,英語文,商一甲,1152001,t1\n",
}


def test_one_wrong_row_refuses_the_file_and_names_row_and_column():
    person = files.registrar()
    files.bring_in(person)
    before, told, expected = files.counts(), {}, {}

    for number, (kind, text, column) in enumerate(BAD_ROWS):
        result = put(person, kind, text + GOOD_ROW[kind])
        errors = [issue for issue in result.issues if issue["severity"] == "error"]
        places = [(issue["row"], issue["column"]) for issue in errors]
        counts = (result.rows, result.accepted, result.added, result.changed)
        refusals = AuditEntry.objects.filter(action="roster.refused", subject_id=str(result.pk)).count()
        told[f"{kind}-{number}"] = (result.state, places, counts, refusals)
        row = 1 if kind == RosterKind.COURSE_CODES else 2
        expected[f"{kind}-{number}"] = (REFUSED, [(row, column)], (2, 1, 0, 0), 1)
        assert "A123456788" not in str(result.issues)

    assert told == expected
    assert files.counts() == before


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "file-empty"),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", None),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", None),
        (b"PK\x03\x04" + b"\x00" * 60, None),
        ("天氣,溫度\n晴,30\n".encode(), None),
    ],
)
def test_a_file_that_is_no_roster_is_refused_whole(data, rule):
    person = files.registrar()
    before = files.counts()

    result = files.import_whole(factories.fresh_actor(person), RosterKind.STUDENTS, data, "students.csv")

    errors = [issue for issue in result.issues if issue["severity"] == "error"]
    assert (result.state, result.accepted, files.counts()) == (REFUSED, 0, before)
    assert errors
    assert all(issue["text_zh"] for issue in errors)
    assert rule is None or [issue["rule"] for issue in errors] == [rule]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp950", "utf-16", "utf-16-le", "utf-8"])
def test_every_usual_encoding_is_read_right(encoding):
    person = files.registrar()
    files.bring_in(person, RosterKind.STAFF, RosterKind.CLASSES)

    result = files.import_whole(factories.fresh_actor(person), None, files.STUDENTS.encode(encoding), "a.csv")

    assert (result.kind, result.state, result.added) == (RosterKind.STUDENTS, APPLIED, 2)
    assert Person.objects.get(account="1152001").name == "林宜"


def test_lost_zeros_and_title_rows_are_put_right():
    person = files.registrar()
    files.bring_in(person, RosterKind.STAFF, RosterKind.CLASSES)
    text = "115學年度 學生資料名冊,,,,,,,,\n列印日期：115/09/01,,,,,,,,\n" + files.STUDENTS.replace(
        ",070406", ",70406"
    ).replace("0991118", "991118")

    result = put(person, None, text)

    assert (result.state, result.added) == (APPLIED, 2)
    assert {issue["severity"] for issue in result.issues} == {"repaired"}
    assert Student.objects.get(person__account="1152001").birth_date.isoformat() == "2010-11-18"


def test_import_without_kind_asks_when_the_file_does_not_tell():
    person = files.registrar()

    no_header = put(person, None, "天氣,溫度\n晴,30\n")
    no_kind = put(person, None, "學號,備註\n1152001,轉學\n")

    assert [(row.kind, row.state) for row in (no_header, no_kind)] == [("", REFUSED)] * 2
    assert [row.issues[0]["rule"] for row in (no_header, no_kind)] == ["header-missing", "kind-unknown"]
    assert "種類未定的名冊" in str(no_kind.kind_label)


def test_only_the_office_imports():
    person = files.registrar()
    teacher = factories.PersonFactory(school=person.school, roles=[Role.TEACHER])
    student = factories.StudentFactory(school=person.school)
    before = files.counts()

    for other in (teacher, student):
        with pytest.raises(NotAllowed):
            put(other, RosterKind.STAFF, files.STAFF)
    with pytest.raises(NotFound):
        files.preview(Actor.system("clock", person.school_id), RosterKind.STAFF, b"x")

    assert (files.counts(), RosterImport.objects.count()) == (before, 0)


def test_a_preview_writes_nothing_of_the_roster():
    person = files.registrar()
    before = files.counts()

    roster = files.preview(factories.fresh_actor(person), None, files.STAFF.encode(), "staff.csv")

    assert (roster.kind, roster.rows, roster.accepted, roster.state) == (RosterKind.STAFF, 2, 2, READY)
    assert (roster.added, roster.changed, roster.removed) == (2, 0, 0)
    assert (files.counts(), RosterChange.objects.count()) == (before, 0)


def test_import_reaches_its_own_school_only():
    other = files.registrar("064308")
    person = files.registrar()

    files.bring_in(person)

    assert Person.objects.filter(school=other.school).count() == 1
    assert Course.objects.filter(school=other.school).count() == 0


@pytest.mark.parametrize(
    ("text", "grade", "semester", "worth"),
    [
        ("123456", 1, 1, 1),
        ("123456", 1, 2, 2),
        ("123456", 3, 2, 6),
        ("0000AT", 3, 1, 1),
        ("0000AT", 3, 2, 12),
        ("123456", 1, 3, 0),
        ("123456", 4, 1, 0),
    ],
)
def test_credits_are_those_of_the_students_own_semester(text, grade, semester, worth):
    assert credits_of(text, grade, semester) == worth


def test_too_many_findings_are_cut_with_a_word():
    person = files.registrar()
    rows = "".join(f"N200020015,x,{n},,女,9,沒有班,x,070406\n" for n in range(600))

    result = put(person, RosterKind.STUDENTS, files.STUDENT_HEAD + rows)

    assert (result.state, len(result.issues)) == (REFUSED, 2_001)
    assert result.issues[0]["rule"] == "issues-not-all-kept"
    assert int(result.issues[0]["value"]) > 2_000
