"""Second factors in a real browser: an app, a passkey of the browser's own making, recovery codes, identity once more."""

import re
import time
from urllib.parse import urlsplit

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.urls import reverse
from playwright.sync_api import expect

from licheng.school.people.models import Role
from tests.e2e.browser import PHONE, PICTURES, person
from tests.factories import PersonFactory
from tests.foundations.signing import PASSWORD, person_with_password

pytestmark = pytest.mark.django_db(transaction=True)
INSIDE_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
CODE = re.compile(r"\d{5} \d{5}")


@pytest.fixture
def site(live_server, settings):
    """The school's site under a name, as browsers want it for passkeys."""
    settings.PUBLIC_URL = f"http://localhost:{urlsplit(live_server.url).port}"
    settings.CSRF_TRUSTED_ORIGINS = [settings.PUBLIC_URL]
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.FILES_URL = ""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return settings.PUBLIC_URL


@pytest.fixture
def teacher():
    return person_with_password(PersonFactory(roles=[Role.TEACHER]))


def enter(somebody, teacher):
    page = somebody.open(reverse("sign_in"))
    page.get_by_label("學校").fill(teacher.school.code)
    page.get_by_label("帳號").fill(teacher.account)
    page.get_by_label("密碼").fill(PASSWORD)
    somebody.button("登入").click()


def leave(somebody):
    somebody.context.clear_cookies()


def code(secret, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def heading(somebody, words):
    expect(somebody.page.get_by_role("heading", level=1)).to_have_text(words)


def secret_on(somebody):
    return somebody.page.locator("p.font-mono").text_content().replace(" ", "")


def set_up_app(somebody):
    """From the forced page to the recovery codes; the app's secret and the codes."""
    heading(somebody, "登入保護")
    somebody.look("factors-owed")
    somebody.link("設定驗證應用程式").click()
    somebody.page.get_by_text("不能掃描？").click()
    somebody.look("factors-app")
    secret = secret_on(somebody)
    somebody.page.get_by_label("應用程式現在顯示的 6 位數字").fill("000000")
    somebody.button("確認並加上").click()
    somebody.says("不正確。請看應用程式現在顯示的 6 位數字")
    assert secret_on(somebody) == secret
    somebody.page.get_by_label("應用程式現在顯示的 6 位數字").fill(code(secret))
    somebody.button("確認並加上").click()
    heading(somebody, "救援碼")
    somebody.look("factors-codes")
    codes = CODE.findall(somebody.page.get_by_role("main").inner_text())
    with somebody.page.expect_download() as download:
        somebody.link("下載成文字檔").click()
    assert CODE.findall(download.value.path().read_text()) == codes
    somebody.button("我存好了，繼續").click()
    return secret, codes


def test_an_app_is_set_up_at_the_first_sign_in_and_opens_the_next_as_do_recovery_codes(
    browser, site, teacher
):
    with person(browser, site, PHONE) as somebody:
        somebody.open(reverse("outcomes:queue"))
        enter(somebody, teacher)
        secret, codes = set_up_app(somebody)
        assert urlsplit(somebody.page.url).path == reverse("home")

        leave(somebody)
        enter(somebody, teacher)
        heading(somebody, "登入：第二步")
        somebody.page.get_by_label("驗證碼").fill("12")
        somebody.button("用驗證碼確認").click()
        somebody.says("無法確認身分")
        somebody.look("factors-second-step-refused")
        somebody.page.get_by_label("驗證碼").fill(code(secret, 1))
        somebody.button("用驗證碼確認").click()
        expect(somebody.page).to_have_url(site + reverse("home"))

        for outcome in ("in", "refused"):
            leave(somebody)
            enter(somebody, teacher)
            somebody.page.get_by_label("驗證碼").fill(codes[0])
            somebody.button("用驗證碼確認").click()
            if outcome == "in":
                expect(somebody.page).to_have_url(site + reverse("home"))
        somebody.says("無法確認身分")


def test_a_passkey_is_second_factor_step_up_and_whole_sign_in(browser, site, teacher, settings):
    with person(browser, site, PHONE) as somebody:
        device = somebody.context.new_cdp_session(somebody.page)
        device.send("WebAuthn.enable")
        device.send("WebAuthn.addVirtualAuthenticator", {"options": INSIDE_DEVICE})
        enter(somebody, teacher)
        somebody.link("加一把通行金鑰").click()
        somebody.look("factors-add-passkey")
        somebody.page.get_by_label("這把通行金鑰的名稱").fill("我的手機")
        somebody.button("建立通行金鑰").click()
        heading(somebody, "救援碼")

        settings.STEP_UP_SECONDS = 0
        somebody.open(reverse("factors"))
        somebody.says("我的手機", "還沒用過")
        somebody.look("factors-own")
        somebody.page.get_by_text("換一組新的救援碼", exact=True).click()
        somebody.button("產生新的救援碼").click()
        heading(somebody, "再確認一次身分")
        somebody.look("factors-step-up")
        settings.STEP_UP_SECONDS = 600
        somebody.button("用通行金鑰確認").click()
        somebody.says("身分已確認，請再按一次。", "登入保護")
        somebody.page.get_by_text("換一組新的救援碼", exact=True).click()
        somebody.button("產生新的救援碼").click()
        heading(somebody, "救援碼")

        leave(somebody)
        enter(somebody, teacher)
        heading(somebody, "登入：第二步")
        somebody.button("用通行金鑰確認").click()
        expect(somebody.page).to_have_url(site + reverse("home"))

        leave(somebody)
        somebody.open(reverse("outcomes:queue"))
        somebody.look("factors-sign-in")
        somebody.button("用通行金鑰登入").click()
        expect(somebody.page).to_have_url(site + reverse("outcomes:queue"))

    counted = Authenticator.objects.get(user=teacher.user, type="webauthn").data["sign_count"]
    assert counted > 1


def test_without_scripts_the_pages_offer_the_app_and_say_why(browser, site, teacher):
    with person(browser, site, PHONE, scripts=False) as somebody:
        enter(somebody, teacher)
        heading(somebody, "登入保護")
        somebody.open(reverse("add_passkey"))
        somebody.says("這個瀏覽器不能用通行金鑰，或沒有開啟 JavaScript")
        somebody.open(reverse("add_app"))
        somebody.page.get_by_text("不能掃描？").click()
        secret = secret_on(somebody)
        somebody.page.get_by_label("應用程式現在顯示的 6 位數字").fill(code(secret))
        somebody.button("確認並加上").click()
        heading(somebody, "救援碼")

    row = Authenticator.objects.get(user=teacher.user, type="totp")
    assert get_adapter().decrypt(row.data["secret"]) == secret
