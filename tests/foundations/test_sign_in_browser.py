"""Signing in with a real browser by keyboard: a proof of work under the site's own content policy."""

import re
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from licheng.foundations.accounts import lockout
from tests.e2e.browser import PHONE, PICTURES, chromium, person
from tests.foundations.signing import PASSWORD, person_with_password

pytestmark = [pytest.mark.django_db(transaction=True)]
SOLVED = re.compile(".{100}")


@pytest.fixture
def somebody(live_server, settings):
    url = f"http://127.0.0.1:{urlsplit(live_server.url).port}"
    settings.PUBLIC_URL = url
    PICTURES.mkdir(parents=True, exist_ok=True)
    with chromium() as browser, person(browser, url, PHONE) as one:
        yield one


def test_sign_in_with_a_proof_of_work_by_keyboard_alone(somebody, monkeypatch):
    monkeypatch.setattr(lockout, "PROOF_FROM", 1)
    student = person_with_password()
    page = somebody.open(reverse("sign_in"))
    page.get_by_label("學校").fill(student.school.code)
    page.get_by_label("帳號").fill(student.account)
    page.get_by_label("密碼").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("不正確")
    somebody.look("sign-in-proof")

    page.get_by_label("密碼").fill(PASSWORD)
    page.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    expect(page.locator("input[name=proof]")).to_have_value(SOLVED)
    somebody.button("登入").focus()
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{somebody.url}/")
    somebody.open(reverse("sessions"))
    somebody.says("登入中的裝置", "這個裝置")
    somebody.look("sessions")
