"""Codes on paper: a reload shows the same cards and makes no new ones; nobody else is shown them, and not for long."""

import re
import time
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.accounts import kept
from licheng.foundations.accounts.models import EnrolmentCode
from licheng.foundations.audit.models import AuditEntry
from licheng.school.people.models import GuardianCode, Role, RoleGrant
from licheng.school.people.operations import issue_person_code
from tests import factories

pytestmark = pytest.mark.django_db
CODE = re.compile(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}")
OVER, SPENT = "這裡已經沒有可以顯示的碼", "已用過或已作廢"
ACTS = {
    "class_codes": "class.codes_issued",
    "person_code": "account.code_issued",
    "class_guardian_codes": "guardian.code_made",
    "guardian_code": "guardian.code_made",
}


@pytest.fixture
def office():
    return factories.PersonFactory(roles=[Role.REGISTRAR])


@pytest.fixture
def student(office):
    group = factories.ClassGroupFactory(school=office.school, name="仁班")
    person = factories.StudentFactory(school=office.school, profile__class_group=group)
    person.user.set_unusable_password()
    person.user.save()
    return person


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


def address(name, student):
    key = student.student.class_group_id if name.startswith("class") else student.pk
    return reverse(f"people:{name}", args=[key])


def made():
    return EnrolmentCode.objects.count() + GuardianCode.objects.count()


def shown(client, url):
    return CODE.findall(client.get(url).content.decode())


@pytest.mark.parametrize("name", list(ACTS))
def test_a_reload_shows_the_same_codes_and_makes_no_new_ones(office, student, name, caplog):
    caplog.set_level("DEBUG")
    client, url = client_of(office), address(name, student)

    answer = client.post(url)
    codes = [shown(client, url) for _n in range(3)]

    assert (answer.status_code, answer["Location"]) == (302, url)
    assert codes == [codes[0]] * 3
    assert (len(codes[0]), made()) == (1, 1)
    assert AuditEntry.objects.filter(action=ACTS[name]).count() == 1
    assert "no-store" in client.get(url)["Cache-Control"]
    assert codes[0][0] not in caplog.text
    assert codes[0][0] not in str(dict(client.session))
    assert codes[0][0] not in str(list(Session.objects.values_list("session_data")))


@pytest.mark.parametrize("name", list(ACTS))
def test_another_session_and_another_person_are_shown_nothing(office, student, name):
    url = address(name, student)
    client = client_of(office)
    client.post(url)
    colleague = factories.PersonFactory(school=office.school, roles=[Role.REGISTRAR])
    stolen = client_of(colleague)
    session = stolen.session
    session[f"{kept.CODES}{url}"] = client.session[f"{kept.CODES}{url}"]
    session.save()

    assert shown(client, url)
    for other in (client_of(office), client_of(colleague), stolen):
        assert shown(other, url) == []
    client.logout()
    client.force_login(office.user)
    assert shown(client, url) == []


@pytest.mark.parametrize("name", list(ACTS))
@pytest.mark.parametrize("is_said", [True, False])
def test_they_are_over_once_that_is_said_or_after_a_quarter_of_an_hour(office, student, name, is_said):
    client, url = client_of(office), address(name, student)
    client.post(url)
    before = shown(client, url)
    if is_said:
        left = client.post(url, {"done": "1"})
        assert (left.status_code, left["Location"] != url) == (302, True)

    with time_machine.travel(time.time() + (0 if is_said else kept.KEPT_SECONDS + 1)):
        page = client.get(url).content.decode()

    assert (len(before), CODE.findall(page), made()) == (1, [], 1)
    says = "這裡已經沒有可以顯示的家長連結碼" if name == "guardian_code" else OVER
    assert says in page
    voids = "先前發的、還沒用過的啟用碼全部失效" in page
    assert voids is (name in {"class_codes", "person_code"})
    assert f"{kept.CODES}{url}" not in client.session


@pytest.mark.parametrize("name", ["class_codes", "person_code"])
def test_a_code_that_a_newer_one_replaced_is_not_printed_again(office, student, name):
    client, url = client_of(office), address(name, student)
    client.post(url)

    issue_person_code(actor=factories.actor(office), person_id=student.pk)

    page = client.get(url).content.decode()
    assert (CODE.findall(page), SPENT in page) == ([], True)


@pytest.mark.parametrize("name", ["class_guardian_codes", "guardian_code"])
def test_a_guardians_code_that_was_withdrawn_is_not_shown_again(office, student, name):
    client, url = client_of(office), address(name, student)
    client.post(url)

    client.post(reverse("people:withdraw_guardian_code", args=[GuardianCode.objects.get().pk]))

    page = client.get(url).content.decode()
    assert (CODE.findall(page), SPENT in page) == ([], True)


def test_whoever_hands_out_codes_no_more_is_shown_none(office, student):
    client = client_of(office)
    for name in ACTS:
        client.post(address(name, student))
    RoleGrant.objects.filter(person=office).delete()

    answers = {name: client.get(address(name, student)).status_code for name in ACTS}

    assert set(answers.values()) <= {403, 404}


def test_the_students_own_page_shows_her_code_until_she_has_copied_it(student):
    client, url = client_of(student), address("guardian_code", student)
    client.post(url)
    [code] = shown(client, url)

    assert shown(client, url) == [code]
    assert shown(client, reverse("people:own_guardians")) == []
    assert client.post(url, {"done": "1"})["Location"] == reverse("people:own_guardians")
    assert shown(client, url) == []


def test_a_recovery_is_shown_on_the_page_of_codes_with_what_it_means(office):
    student = factories.StudentFactory(school=office.school)
    client = client_of(office)
    factories.fresh(client)
    seen = {"check": "student-card", "detail": "", "reason": "手機遺失"}

    answer = client.post(reverse("people:recover", args=[student.pk]), seen)

    pages_shown = [client.get(answer["Location"]).content.decode() for _n in range(2)]
    assert answer["Location"] == address("person_code", student)
    assert all("第二道驗證才會失效" in page for page in pages_shown)
    assert len({*CODE.findall("".join(pages_shown))}) == made() == 1


def test_a_session_keeps_some_pages_of_codes_and_none_that_are_over(office, student):
    client, now = client_of(office), timezone.now()
    first = address("guardian_code", student)
    with time_machine.travel(now - timedelta(seconds=kept.KEPT_SECONDS + 1)):
        client.force_login(office.user)
        client.post(first)
    for _n in range(kept.PAGES_MOST + 2):
        other = factories.StudentFactory(school=office.school)
        client.post(address("guardian_code", other))

    held = [name for name, _entry in client.session.items() if name.startswith(kept.CODES)]
    assert len(held) == kept.PAGES_MOST
    assert f"{kept.CODES}{first}" not in held
    assert len(shown(client, address("guardian_code", other))) == 1


def test_a_class_whose_students_hold_enough_guardians_codes_gets_no_empty_sheet(office, student):
    client, url = client_of(office), address("class_guardian_codes", student)
    for _n in range(4):
        client.post(url)

    answer = client.post(url, follow=True)

    assert made() == 4
    assert answer.redirect_chain[-1][0] == address("class_sheet", student)
    assert "沒有產生新的" in answer.content.decode()
