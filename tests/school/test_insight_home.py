from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from licheng.school.activities.states import ActivityState as A
from licheng.school.calendar.models import Level, Policy, Window, WindowKind
from licheng.school.insight.queries import student_home
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from licheng.school.receipts.models import ReceiptItem, StudentReceipt
from licheng.school.receipts.states import ReceiptState
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.selection.models import SelectionTally
from licheng.school.submission.models import Batch, ItemKind
from licheng.school.submission.states import BatchState
from tests.factories import (
    SEMESTER,
    YEAR,
    EnrolmentFactory,
    PersonFactory,
    StudentFactory,
    actor,
    open_windows,
)
from tests.relations_world import grant
from tests.school.activity_cases import make_activity
from tests.school.outcomes_cases import make_outcome, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def student(client):
    open_windows()
    student = StudentFactory(name="王品妍")
    client.force_login(student.user)
    return student


def homeroom_of(group):
    group.homeroom_teacher = PersonFactory(school=group.school, roles=[Role.HOMEROOM])
    group.save()
    return group.homeroom_teacher


def outcome_of(student, state, **more):
    return make_outcome(state, EnrolmentFactory(student=student, school=student.school), **more)


def receipt_item(student, state=ReceiptState.OPEN, **more):
    submitter = PersonFactory(school=student.school)
    batch = Batch.objects.create(
        school=student.school,
        school_year=YEAR,
        state=BatchState.RECEIVED,
        sealed_by=submitter,
        package_sha256="0" * 64,
    )
    receipt = StudentReceipt.objects.create(school=student.school, batch=batch, student=student, body=b"{}")
    return ReceiptItem.objects.create(
        school=student.school,
        receipt=receipt,
        student=student,
        kind=ItemKind.OUTCOME,
        item_id=make_outcome(S.RECEIVED).pk,
        title="成果",
        record={},
        state=state,
        comment="不對" if state == ReceiptState.DISPUTED else "",
        **more,
    )


def home(client):
    return client.get("/").content.decode()


def set_closing(kind, left):
    Window.objects.filter(kind=kind).update(closes_at=timezone.now() + left)


def next_key(student):
    return student_home(actor(student), student.school).next.key


@pytest.mark.parametrize("count", [3, 300])
def test_a_students_home_takes_the_same_queries_however_much(
    client, student, count, django_assert_num_queries
):
    enrolment, one = EnrolmentFactory(student=student, school=student.school), stored()
    for _each in range(count // 3):
        make_outcome(S.CERTIFIED, enrolment, one)
        make_outcome(S.RETURNED, enrolment, one)
        make_activity(student, document=one)

    with django_assert_num_queries(11):
        answer = client.get("/")

    assert answer.status_code == 200


def test_the_greeting_says_when_and_where(client, student):
    group = student.student.class_group

    page = home(client)

    assert "王品妍，歡迎回來" in page
    assert f"115 學年度第 1 學期　{group.name} {student.student.seat_no} 號" in page


def test_a_new_student_is_led_to_the_first_outcome(client, student):
    page = home(client)

    assert "從第一件課程學習成果開始" in page
    assert "這裡會看到您的每一件紀錄" in page


def test_the_next_step_goes_from_urgent_to_nothing(client, student):
    returned = outcome_of(student, S.RETURNED)
    draft = outcome_of(student, S.DRAFT)
    certified = outcome_of(student, S.CERTIFIED)
    receipt = receipt_item(student)
    set_closing(WindowKind.CONFIRM, timedelta(days=2))
    seen = [next_key(student)]
    for done, state in ((returned, S.WAITING), (draft, S.WAITING)):
        type(done).objects.filter(pk=done.pk).update(state=state)
        seen.append(next_key(student))
    set_closing(WindowKind.CONFIRM, timedelta(days=9))
    seen.append(next_key(student))
    type(certified).objects.filter(pk=certified.pk).update(state=S.SELECTED)
    seen.append(next_key(student))
    ReceiptItem.objects.filter(pk=receipt.pk).update(state=ReceiptState.CONFIRMED)
    seen.append(next_key(student))

    assert seen == ["mend", "send", "closing", "select", "confirm", "nothing"]


def test_nothing_is_asked_that_a_closed_window_forbids(student):
    outcome_of(student, S.RETURNED)
    outcome_of(student, S.DRAFT)
    outcome_of(student, S.CERTIFIED)
    open_windows(closed=True)

    found = student_home(actor(student), student.school).next
    assert (found.key, found.title, found.url) == ("late", "有 2 件成果沒有送出", "")


def test_the_next_step_says_by_when(client, student):
    outcome_of(student, S.DRAFT)
    set_closing(WindowKind.UPLOAD, timedelta(minutes=10, seconds=30))
    found = student_home(actor(student), student.school).next

    assert found.key == "send"
    assert "期限：民國" in found.sentence
    assert "10 分鐘" in found.sentence


def test_confirming_that_closes_soon_is_not_asked_of_who_has_nothing_to_confirm(student):
    outcome_of(student, S.WAITING)
    set_closing(WindowKind.CONFIRM, timedelta(days=2))

    assert next_key(student) == "nothing"


def test_a_full_quota_is_not_asked_to_be_filled(student):
    for _each in range(6):
        outcome_of(student, S.SELECTED)
    outcome_of(student, S.CERTIFIED)

    assert next_key(student) == "nothing"


def test_a_decision_not_yet_published_looks_like_waiting(client, student):
    for state in (S.WAITING, S.PASSED, S.HELD_BACK):
        outcome_of(student, state)

    found = student_home(actor(student), student.school)

    assert [(group.says, group.count) for group in found.left] == [("等老師認證", 3)]
    assert found.counters[1].value == 0
    assert found.counters[1].hint == "3 件等待認證"


def test_counters_count_this_semester_this_year_and_this_student(client, student):
    Policy.objects.create(
        level=Level.SCHOOL,
        code=student.school.code,
        school_year=YEAR,
        outcomes_per_semester=9,
        source="校務會議",
    )
    for state in (S.DRAFT, S.CERTIFIED, S.SELECTED, S.CONFIRMED):
        outcome_of(student, state)
    outcome_of(student, S.CERTIFIED, semester=SEMESTER + 1)
    outcome_of(student, S.SELECTED, school_year=YEAR - 1)
    make_activity(student, A.SELECTED)
    make_activity(student)
    receipt_item(student)
    other = StudentFactory(school=student.school)
    outcome_of(other, S.SELECTED)
    make_activity(other, A.SELECTED)
    receipt_item(other)

    counters = student_home(actor(student), student.school).counters

    assert [(each.value, each.total) for each in counters] == [
        (4, "9 件"),
        (4, ""),
        (2, "6 件"),
        (1, "10 件"),
        (1, ""),
    ]


def test_deadlines_have_the_soonest_in_front(client, student):
    set_closing(WindowKind.SELECT, timedelta(days=2))
    set_closing(WindowKind.SUBMIT, timedelta(days=-1))
    Window.objects.filter(kind=WindowKind.CERTIFY).delete()
    Window.objects.filter(kind=WindowKind.CONFIRM).update(opens_at=timezone.now() + timedelta(days=5))

    found = student_home(actor(student), student.school).deadlines

    assert [(each.kind, each.phase) for each in found] == [
        ("select", "open"),
        ("upload", "open"),
        ("confirm", "later"),
        ("submit", "over"),
        ("certify", "unset"),
    ]
    assert "還有 1 天" in home(client)


@pytest.mark.parametrize("state", S)
def test_every_state_of_an_outcome_has_its_group(student, state):
    outcome_of(student, state)

    assert [group.count for group in student_home(actor(student), student.school).left] == [1]


@pytest.mark.parametrize("state", A)
@pytest.mark.parametrize("document", ["there", None])
def test_every_state_of_an_activity_has_its_group(student, state, document):
    make_activity(student, state, **({} if document else {"document": None}))

    assert [group.count for group in student_home(actor(student), student.school).left] == [1]


BLOCKS = {
    Role.TEACHER: {"teaching"},
    Role.HOMEROOM: {"homeroom"},
    Role.COUNSELLOR: {"counselling"},
    Role.CURRICULUM: {"standing-in"},
    Role.DATA_QUERY: {"looking-up"},
    Role.WORKING_GROUP: {"deciding"},
    Role.EXCHANGE_OFFICER: set(),
    Role.REGISTRAR: {"imports", "desk"},
    Role.OUTCOME_SUBMITTER: {"batches"},
    Role.ACTIVITY_SUBMITTER: {"batches"},
    Role.RECEIPT_OFFICER: {"disputes"},
    Role.ADMINISTRATOR: {"imports", "desk"},
}


@pytest.mark.parametrize("role", BLOCKS)
def test_staff_see_the_blocks_of_their_roles_and_an_empty_state(client, role):
    open_windows()
    client.force_login(PersonFactory(roles=[role]).user)

    page = home(client)

    empty = {
        "teaching": "目前沒有等您認證的成果",
        "homeroom": "這學年還沒有指派給您的班級",
        "imports": "還沒有匯入過名冊",
        "batches": "這學年還沒有學生勾選",
        "disputes": "沒有等待回覆的回報",
        "desk": "學生、家長與訪客寫來的問題",
        "counselling": "諮詢之後補上內容",
        "standing-in": "指定誰代他認證",
        "looking-up": "您的職務讓您查得到的學生",
        "deciding": "本校的上限與期間",
    }
    assert {key for key in empty if f'id="{key}-heading"' in page} == BLOCKS[role]
    assert all(empty[key] in page for key in BLOCKS[role])
    assert ("還沒有指派給您的工作" in page) == (not BLOCKS[role])


@pytest.mark.parametrize("count", [3, 300])
def test_the_home_of_every_role_at_once_takes_the_same_queries(client, count, django_assert_num_queries):
    open_windows()
    person = PersonFactory(roles=list(BLOCKS))
    enrolment, one = EnrolmentFactory(school=person.school), stored()
    enrolment.offering.teachers.add(person)
    for _each in range(count):
        make_outcome(S.WAITING, enrolment, one)
    for _each in range(count // 10):
        StudentFactory(school=person.school, profile__class_group=enrolment.student.student.class_group)
        RosterImport.objects.create(
            school=person.school, kind=RosterKind.STAFF, school_year=YEAR, semester=SEMESTER,
            file_name="a.csv", size_bytes=1, state="applied", applied_at=timezone.now(),
            keeps_until=timezone.now(), rows=1, accepted=1,
        )  # fmt: skip
    group = enrolment.student.student.class_group
    group.homeroom_teacher = person
    group.save()
    client.force_login(person.user)

    with django_assert_num_queries(12):
        answer = client.get("/")

    assert answer.status_code == 200


def test_a_teacher_reads_what_waits_in_own_courses_only(client):
    open_windows()
    outcome = make_outcome(S.WAITING)
    teacher = outcome.enrolment.offering.teachers.get()
    outcome.enrolment.offering.teachers.add(PersonFactory(school=outcome.school, roles=[Role.TEACHER]))
    make_outcome(S.PASSED, outcome.enrolment)
    make_outcome(S.HELD_BACK, outcome.enrolment)
    make_outcome(S.WAITING, EnrolmentFactory(school=outcome.school))
    make_outcome(S.WAITING)
    client.force_login(teacher.user)

    page = home(client)

    assert "1 件成果等您認證" in page
    assert "2 件已決定但還沒發佈" in page


def test_a_homeroom_teacher_reads_who_is_behind_in_the_own_class_only(client, student):
    group = student.student.class_group
    homeroom = homeroom_of(group)
    done = StudentFactory(school=student.school, name="已完成", profile__class_group=group)
    SelectionTally.objects.create(
        school=student.school, student=done, school_year=YEAR,
        outcomes=1, outcomes_quota=6, activities_quota=10,
    )  # fmt: skip
    outcome_of(student, S.RETURNED)
    StudentFactory(school=student.school, name="隔壁班")
    client.force_login(homeroom.user)

    page = home(client)

    assert "1 人有被退回的成果" in page
    assert f"1 人還沒勾選任何項目：{student.student.seat_no} 王品妍" in page
    assert "隔壁班" not in page


def test_a_teacher_of_several_classes_reads_of_which_each_student_is(client, student):
    homeroom = homeroom_of(student.student.class_group)
    other = StudentFactory(school=student.school, name="林宜")
    grant(homeroom, "homeroom", group=other.student.class_group)
    client.force_login(homeroom.user)

    page = home(client)

    for each in (student, other):
        assert f"{each.student.class_group.name} {each.student.seat_no} {each.name}" in page


def test_offices_read_their_own_schools_rows_only(client):
    open_windows()
    person = PersonFactory(roles=[Role.REGISTRAR, Role.OUTCOME_SUBMITTER, Role.RECEIPT_OFFICER])
    school, other = person.school, StudentFactory()
    for place, name in ((school, "自己.csv"), (other.school, "別校.csv")):
        RosterImport.objects.create(
            school=place, kind=RosterKind.STUDENTS, school_year=YEAR, semester=SEMESTER, file_name=name,
            size_bytes=1, state="refused", rows=1, accepted=0, keeps_until=timezone.now(),
        )  # fmt: skip
    mine = StudentFactory(school=school)
    late = timezone.now() - timedelta(days=4)
    receipt_item(mine, ReceiptState.DISPUTED, decided_at=late)
    receipt_item(other, ReceiptState.DISPUTED, decided_at=late)
    for who in (mine, other):
        SelectionTally.objects.create(
            school=who.school,
            student=who,
            school_year=YEAR,
            outcomes=2,
            outcomes_quota=6,
            activities_quota=10,
        )
    client.force_login(person.user)

    page = home(client)

    assert "自己.csv" in page
    assert "別校.csv" not in page
    assert "全校已勾選成果 2 件、多元表現 0 件" in page
    assert "收訖明細已取回" in page
    assert "1 項學生回報有誤，還沒回覆" in page
    assert "其中 1 項已超過 3 天" in page
    assert reverse("submission:precheck") in page
