"""Enrolment on a phone, at every state: the code's page, refusals, the code from the letter, home."""

import re

from playwright.sync_api import expect

from licheng.embedded.authenticator import email_code
from tests.e2e.browser import PHONE, person

STUDENT, ADDRESS = "1152010", "1152010@tests.invalid"
OWN = "河邊有三隻白鷺鷥在散步呢"


def test_a_student_enrols_on_a_phone(school, browser):
    with person(browser, school.url, PHONE) as student:
        page = student.open(f"/enrol/?school={school.code}")
        expect(page.get_by_label("學校")).to_have_value(re.compile(f"^{school.code} "))
        student.says("至少 12 個字元", "只能用一次")
        student.look("enrol")
        _fill(student, code="abcd-efgh-jkmn-pqrs", password=OWN)
        expect(page.get_by_role("alert")).to_contain_text("帳號或啟用碼不正確")
        student.look("enrol-wrong-code")
        _fill(student, code=school.codes[STUDENT], password="password2026")
        expect(page.get_by_role("alert")).to_contain_text("外洩密碼清單")
        student.look("enrol-password-refused")
        _fill(student, code=school.codes[STUDENT].upper().replace("-", " "), password=OWN)
        expect(page).to_have_url(re.compile(r"/email/(\?|$)"))
        student.look("enrol-email")
        page.get_by_role("textbox").fill(ADDRESS)
        student.button("寄確認碼").click()
        student.says(ADDRESS)
        student.look("enrol-email-code")
        page.get_by_role("textbox").fill(email_code(school.here.school.home / "mail", ADDRESS))
        student.button("確認").click()
        student.open("/")
        student.says("歡迎回來")
        student.look("enrol-home")
    with person(browser, school.url, PHONE) as thief:
        page = thief.open(f"/enrol/?school={school.code}")
        _fill(thief, code=school.codes[STUDENT], password=OWN)
        expect(page.get_by_role("alert")).to_contain_text("已經用過")


def _fill(student, *, code: str, password: str) -> None:
    page = student.page
    page.get_by_label("帳號").fill(STUDENT)
    page.get_by_role("textbox", name="啟用碼").fill(code)
    for field in page.locator("input[type=password]").all():
        field.fill(password)
    student.button("啟用並登入").click()
