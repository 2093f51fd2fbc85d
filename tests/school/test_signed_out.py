"""Whoever is signed out while writing learns it, keeps the words, and comes back to a page that opens."""

import pytest
from django.urls import reverse

from tests.factories import StudentFactory
from tests.school.items import certified_outcome

pytestmark = pytest.mark.django_db
WORDS = "寫了半小時的簡述 𠮷"


@pytest.fixture
def outcome():
    return certified_outcome(StudentFactory(account="1150001"))


def test_a_form_sent_after_the_session_ended_gives_the_words_back(client, outcome):
    edit = reverse("outcomes:edit", args=[outcome.pk])
    answer = client.post(
        edit, {"note": WORDS, "then": "send"}, headers={"referer": f"http://testserver{edit}"}
    )
    assert answer.status_code == 401
    page = answer.content.decode()
    assert WORDS in page
    assert "沒有存進去" in page
    assert f"?next={edit}" in page


def test_a_button_sent_after_the_session_ended_leads_back_to_its_page(client, outcome):
    came_from = reverse("outcomes:detail", args=[outcome.pk])
    answer = client.post(
        reverse("outcomes:send", args=[outcome.pk]), headers={"referer": f"http://testserver{came_from}"}
    )
    assert f"?next={came_from}" in answer.content.decode()


def test_an_upload_after_the_session_ended_is_told_so_in_words(client, outcome):
    answer = client.post(reverse("uploads:create"), headers={"accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "signed-out"
    assert "重新登入" in answer.json()["remedy"]


def test_a_fragment_after_the_session_ended_sends_the_whole_page_to_sign_in(client):
    board = reverse("selection:board")
    answer = client.get(board, headers={"hx-request": "true", "hx-current-url": f"http://testserver{board}"})
    assert answer["HX-Redirect"] == f"{reverse('sign_in')}?next={board}"


def test_an_address_elsewhere_is_never_where_sign_in_leads(client):
    answer = client.get(
        reverse("selection:board"), headers={"hx-request": "true", "hx-current-url": "https://evil.example/x"}
    )
    assert answer["HX-Redirect"] == f"{reverse('sign_in')}?next=/"


def test_a_stale_form_token_is_answered_with_the_words_or_for_the_upload(client, outcome):
    client.handler.enforce_csrf_checks = True
    client.force_login(outcome.student.user)
    page = client.post(reverse("outcomes:edit", args=[outcome.pk]), {"note": WORDS})
    assert (page.status_code, WORDS in page.content.decode()) == (403, True)
    upload = client.post(reverse("uploads:create"), headers={"accept": "application/json"})
    assert upload.json()["code"] == "form-expired"


def test_a_button_address_opened_by_itself_says_so(client, outcome):
    client.force_login(outcome.student.user)
    answer = client.get(reverse("outcomes:send", args=[outcome.pk]))
    assert answer.status_code == 405
    assert "要由頁面上的按鈕送出" in answer.content.decode()


def test_the_language_switch_is_not_offered_where_switching_would_lose_what_was_typed(client, outcome):
    client.force_login(outcome.student.user)
    edit = reverse("outcomes:edit", args=[outcome.pk])
    switch = reverse("set_language")

    assert switch in client.get(edit).content.decode()
    assert switch not in client.post(edit, {"note": "字" * 101}).content.decode()
