import pytest
from django.test import Client
from django.urls import reverse

from licheng.school.outcomes.queries.shown import STEPS, state_shown
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from tests.factories import (
    EnrolmentFactory,
    PersonFactory,
    open_windows,
)
from tests.school.outcomes_cases import (
    LIST,
    PUBLISH,
    QUEUE,
    address,
    make_outcome,
    row,
    shown,
    teacher,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def windows(db):
    open_windows()


def test_start_leads_to_the_form_with_the_limits_first(client):
    enrolment = EnrolmentFactory()
    client.force_login(enrolment.student.user)

    answer = client.post(reverse("outcomes:start", args=[enrolment.pk]), follow=True)

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "文件：PDF、JPG、PNG，一個檔案，4 MB 以內" in text
    assert "影音：MP3、MP4，一個檔案，10 MB 以內" in text
    assert "簡述：100 字以內" in text
    assert text.index("上傳之前先看") < text.index("data-create-url")
    assert 'accept=".pdf,.jpeg,.jpg,.png' in text


def test_edit_saves_the_note_with_browser_line_ends_counted_once(client):
    outcome = make_outcome()
    client.force_login(outcome.student.user)
    note = "𠮷" * 98 + "\r\n" + "字"

    answer = client.post(address("edit", outcome), {"note": note}, follow=True)

    assert "已儲存。" in answer.content.decode()
    assert row(outcome)["note"] == note.replace("\r\n", "\n")


def test_edit_shows_what_is_wrong_beside_the_note_and_keeps_the_text(client):
    outcome = make_outcome()
    client.force_login(outcome.student.user)

    answer = client.post(address("edit", outcome), {"note": "𠮷" * 101, "then": "send"})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "成果簡述有 101 字，最多 100 字。請刪減 1 字後再儲存。" in text
    assert "𠮷" * 101 in text
    assert 'href="#id_note"' in text
    assert (row(outcome)["note"], row(outcome)["state"]) == ("簡述", S.DRAFT)


def test_send_from_the_form_saves_first(client):
    outcome = make_outcome()
    client.force_login(outcome.student.user)

    answer = client.post(address("edit", outcome), {"note": "最後一版", "then": "send"}, follow=True)

    assert "已送給老師認證" in answer.content.decode()
    assert (row(outcome)["note"], row(outcome)["state"]) == ("最後一版", S.WAITING)


def test_send_without_a_file_is_told_on_the_form(client):
    outcome = make_outcome()
    outcome.document = None
    outcome.save()
    client.force_login(outcome.student.user)

    answer = client.post(address("edit", outcome), {"note": "寫好了", "then": "send"})

    assert answer.status_code == 409
    assert "這件成果還沒有檔案，不能送出認證。請先上傳文件或影音檔，再送出。" in answer.content.decode()
    assert (row(outcome)["note"], row(outcome)["state"]) == ("寫好了", S.DRAFT)


@pytest.mark.parametrize("state", S)
def test_the_form_opens_only_where_content_may_change(client, state):
    outcome = make_outcome(state)

    status, text = shown(client, address("edit", outcome), outcome.student)

    assert status == (200 if state in (S.DRAFT, S.RETURNED, S.CERTIFIED) else 409)
    assert ("都會失去認證" in text) == (state == S.CERTIFIED)
    assert ("請補上實驗數據" in text) == (state == S.RETURNED)


@pytest.mark.parametrize(
    ("name", "start", "ends", "words"),
    [
        ("send", S.RETURNED, S.WAITING, "已送給老師認證"),
        ("take_back", S.WAITING, S.DRAFT, "已收回，可以修改後再送出"),
        ("delete", S.DRAFT, None, "已刪除這件成果"),
    ],
)
def test_the_buttons_of_the_detail_page(client, name, start, ends, words):
    outcome = make_outcome(start)
    status, text = shown(client, address("detail", outcome), outcome.student)
    assert (status, address(name, outcome) in text) == (200, True)

    answer = client.post(address(name, outcome), follow=True)

    assert words in answer.content.decode()
    assert (row(outcome) or {"state": None})["state"] == ends


def test_remove_without_javascript_comes_back_to_the_form(client):
    outcome = make_outcome()
    client.force_login(outcome.student.user)

    answer = client.post(address("remove_file", outcome, "document"), follow=True)

    assert "已移除檔案。" in answer.content.decode()
    assert row(outcome)["document_id"] is None


@pytest.mark.parametrize("state", S)
def test_the_detail_page_in_every_state(client, state):
    outcome = make_outcome(state)

    status, text = shown(client, address("detail", outcome), outcome.student)

    assert status == 200
    assert state_shown(state).label in text
    assert set(STEPS) == set(S)
    assert address("file", outcome, "document") in text
    assert address("previews", outcome, "document") in text
    assert address("receipt", outcome, "document") in text
    assert ("老師退回的原因" in text) == (state == S.RETURNED)


def test_the_history_speaks_in_plain_words_and_keeps_decisions_quiet(client):
    outcome = make_outcome()
    student, course_teacher = outcome.student, teacher(outcome)
    client.force_login(student.user)
    client.post(address("edit", outcome), {"note": "改好了", "then": "send"})
    desk = Client()
    desk.force_login(course_teacher.user)
    desk.post(address("hold_back", outcome), {"words": "請補圖"})

    _status, before = shown(client, address("detail", outcome), student)
    desk.post(PUBLISH, {"outcome": [str(outcome.pk)]})
    _status, after = shown(client, address("detail", outcome), student)

    assert "修改成果簡述" in before
    assert "送出認證" in before
    assert ("退回" in before, "請補圖" in before) == (False, False)
    assert ("發佈結果：退回補正" in after, "請補圖" in after, course_teacher.name in after) == (
        True,
        True,
        True,
    )


@pytest.mark.parametrize("name", ["detail", "edit", "review"])
def test_pages_of_another_school_do_not_exist(client, name):
    outcome = make_outcome(S.WAITING)
    stranger = PersonFactory(roles=[Role.TEACHER, Role.ADMINISTRATOR, Role.OUTCOME_SUBMITTER])
    outcome.enrolment.offering.teachers.add(stranger)

    assert shown(client, address(name, outcome), stranger)[0] == 404


def test_nobody_sees_anything_without_signing_in(client):
    outcome = make_outcome(S.WAITING)

    for url in (LIST, QUEUE, PUBLISH, address("detail", outcome), address("file", outcome, "document")):
        assert client.get(url).status_code == 302
