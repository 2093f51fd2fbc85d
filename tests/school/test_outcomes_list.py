import pytest
from django.urls import reverse

from licheng.school.calendar.models import Level, Policy, Window, WindowKind
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from tests.factories import (
    YEAR,
    EnrolmentFactory,
    OfferingFactory,
    PersonFactory,
    StudentFactory,
    open_windows,
)
from tests.school.outcomes_cases import (
    LIST,
    address,
    make_outcome,
    shown,
    stored,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def windows(db):
    open_windows()


def test_the_list_while_nothing_is_there(client):
    status, text = shown(client, LIST, StudentFactory())

    assert status == 200
    assert "還沒有課程學習成果" in text
    assert "這學期還沒有修課資料" in text


def test_the_list_offers_courses_and_says_why_not(client):
    enrolment = EnrolmentFactory()
    without = EnrolmentFactory(school=enrolment.school, student=enrolment.student, credits=0)

    status, text = shown(client, LIST, enrolment.student)

    assert status == 200
    assert reverse("outcomes:start", args=[enrolment.pk]) in text
    assert reverse("outcomes:start", args=[without.pk]) not in text
    assert "這學期沒有學分，不能上傳課程學習成果。" in text


@pytest.mark.parametrize("is_set", [True, False])
def test_the_list_offers_nothing_while_the_window_is_closed(client, is_set):
    enrolment = EnrolmentFactory()
    make_outcome(enrolment=enrolment)
    if is_set:
        open_windows(WindowKind.UPLOAD, closed=True)
    else:
        Window.objects.all().delete()

    status, text = shown(client, LIST, enrolment.student)

    assert status == 200
    assert "為這門課新增成果" not in text
    assert "繼續編輯" not in text
    assert ("已截止" if is_set else "學校還沒有公布這學期的上傳期間") in text


def test_the_list_says_how_many_may_be_made(client):
    outcome = make_outcome()
    Policy.objects.create(
        level=Level.SCHOOL, code=outcome.school.code, school_year=YEAR, outcomes_per_semester=1, source="校規"
    )

    _status, text = shown(client, LIST, outcome.student)

    assert "已達上限" in text
    assert "為這門課新增成果" not in text


def test_the_list_filters_and_searches(client):
    draft = make_outcome(note="風箏與風")
    certified = make_outcome(S.CERTIFIED, enrolment=draft.enrolment, note="潮汐")
    client.force_login(draft.student.user)

    by_state = shown(client, f"{LIST}?state=certified")[1]
    by_word = client.post(LIST, {"q": "風箏"}).content.decode()
    nothing = client.post(LIST, {"q": "風箏", "state": "certified"}).content.decode()
    unknown = shown(client, f"{LIST}?state=passed&page=zzz")[1]

    assert (address("detail", certified) in by_state, address("detail", draft) in by_state) == (True, False)
    assert (address("detail", draft) in by_word, address("detail", certified) in by_word) == (True, False)
    assert "找不到符合的成果" in nothing
    assert address("detail", draft) in unknown


def test_the_list_shows_only_ones_own(client):
    mine = make_outcome(S.CERTIFIED)
    others = make_outcome(
        S.CERTIFIED, enrolment=EnrolmentFactory(school=mine.school, offering=mine.enrolment.offering)
    )

    _status, text = shown(client, LIST, mine.student)

    assert address("detail", mine) in text
    assert address("detail", others) not in text


@pytest.mark.parametrize("state", [S.WAITING, S.PASSED, S.HELD_BACK])
@pytest.mark.parametrize("page", ["list", "detail"])
def test_a_decision_is_not_seen_before_it_is_published(client, state, page):
    outcome = make_outcome(state)
    url = LIST if page == "list" else address("detail", outcome)

    status, text = shown(client, url, outcome.student)

    assert status == 200
    assert "已送老師" in text
    assert "請補上實驗數據" not in text
    assert "未發佈" not in text
    assert ("收回修改" in text) == (page == "detail")


@pytest.mark.parametrize("count", [3, 300])
def test_the_list_asks_the_database_as_often_for_3_as_for_300(client, django_assert_num_queries, count):
    first = make_outcome(document=(document := stored()))
    make_outcome(S.DRAFT, enrolment=EnrolmentFactory(school=first.school))
    Outcome.objects.bulk_create(
        Outcome(
            school=first.school, student=first.student, enrolment=first.enrolment, school_year=YEAR, semester=1,
            document=document, note=f"第 {n} 件",
        )
        for n in range(count - 1)
    )  # fmt: skip
    client.force_login(first.student.user)

    with django_assert_num_queries(9):
        answer = client.get(LIST)

    assert answer.status_code == 200
    assert ("第 1 頁，共 13 頁" in answer.content.decode()) == (count == 300)


@pytest.mark.parametrize("count", [3, 300])
def test_many_courses_cost_no_more_queries(client, django_assert_num_queries, count):
    student = StudentFactory()
    staff = PersonFactory(school=student.school, roles=[Role.TEACHER])
    course = EnrolmentFactory(school=student.school, student=student).offering.course
    for n in range(count - 1):
        offering = OfferingFactory(school=student.school, course=course, section=f"{n}", teachers=[staff])
        EnrolmentFactory(school=student.school, offering=offering, student=student)
    client.force_login(student.user)

    with django_assert_num_queries(8):
        text = client.get(LIST).content.decode()

    assert text.count('action="/outcomes/start/') == count
