"""Whose class it was in which semester, codes in words, and what pages say where nothing is found."""

import csv
import io
from datetime import date

import polars as pl
import pytest
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.school.people.models import Role
from licheng.school.people.operations.incoming import Roster
from licheng.school.records.models import Course, CourseMark, Sheet, StudentTerm
from licheng.school.records.operations.applying import put_courses
from licheng.school.records.queries.classes import class_records, course_records
from licheng.school.records.queries.words import CLASS_TYPES, manner_text, table_word, word_of
from tests.factories import (
    ClassGroupFactory,
    CourseFactory,
    EnrolmentFactory,
    OfferingFactory,
    PersonFactory,
    SchoolFactory,
    StudentFactory,
    actor,
    fresh,
)
from tests.school.counselling_cases import as_, school_with_counsellor
from tests.school.record_cases import CODE, mark

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(settings):
    """A school in the second semester of 115, so that its first one is over."""
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    return SchoolFactory(active_semester=2, kind="V")


def class_of(school, name="甲", **more):
    """A class with a homeroom teacher."""
    homeroom = PersonFactory(school=school, roles=[Role.HOMEROOM])
    return ClassGroupFactory(school=school, name=name, homeroom_teacher=homeroom, **more)


def student_of(group, name, school_year=115, semester=1, **term):
    """A student of the class with a mark in that semester, and what its roster said of her, if anything."""
    student = StudentFactory(school=group.school, profile__class_group=group, name=name)
    place = {"school_year": school_year, "semester": semester}
    mark(student, **place, taken_year=school_year, taken_semester=semester).save()
    if term:
        values = {
            "gender_code": "2", "birth_date": date(2010, 3, 15), "group_code": "23", "department_code": "305",
            "division_code": "1", "class_type": "1", "grade": group.grade, "seat_no": 7, "special_status": "0",
            "admission_way": "免試入學", "enrol_status": "1",
        }  # fmt: skip
        StudentTerm.objects.create(school=group.school, student=student, **place, **(values | term))
    return student


def names(page):
    return [one.person.name for one in page.students]


def test_a_past_semester_shows_who_was_in_the_class_then(school):
    group, other = class_of(school), class_of(school, "乙")
    student_of(group, "留下的", class_name="甲")
    student_of(group, "後來轉入的", class_name="乙")
    student_of(other, "已經轉出的", class_name="甲", seat_no=3)
    gone = student_of(group, "休學的", class_name="甲", seat_no=1)
    gone.left_on = timezone.localdate()
    gone.save()
    registrar = PersonFactory(school=school, roles=[Role.REGISTRAR])

    all_then = class_records(actor(registrar), group.pk, "115-1")
    own_then = class_records(actor(group.homeroom_teacher), group.pk, "115-1")

    assert (names(all_then), all_then.hidden) == (["休學的", "已經轉出的", "留下的"], 0)
    assert [one.place.seat_text for one in all_then.students] == ["1", "3", "7"]
    assert (names(own_then), own_then.hidden) == (["留下的"], 2)
    page = as_(group.homeroom_teacher).get(reverse("records:class", args=[group.pk])).content.decode()
    assert [text in page for text in ("另有 2 位學生當時在這一班", "已經轉出的", "休學的")] == [
        True,
        False,
        False,
    ]


def test_without_that_roster_enrolments_tell_the_class_and_today_is_the_last_resort(school):
    group = class_of(school)
    here, moved = student_of(group, "現在的"), student_of(class_of(school, "乙"), "選過課的")
    today = class_records(actor(group.homeroom_teacher), group.pk, "115-1")
    EnrolmentFactory(
        school=school, student=moved, grade=1, offering=OfferingFactory(school=school, section="甲")
    )

    registrar = PersonFactory(school=school, roles=[Role.REGISTRAR])
    by_courses = class_records(actor(registrar), group.pk, "115-1")

    assert (names(today), today.says) == ([here.name], "以現在的班級名單列出。")
    assert (names(by_courses), "修課名冊" in by_courses.says) == ([moved.name], True)
    assert [(one.place.class_text, one.place.seat_text) for one in by_courses.students] == [("甲", "—")]


def test_years_before_show_todays_class_with_the_classes_of_then(school):
    group = class_of(school, "二甲", grade=2)
    student_of(group, "從丙班來的", school_year=114, class_name="一丙", grade=1)
    student_of(group, "沒有名冊的", school_year=114)
    client = as_(group.homeroom_teacher)

    page = client.get(reverse("records:class", args=[group.pk]), {"semester": "114-1"}).content.decode()
    file = fresh(client).post(reverse("records:class_csv", args=[group.pk]), {"semester": "114-1"})

    rows = list(csv.reader(io.StringIO(file.content.decode().removeprefix("\ufeff"))))
    assert ("當時班級" in page, "一丙" in page, "二甲（現在）" in page) == (True, True, True)
    assert [row[1:4] for row in rows[1:]] == [
        ["從丙班來的", "一丙", "7"],
        ["沒有名冊的", "二甲（現在）", "—"],
    ]


def test_a_class_that_is_over_has_its_own_semesters_alone(school):
    over, group = class_of(school, "一丙", school_year=114), class_of(school, "二甲", grade=2)
    student = student_of(group, "王品妍", school_year=114, class_name="一丙", grade=1)
    mark(student).save()
    registrar = PersonFactory(school=school, roles=[Role.REGISTRAR])
    client = as_(registrar)

    page = class_records(actor(registrar), over.pk, "115-1")
    board = client.get(reverse("records:board"), {"semester": "114-1"}).content.decode()

    assert (page.semester, names(page), len(page.semesters)) == ("114-1", ["王品妍"], 1)
    assert reverse("records:class", args=[over.pk]) + "?semester=114-1" in board
    assert reverse("records:class", args=[group.pk]) not in board
    former = class_records(actor(over.homeroom_teacher), over.pk, "")
    assert (names(former), former.hidden) == ([], 1)


def test_a_past_course_names_the_class_of_its_semester(school):
    group = class_of(school, "甲")
    student = student_of(group, "王品妍", class_name="乙")
    course = CourseFactory(school=school, code=CODE.format(school=school.code))
    past, now = (OfferingFactory(school=school, course=course, semester=number) for number in (1, 2))
    for offering in (past, now):
        EnrolmentFactory(school=school, offering=offering, student=student)

    pages = [course_records(actor(one.teachers.get()), one.pk) for one in (past, now)]

    assert [page.students[0].place.class_text for page in pages] == ["乙", "甲"]
    assert [page.students[0].line is None for page in pages] == [False, True]


def test_a_teacher_of_either_semester_sees_the_years_exam(school):
    group = class_of(school)
    student = student_of(group, "王品妍")
    CourseMark.objects.update(is_evening=True, passed=False)
    exam = {"score": None, "passed": None, "exam_score": 60, "exam_passed": True, "counting": None}
    mark(student, Sheet.EXAM, is_evening=True, semester=2, taken_semester=2, second_credits=2, **exam).save()
    mark(student, Sheet.EXAM, is_evening=True, school_year=114, taken_year=114, **exam).save()
    course = CourseFactory(school=school, code=CODE.format(school=school.code))
    offering = OfferingFactory(school=school, course=course)
    EnrolmentFactory(school=school, offering=offering, student=student)

    (line,) = (one.line for one in course_records(actor(offering.teachers.get()), offering.pk).students)

    assert (str(line.state), [one.when for one in line.attempts]) == ("補考及格", ["115-1", "115-2"])


def test_codes_without_a_public_name_are_called_unknown(school):
    group = class_of(school)
    student = student_of(
        group, "王品妍", class_name="甲", special_status="1,24", division_code="5", class_type="5", enrol_status="1",
        indigenous_group="3", indigenous_status="平原", department_code="9ZZ",
    )  # fmt: skip

    page = as_(student).get(reverse("records:mine")).content.decode()

    words = (
        "電機與電子群",
        "代碼 9ZZ（未知）",
        "代碼 5（未知）",
        "原住民生、代碼 24（未知）",
        "代碼 1（未知）",
        "族別：代碼 3（未知），平原",
    )
    assert [word for word in (*words, "免試入學", "不猜它的意思") if word not in page] == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("1", "一般班"),
        ("n", "非班混齡"),
        ("5", "代碼 5（未知）"),
        ("", "—"),
        ("實驗班", "實驗班"),
        ("<b>", "代碼 <b>（未知）"),
    ],
)
def test_a_code_is_a_word_itself_or_unknown(code, text):
    assert word_of(code, CLASS_TYPES) == text


@pytest.mark.parametrize(
    ("sheet", "column", "code", "text"),
    [
        (Sheet.MAKE_UP, "manner", "3", "專班辦理"),
        (Sheet.MAKE_UP, "manner", "1", "代碼 1（未知）"),
        (Sheet.RETAKE, "manner", "2", "校內，代碼 2（未知）"),
        (Sheet.RETAKE, "manner", "6", "校外，代碼 6（未知）"),
        (Sheet.TRANSFER, "standing", "2", "轉科生"),
        (Sheet.REPEAT, "repeat_mark", "1", "列抵"),
        (Sheet.SEMESTER, "manner", "", ""),
    ],
)
def test_how_a_course_was_taken_is_said_as_far_as_it_is_known(sheet, column, code, text):
    assert manner_text(CourseMark(sheet=sheet, **{column: code})) == text


def test_names_of_groups_follow_the_type_of_school():
    assert (table_word("group", "11", "H"), table_word("group", "11", "M")) == ("學術群", "學術學程")
    assert table_word("group", "23", "X") == "代碼 23（未知）"


def test_courses_that_stay_although_a_whole_file_leaves_them_out_are_named(school):
    clock, held = Actor.system("tests"), CourseFactory(school=school, name="有人修的")
    OfferingFactory(school=school, course=held)
    CourseFactory(school=school, name="沒人修的")
    new = held.code[:-1] + "Z"
    rows = pl.DataFrame({"_row": [2], "course_code": [new], "name": ["新的"], "credits": ["222222"]})

    written = put_courses(clock, Roster("course-codes", rows, school, 115, 1, is_whole=True))

    assert written.kept == (f"{held.code} 有人修的",)
    assert set(Course.objects.values_list("code", flat=True)) == {held.code, new}
    part = put_courses(clock, Roster("course-codes", rows, school, 115, 1))
    assert part.kept == ()


def test_searches_that_find_nothing_say_so_and_lead_on(school):
    group = class_of(school)
    registrar, counsellor = (
        as_(PersonFactory(school=school, roles=[Role.REGISTRAR])),
        school_with_counsellor()[0],
    )
    asked = {
        (registrar, "records:board"): ({"semester": "99-9", "page": "900"}, "這學期沒有您看得到的課程"),
        (as_(counsellor), "counselling:list"): ({"state": "held' OR 1=1", "page": "x"}, "還沒有課程諮詢"),
        (as_(counsellor), "counselling:calendar"): ({"month": "2019-02"}, "這個月沒有課程諮詢"),
    }

    for (client, name), (query, words) in asked.items():
        answer = client.get(reverse(name), query)
        assert (answer.status_code, words in answer.content.decode()) == (200, True), name
    empty = registrar.get(reverse("records:class", args=[group.pk]), {"semester": "115-1"})
    assert "這一班沒有可以列出的學生" in empty.content.decode()


def test_a_past_semester_takes_the_same_queries_however_many_students(school, django_assert_max_num_queries):
    group = class_of(school)
    clients = as_(group.homeroom_teacher), as_(PersonFactory(school=school, roles=[Role.REGISTRAR]))

    for count in (1, 6):
        for number in range(count):
            student_of(group, f"學生{number}", class_name="甲")
        for client in clients:
            with django_assert_max_num_queries(12):
                answer = client.get(reverse("records:class", args=[group.pk]), {"semester": "115-1"})
            assert answer.status_code == 200


def test_courses_one_shares_are_among_ones_duties(school):
    offering = OfferingFactory(school=school, semester=2)
    offering.co_teachers.add(shared := PersonFactory(school=school, roles=[Role.TEACHER]))

    page = as_(shared).get(reverse("records:duties")).content.decode()

    assert f"{offering.course.name}（甲），協同" in page
