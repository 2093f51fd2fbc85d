import pytest
from django.urls import reverse

from licheng.school.activities.states import ActivityState as A
from licheng.school.calendar.models import WindowKind
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from tests.factories import EnrolmentFactory, PersonFactory, StudentFactory, open_windows
from tests.school.activity_cases import make_activity
from tests.school.outcomes_cases import make_outcome, stored

pytestmark = pytest.mark.django_db
BOARD = "/selection/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def student(client):
    open_windows()
    student = StudentFactory()
    client.force_login(student.user)
    return student


def outcome_of(student, state=S.CERTIFIED):
    return make_outcome(state, EnrolmentFactory(student=student, school=student.school))


def text(answer):
    return answer.content.decode()


@pytest.mark.parametrize("count", [3, 300])
def test_the_board_takes_the_same_queries_however_long(client, student, count, django_assert_num_queries):
    enrolment, one = EnrolmentFactory(student=student, school=student.school), stored()
    for _each in range(count // 3):
        make_outcome(S.CERTIFIED, enrolment, one)
        make_activity(student, document=one)
        make_outcome(S.DRAFT, enrolment, one)

    with django_assert_num_queries(8):
        answer = client.get(BOARD)

    assert answer.status_code == 200
    assert text(answer).count('class="no-print" method="post"') == count // 3 * 2


def test_selecting_and_taking_out_without_javascript(client, student):
    outcome = outcome_of(student)

    answer = client.post(reverse("selection:select_outcome", args=[outcome.pk]), follow=True)

    assert "已勾選。" in text(answer)
    assert "1 ／ 6 件" in text(answer)
    answer = client.post(reverse("selection:unselect_outcome", args=[outcome.pk]), follow=True)
    assert "0 ／ 6 件" in text(answer)


def test_with_htmx_the_rows_and_bars_come_back(client, student):
    activity = make_activity(student)

    answer = client.post(reverse("selection:select_activity", args=[activity.pk]), headers=HTMX)

    assert text(answer).strip().startswith('<div id="choices">')
    assert "1 ／ 10 件" in text(answer)
    assert reverse("selection:unselect_activity", args=[activity.pk]) in text(answer)


def test_a_full_quota_offers_only_to_take_out(client, student):
    for _each in range(6):
        outcome_of(student, S.SELECTED)
    seventh = outcome_of(student)

    page = text(client.get(BOARD))

    assert "已達上限 6 件，請先取消另一件。" in page
    assert reverse("selection:select_outcome", args=[seventh.pk]) not in page
    answer = client.post(reverse("selection:select_outcome", args=[seventh.pk]), headers=HTMX)
    assert answer.status_code == 409
    assert "每學年勾選課程學習成果最多 6 件" in text(answer)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (S.DRAFT, "還是草稿，要先送老師認證。"),
        (S.WAITING, "老師還沒有發佈認證結果。"),
        (S.PASSED, "老師還沒有發佈認證結果。"),
        (S.HELD_BACK, "老師還沒有發佈認證結果。"),
        (S.RETURNED, "老師退回了，修改後要再送一次認證。"),
        (S.SEALED, "學校已封裝或提交，不能再更動。"),
        (S.SUBMITTED, "學校已封裝或提交，不能再更動。"),
        (S.RECEIVED, "學校已封裝或提交，不能再更動。"),
        (S.CONFIRMED, "學校已封裝或提交，不能再更動。"),
        (S.DISPUTED, "學校已封裝或提交，不能再更動。"),
    ],
)
def test_what_cannot_be_selected_says_why(client, student, state, why):
    outcome_of(student, state)

    page = text(client.get(BOARD))

    assert why in page
    assert 'class="no-print" method="post"' not in page


@pytest.mark.parametrize("state", [S.CERTIFIED, S.SELECTED])
def test_what_can_be_done_has_one_button(client, student, state):
    outcome_of(student, state)

    assert text(client.get(BOARD)).count('class="no-print" method="post"') == 1


def test_an_incomplete_record_says_what_is_missing(client, student):
    make_activity(student, document=None)
    make_activity(student, A.SUBMITTED)

    page = text(client.get(BOARD))

    assert "還缺：證明（文件、影音或連結其中一項）" in page
    assert "學校已封裝或提交，不能再更動。" in page


def test_after_the_window_the_list_can_be_read_and_printed(client, student):
    outcome_of(student, S.SELECTED)
    open_windows(WindowKind.SELECT, closed=True)

    page = text(client.get(BOARD))

    assert "現在不在勾選期間" in page
    assert "勾選清單，共 1 件" in page
    assert 'class="no-print" method="post"' not in page


def test_a_new_student_reads_what_comes_first(client, student):
    page = text(client.get(BOARD))

    assert "還沒有已認證的成果" in page
    assert "還沒有資料齊全的多元表現" in page


def test_nobody_elses_items_are_on_the_board(client, student):
    other = StudentFactory(school=student.school)
    outcome_of(other)
    make_activity(other, title="別人的比賽")

    page = text(client.get(BOARD))

    assert "別人的比賽" not in page
    assert 'class="no-print" method="post"' not in page


@pytest.mark.parametrize("action", ["select", "unselect"])
def test_homeroom_is_refused_and_strangers_find_nothing(client, student, action):
    homeroom = PersonFactory(school=student.school, roles=[Role.HOMEROOM])
    student.student.class_group.homeroom_teacher = homeroom
    student.student.class_group.save()
    urls = [
        reverse(f"selection:{action}_outcome", args=[outcome_of(student).pk]),
        reverse(f"selection:{action}_activity", args=[make_activity(student).pk]),
    ]

    client.force_login(homeroom.user)
    assert [client.post(url).status_code for url in urls] == [403, 403]
    client.force_login(StudentFactory().user)
    assert [client.post(url).status_code for url in urls] == [404, 404]
