import uuid

import pytest

from licheng.school.calendar.models import WindowKind
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from tests.factories import (
    YEAR,
    EnrolmentFactory,
    OfferingFactory,
    PersonFactory,
    open_windows,
)
from tests.school.outcomes_cases import (
    ALL_STATEMENTS,
    PUBLISH,
    QUEUE,
    actions,
    address,
    make_outcome,
    row,
    shown,
    stored,
    teacher,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def windows(db):
    open_windows()


def test_the_queue_while_nothing_waits(client):
    status, text = shown(client, QUEUE, PersonFactory(roles=[Role.TEACHER]))

    assert (status, "沒有待認證的成果" in text) == (200, True)


def test_the_queue_by_state_and_course(client):
    waiting = make_outcome(S.WAITING)
    staff = teacher(waiting)
    offering = OfferingFactory(school=waiting.school, teachers=[staff])
    other_course = make_outcome(
        S.WAITING, enrolment=EnrolmentFactory(school=waiting.school, offering=offering)
    )
    decided = make_outcome(S.HELD_BACK, enrolment=EnrolmentFactory(school=waiting.school, offering=offering))
    draft = make_outcome(enrolment=EnrolmentFactory(school=waiting.school, offering=offering))
    strange = make_outcome(S.WAITING, enrolment=EnrolmentFactory(school=waiting.school))

    _status, text = shown(client, QUEUE, staff)
    by_course = shown(client, f"{QUEUE}?course={offering.pk}")[1]
    by_state = shown(client, f"{QUEUE}?state=decided")[1]
    odd = shown(client, f"{QUEUE}?course=９９９&state=x&page=-1")[1]

    def listed(page):
        return {name for name, one in cases.items() if address("review", one) in page}

    cases = {
        "waiting": waiting,
        "other": other_course,
        "decided": decided,
        "draft": draft,
        "strange": strange,
    }
    assert [listed(page) for page in (text, by_course, by_state, odd)] == [
        {"waiting", "other"}, {"other"}, {"decided"}, {"waiting", "other"},
    ]  # fmt: skip
    assert "發佈結果（1 件）" in text
    assert "退回（未發佈）" in by_state


@pytest.mark.parametrize("count", [3, 300])
def test_the_queue_asks_as_often_for_3_as_for_300(client, django_assert_num_queries, count):
    first = make_outcome(S.WAITING)
    Outcome.objects.bulk_create(
        Outcome(
            school=first.school, student=first.student, enrolment=first.enrolment, school_year=YEAR, semester=1,
            document=first.document, state=S.WAITING, sent_at=first.sent_at,
        )
        for _n in range(count - 1)
    )  # fmt: skip
    client.force_login(teacher(first).user)

    with django_assert_num_queries(8):
        answer = client.get(QUEUE)

    assert answer.content.decode().count("/review/") == min(count, 50) + 1


@pytest.mark.parametrize("count", [3, 300])
def test_the_publish_page_asks_as_often_for_3_as_for_300(client, django_assert_num_queries, count):
    first = make_outcome(S.PASSED)
    values = {
        name: getattr(first, name) for name in ("decided_at", "decided_by", "certified_document_sha256")
    }
    Outcome.objects.bulk_create(
        Outcome(
            school=first.school, student=first.student, enrolment=first.enrolment, school_year=YEAR, semester=1,
            document=first.document, state=S.PASSED, sent_at=first.sent_at, **values,
        )
        for _n in range(count - 1)
    )  # fmt: skip
    client.force_login(teacher(first).user)

    with django_assert_num_queries(6):
        answer = client.get(PUBLISH)

    assert answer.content.decode().count('name="outcome"') == count


def test_the_review_shows_the_document_beside_the_statement(client):
    first = make_outcome(S.WAITING, note="潮汐的紀錄")
    second = make_outcome(S.WAITING, enrolment=first.enrolment)

    status, text = shown(client, address("review", first), teacher(first))

    assert status == 200
    assert address("previews", first, "document") in text
    assert all(
        words in text for words in ("潮汐的紀錄", "是這位學生自己的作品", "是這門課的產出", "檔案打得開")
    )
    assert f'name="seen_document" value="{first.document.sha256}"' in text
    assert f'data-key="j" href="{address("review", second)}"' in text
    assert "待認證第 1 件，共 2 件" in text
    assert f'data-key="k" href="{address("review", first)}"' in shown(client, address("review", second))[1]


@pytest.mark.parametrize("state", [state for state in S if state != S.DRAFT])
def test_the_review_page_in_every_state(client, state):
    outcome = make_outcome(state)

    status, text = shown(client, address("review", outcome), teacher(outcome))

    assert status == 200
    assert (address("pass", outcome) in text) == (state == S.WAITING)
    assert (address("undo", outcome) in text) == (state in (S.PASSED, S.HELD_BACK))


def test_the_review_page_of_a_closed_window_offers_nothing(client):
    open_windows(WindowKind.CERTIFY, closed=True)
    outcome = make_outcome(S.WAITING)

    status, text = shown(client, address("review", outcome), teacher(outcome))

    assert (status, address("pass", outcome) in text, "現在不在認證期間內" in text) == (200, False, True)


def test_pass_goes_on_to_the_next_and_at_last_to_publishing(client):
    first = make_outcome(S.WAITING)
    second = make_outcome(S.WAITING, enrolment=first.enrolment)
    client.force_login(teacher(first).user)

    def ticked(outcome):
        return {
            "statements": sorted(ALL_STATEMENTS),
            "seen_document": outcome.document.sha256,
            "seen_media": "",
        }

    on = client.post(address("pass", first), ticked(first))
    last = client.post(address("pass", second), ticked(second))

    assert (on.url, last.url) == (address("review", second), PUBLISH)
    assert (row(first)["state"], row(second)["state"]) == (S.PASSED, S.PASSED)


def test_pass_without_every_statement_is_told_on_the_page(client):
    outcome = make_outcome(S.WAITING)
    client.force_login(teacher(outcome).user)
    body = {"statements": ["own_work", "opens"], "seen_document": outcome.document.sha256}

    answer = client.post(address("pass", outcome), body)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "還沒有勾選：是這門課的產出。" in text
    assert text.count(" checked") == 2
    assert row(outcome)["state"] == S.WAITING


def test_pass_with_nothing_ticked_is_told_on_the_page(client):
    outcome = make_outcome(S.WAITING)
    client.force_login(teacher(outcome).user)

    answer = client.post(address("pass", outcome), {"seen_document": outcome.document.sha256})

    text = answer.content.decode()
    assert (answer.status_code, "三項都確認並勾選之後才能通過" in text) == (422, True)
    assert f'name="seen_document" value="{outcome.document.sha256}"' in text
    assert row(outcome)["state"] == S.WAITING


def test_pass_after_the_student_changed_the_file_is_refused(client):
    outcome = make_outcome(S.WAITING)
    client.force_login(teacher(outcome).user)
    Outcome.objects.filter(pk=outcome.pk).update(document=stored("another"))
    body = {"statements": sorted(ALL_STATEMENTS), "seen_document": outcome.document.sha256}

    answer = client.post(address("pass", outcome), body)

    assert (answer.status_code, "在您開啟之後換過了" in answer.content.decode()) == (409, True)
    assert row(outcome)["state"] == S.WAITING


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"ready": "other_course"}, "內容不是這門課的產出，請換成這門課的作品。"),
        ({"words": " 請補圖 "}, "請補圖"),
        (
            {"ready": "other_course", "words": "例如第二章"},
            "內容不是這門課的產出，請換成這門課的作品。\n例如第二章",
        ),
    ],
)
def test_hold_back_takes_ready_made_reasons_own_words_or_both(client, body, reason):
    outcome = make_outcome(S.WAITING)
    client.force_login(teacher(outcome).user)

    answer = client.post(address("hold_back", outcome), body)

    assert (answer.status_code, row(outcome)["state"], row(outcome)["return_reason"]) == (
        302,
        S.HELD_BACK,
        reason,
    )


@pytest.mark.parametrize("body", [{}, {"ready": "nonsense"}, {"words": "字" * 301}])
def test_hold_back_without_a_good_reason_is_told_on_the_page(client, body):
    outcome = make_outcome(S.WAITING)
    client.force_login(teacher(outcome).user)

    answer = client.post(address("hold_back", outcome), body)

    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (422, True)
    assert row(outcome)["state"] == S.WAITING


def test_undo_comes_back_to_the_review(client):
    outcome = make_outcome(S.PASSED)
    client.force_login(teacher(outcome).user)

    answer = client.post(address("undo", outcome), follow=True)

    assert "已復原，這件成果回到待認證。" in answer.content.decode()
    assert actions(outcome) == ["outcome.decision_undone"]


def test_publish_lists_exactly_what_it_publishes(client):
    passed = make_outcome(S.PASSED)
    held = make_outcome(S.HELD_BACK, enrolment=passed.enrolment)
    strange = make_outcome(S.PASSED)
    _status, text = shown(client, PUBLISH, teacher(passed))
    assert "共 2 件：通過 1 件、退回 1 件。" in text
    assert ("請補上實驗數據。" in text, str(strange.pk) in text) == (True, False)

    answer = client.post(PUBLISH, {"outcome": [str(passed.pk)]}, follow=True)

    assert "已發佈 1 件結果" in answer.content.decode()
    assert (row(passed)["state"], row(held)["state"], row(strange)["state"]) == (
        S.CERTIFIED,
        S.HELD_BACK,
        S.PASSED,
    )


@pytest.mark.parametrize(
    ("ids", "status", "words"),
    [
        ([], 422, "沒有選擇要發佈的成果。"),
        (["1"], 404, "找不到這筆資料"),
        ([str(uuid.uuid4())], 404, "找不到這筆資料"),
    ],
)
def test_publish_refuses_nothing_and_nonsense(client, ids, status, words):
    outcome = make_outcome(S.PASSED)
    client.force_login(teacher(outcome).user)

    answer = client.post(PUBLISH, {"outcome": ids})

    assert (answer.status_code, words in answer.content.decode()) == (status, True)
    assert row(outcome)["state"] == S.PASSED


def test_the_publish_page_while_nothing_is_decided(client):
    status, text = shown(client, PUBLISH, PersonFactory(roles=[Role.TEACHER]))

    assert (status, "沒有等著發佈的結果" in text) == (200, True)


@pytest.mark.parametrize("name", ["send", "take_back", "delete", "pass", "hold_back", "undo"])
def test_changes_are_posts(client, name):
    outcome = make_outcome(S.WAITING)
    client.force_login(outcome.student.user)

    assert client.get(address(name, outcome)).status_code == 405
