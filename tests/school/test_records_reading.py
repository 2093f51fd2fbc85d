"""Pages of course records: whom they show what, files of them, and how many queries they take."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.audit.models import AuditEntry
from licheng.school.people.models import Look, LookedAt, Role
from licheng.school.records.models import CadreRecord, CourseMark, Sheet
from tests.factories import (
    ClassGroupFactory,
    CourseFactory,
    EnrolmentFactory,
    OfferingFactory,
    PersonFactory,
    SchoolFactory,
    StudentFactory,
    fresh,
)
from tests.pages import faults_in
from tests.relations_world import guardian
from tests.school.record_cases import code_of, mark
from tests.world import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def school_site(settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"


def as_(person):
    client = Client()
    client.force_login(person.user)
    return client


def url(name, *more):
    return reverse(f"records:{name}", args=more)


def text(answer):
    return answer.content.decode()


def class_with(students, marks):
    """A class of so many students with so many marks each, and its homeroom teacher."""
    school = SchoolFactory()
    homeroom = PersonFactory(school=school, roles=[Role.HOMEROOM])
    group = ClassGroupFactory(school=school, homeroom_teacher=homeroom)
    people = [StudentFactory(school=school, profile__class_group=group) for _one in range(students)]
    CourseMark.objects.bulk_create(
        mark(one, name=f"科目{n}", course_code=code_of(one, n), score=60 + n % 40)
        for one in people
        for n in range(marks)
    )
    return group, homeroom, people


@pytest.mark.parametrize(("students", "marks"), [(1, 3), (3, 100)])
def test_pages_take_the_same_queries_however_much_there_is(students, marks, django_assert_max_num_queries):
    group, homeroom, people = class_with(students, marks)
    offering = OfferingFactory(
        school=group.school, course=CourseFactory(school=group.school, code=code_of(people[0], 1)),
        teachers=[teacher := PersonFactory(school=group.school, roles=[Role.TEACHER])],
    )  # fmt: skip
    for one in people:
        EnrolmentFactory(school=group.school, offering=offering, student=one)

    for who, address in (
        (people[0], url("mine")),
        (homeroom, url("class", group.pk)),
        (homeroom, url("student", people[0].pk)),
        (homeroom, url("board")),
        (teacher, url("course", offering.pk)),
    ):
        client = as_(who)
        with django_assert_max_num_queries(12):
            answer = client.get(address)
        assert answer.status_code == 200, address
        assert faults_in(text(answer)) == []


@pytest.mark.parametrize("count", [3, 300])
def test_the_board_takes_the_same_queries_however_many_courses(count, django_assert_max_num_queries):
    registrar = PersonFactory(school=SchoolFactory(), roles=[Role.REGISTRAR])
    teacher, course = PersonFactory(school=registrar.school), CourseFactory(school=registrar.school)
    for number in range(count):
        OfferingFactory(school=registrar.school, course=course, section=f"{number}班", teachers=[teacher])
    client = as_(registrar)

    with django_assert_max_num_queries(12):
        answer = client.get(url("board"))

    assert text(answer).count(teacher.name) == min(count, 50)


def test_a_student_reads_her_own_marks_and_takes_them_along():
    student = StudentFactory(name="王品妍")
    mark(student, name="=國語文", score=85).save()
    mark(student, Sheet.RETAKE, score=70, school_year=116).save()
    day = timezone.localdate()
    CadreRecord.objects.create(
        school=student.school, student=student, school_year=115, semester=1, unit="一年三班", duty="班長", level="2",
        since=day, until=day,
    )  # fmt: skip
    client = as_(student)

    page = text(client.get(url("mine")))
    rows = list(csv.reader(io.StringIO(text(client.get(url("mine_csv"))).removeprefix("\ufeff"))))

    assert all(word in page for word in ("115 學年度第 1 學期", "85", "重修成績", "班長", "這些數字怎麼算"))
    assert (rows[1][:2], rows[1][3], rows[1][5:8]) == (["115", "1"], "'=國語文", ["85", "及格", "2"])
    assert Look.objects.count() == 0
    assert (
        as_(PersonFactory(school=student.school, roles=[Role.REGISTRAR])).get(url("mine")).status_code == 404
    )


def test_an_empty_school_has_kind_pages():
    registrar = PersonFactory(school=SchoolFactory(), roles=[Role.REGISTRAR])
    student = StudentFactory(school=registrar.school)
    client = as_(registrar)

    assert "還沒有成績" in text(as_(student).get(url("mine")))
    assert "這學期沒有您看得到的課程" in text(client.get(url("board")))
    assert "這學期還沒有成績" in text(client.get(url("class", student.student.class_group_id)))
    assert "還沒有校內幹部經歷" in text(client.get(url("student", student.pk)))
    empty = OfferingFactory(school=registrar.school)
    assert "這門課還沒有學生" in text(client.get(url("course", empty.pk)))
    assert (
        as_(PersonFactory(school=registrar.school, roles=[Role.DATA_QUERY])).get(url("board")).status_code
        == 403
    )


def test_a_teacher_sees_her_course_and_nothing_else_of_its_students():
    made = make_world().here
    owner, offering = made.cast["owner"], made.own["Offering"]
    mark(owner, name="別人的課", course_code=code_of(owner, 77)).save()
    co_teacher = PersonFactory(school=made.school)
    offering.co_teachers.add(co_teacher)

    for who in (made.cast["teacher"], co_teacher):
        page = text(as_(who).get(url("course", offering.pk)))
        assert (owner.name in page, "85" in page, "別人的課" in page) == (True, True, False)
        assert as_(who).get(url("student", owner.pk)).status_code == 404
    assert as_(made.cast["other_teacher"]).get(url("course", offering.pk)).status_code == 404
    assert set(Look.objects.values_list("viewer", "capacity", "what")) == {
        (made.cast["teacher"].pk, "teacher", LookedAt.RECORDS),
        (co_teacher.pk, "teacher", LookedAt.RECORDS),
    }


def test_basics_of_the_semester_are_not_for_guardians_and_counsellors():
    made = make_world().here
    owner = made.cast["owner"]
    parent = made.cast["linked_guardian"]

    assert "學期學生資料" in text(as_(made.cast["homeroom"]).get(url("student", owner.pk)))
    page = text(as_(parent).get(url("student", owner.pk)))
    assert ("85" in page, "班長" in page, "學期學生資料" in page) == (True, True, False)
    assert url("student", owner.pk) in text(as_(parent).get(reverse("ward", args=[owner.pk])))
    assert as_(guardian(made.cast["classmate"])).get(url("student", owner.pk)).status_code == 404
    assert url("student", owner.pk) in text(
        as_(made.cast["registrar"]).get(reverse("people:student", args=[owner.pk]))
    )
    submitter = as_(made.cast["outcome_submitter"]).get(reverse("people:student", args=[owner.pk]))
    assert url("student", owner.pk) not in text(submitter)


def test_files_of_others_want_identity_again_and_are_written_down():
    group, homeroom, (student, _other) = class_with(2, 2)
    CourseMark.objects.filter(student=student).update(course_name="@cmd")
    client = as_(homeroom)
    address = url("class_csv", group.pk)

    assert client.post(address, {"semester": "115-1"})["Location"].startswith(reverse("step_up"))
    answer = fresh(client).post(address, {"semester": "115-1"})

    rows = list(csv.reader(io.StringIO(text(answer).removeprefix("\ufeff"))))
    assert (len(rows), rows[1][0], rows[1][6]) == (5, student.account, "'@cmd")
    assert AuditEntry.objects.get(action="records.class_exported").data == {"rows": 4, "term": "115-1"}
    assert Look.objects.filter(student=student, viewer=homeroom, what=LookedAt.EXPORT).count() == 1
    assert fresh(as_(student)).post(address).status_code == 404


def test_a_course_file_holds_its_students():
    made = make_world().here
    teacher, address = as_(made.cast["teacher"]), url("course_csv", made.own["Offering"].pk)

    assert teacher.post(address)["Location"].startswith(reverse("step_up"))
    answer = fresh(teacher).post(address)

    assert AuditEntry.objects.get(action="records.course_exported").data == {"rows": 1}
    rows = list(csv.reader(io.StringIO(text(answer).removeprefix("\ufeff"))))
    assert [row[0] for row in rows[1:]] == [made.cast["owner"].account]
    assert teacher.post(url("course_csv", made.other["Offering"].pk)).status_code == 404


@pytest.mark.parametrize("odd", ["", "115", "x-y", "999-9", "115-1' OR 1=1"])
def test_an_unknown_semester_is_the_latest_one(odd):
    group, homeroom, _students = class_with(1, 1)

    page = text(as_(homeroom).get(url("class", group.pk), {"semester": odd}))

    assert "115 學年度第 1 學期" in page
