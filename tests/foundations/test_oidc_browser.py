"""A real browser with 教育雲端帳號: the first time, linking, and straight in from then on; the pages as people see them."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone
from playwright.sync_api import expect

from tests.e2e.browser import PHONE, PICTURES, chromium, person
from tests.factories import SchoolFactory, StudentFactory
from tests.issuer import Standing, introduce

pytestmark = [pytest.mark.django_db(transaction=True)]
PASSWORD = "a-long-enough-sentence"


@pytest.fixture
def student(db):
    made = StudentFactory(school=SchoolFactory(code="070406"), name="王小明")
    made.user.set_password(PASSWORD)
    made.user.without_email_at = timezone.now()
    made.user.save()
    return made


def test_the_first_time_and_every_time_after(live_server, settings, tmp_path, student):
    assert Path(finders.find("licheng/app.css")).exists()
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    PICTURES.mkdir(parents=True, exist_ok=True)
    with Standing() as issuer, chromium() as browser:
        introduce(settings, issuer, tmp_path)
        with person(browser, live_server.url, PHONE) as somebody:
            page = somebody.open("/people/sign-in/")
            somebody.look("oidc-sign-in")
            somebody.link("用教育雲端帳號登入").click()
            page.get_by_role("link", name="同意").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("第一次使用教育雲端帳號")
            somebody.look("oidc-first")
            somebody.link("用學校帳號登入").click()
            page.locator("[name=school]").fill("070406")
            page.locator("[name=account]").fill(student.account)
            page.locator("[name=password]").fill(PASSWORD)
            somebody.button("登入").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("連結教育雲端帳號？")
            somebody.look("oidc-link")
            somebody.button("都是我本人，連結").click()
            somebody.look("oidc-linked")
        with person(browser, live_server.url, PHONE) as again:
            page = again.open("/people/sign-in/?next=/outcomes/")
            again.link("用教育雲端帳號登入").click()
            page.get_by_role("link", name="同意").click()
            expect(page).to_have_url(f"{live_server.url}/outcomes/")
