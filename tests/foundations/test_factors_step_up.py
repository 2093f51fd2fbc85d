"""Identity once more: who is asked, by what, where it leads back to, and how long it holds."""

import time

import pytest
import time_machine
from allauth.mfa.adapter import get_adapter
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import path, reverse

from licheng.config import urls_school
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.onward import own_path
from licheng.foundations.errors import StepUpNeeded
from licheng.school.people.models import Role
from tests.factories import PersonFactory, StudentFactory
from tests.foundations.showing import (
    HOST,
    PASSWORD,
    SITE,
    acts,
    code_from,
    code_of,
    entered,
    proved,
    with_app,
)

pytestmark = pytest.mark.django_db
FOREIGN = [
    "https://elsewhere.example/",
    "//elsewhere.example/",
    "/\\elsewhere.example",
    "\\\\elsewhere.example",
    "javascript:alert(1)",
    "elsewhere",
    "/\t/elsewhere.example",
    "///elsewhere.example",
    "http:///elsewhere.example",
    "\x00//elsewhere.example",
]


def weighty(request):
    """An action that wants identity shown again."""
    if not request.actor.is_fresh:
        raise StepUpNeeded
    return HttpResponse("done")


urlpatterns = [*urls_school.urlpatterns, path("weighty/", weighty, name="weighty")]
handler404 = urls_school.handler404


@pytest.fixture(autouse=True)
def address(settings):
    settings.ROOT_URLCONF = __name__
    settings.PUBLIC_URL = SITE
    settings.ALLOWED_HOSTS = [HOST]


@pytest.fixture
def teacher():
    person = PersonFactory(roles=[Role.TEACHER])
    person.user.set_password(PASSWORD)
    person.user.save()
    return person


@pytest.fixture
def stale(teacher):
    """A teacher with an app, whose last proof is eleven minutes old."""
    client = entered(teacher)
    with_app(client)
    return proved(client, teacher, "mfa", ago=660)


def test_a_form_is_led_to_the_page_and_back_to_where_it_stood(teacher, stale):
    asked = stale.post("/weighty/", headers={"referer": f"http://{HOST}/outcomes/?page=2"})
    assert (asked.status_code, asked.url) == (302, f"{reverse('step_up')}?next=/outcomes/%3Fpage%3D2")
    assert 'name="next" value="/outcomes/?page=2"' in stale.get(asked.url).content.decode()

    with time_machine.travel(time.time() + 60):
        answer = stale.post(reverse("step_up"), {"code": code_of(teacher), "next": "/outcomes/?page=2"})
        assert answer.url == "/outcomes/?page=2"
        assert [str(one) for one in get_messages(answer.wsgi_request)] == ["身分已確認，請再按一次。"]
        assert stale.post("/weighty/").content == b"done"
    assert acts()[-1] == "account.step_up"


def test_a_page_and_a_part_of_a_page_and_json_are_each_told_in_their_own_way(stale):
    assert stale.get("/weighty/").url == f"{reverse('step_up')}?next=/weighty/"

    part = stale.post("/weighty/", headers={"HX-Request": "true", "HX-Current-URL": f"http://{HOST}/home/"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (200, f"{reverse('step_up')}?next=/home/")

    asked = stale.post("/weighty/", headers={"accept": "application/json"})
    assert (asked.status_code, asked.headers["Content-Type"]) == (403, "application/problem+json")
    assert asked.json()["type"].endswith("step-up-needed")


def test_it_holds_for_ten_minutes_from_the_last_proof_whichever_way_the_clock_goes(teacher):
    client = entered(teacher)
    with_app(client)

    assert proved(client, teacher, "mfa", ago=590).get("/weighty/").status_code == 200
    assert proved(client, teacher, "mfa", ago=601).get("/weighty/").status_code == 302
    assert proved(client, teacher, "mfa", ago=-601).get("/weighty/").status_code == 302


def test_a_password_just_shown_is_not_enough_for_whoever_has_a_factor(teacher):
    client = entered(teacher)
    with_app(client)

    assert proved(client, teacher, "password").get("/weighty/").status_code == 302


def test_people_without_a_factor_show_their_password():
    student = StudentFactory()
    student.user.set_password(PASSWORD)
    student.user.save()
    client = proved(entered(student), student, "password", ago=660)

    page = client.get(client.get("/weighty/").url).content.decode()
    assert 'name="password"' in page
    assert 'name="code"' not in page
    assert client.post(reverse("step_up"), {"password": "wrong"}).status_code == 422
    assert client.post(reverse("step_up"), {"password": PASSWORD, "next": "/weighty/"}).url == "/weighty/"
    assert client.get("/weighty/").status_code == 200
    assert acts()[-2:] == ["account.step_up_failed", "account.step_up"]


def test_passwords_are_not_guessed_here_either():
    student = StudentFactory()
    student.user.set_password(PASSWORD)
    student.user.save()
    client = proved(entered(student), student, "password", ago=660)

    for _guess in range(5):
        assert client.post(reverse("step_up"), {"password": "wrong"}).status_code == 422
    assert client.post(reverse("step_up"), {"password": PASSWORD}).status_code == 429


def test_an_account_without_password_and_factor_is_told_what_to_do():
    student = StudentFactory()
    User.objects.filter(pk=student.user_id).update(password="!")
    student.user.refresh_from_db()
    client = proved(entered(student), student, "socialaccount", ago=660)

    page = client.get(reverse("step_up")).content.decode()

    assert "再用原來的方式登入一次" in page
    assert proved(client, student, "socialaccount").get("/weighty/").status_code == 200


@pytest.mark.parametrize("target", FOREIGN)
def test_nobody_is_led_to_another_site(teacher, stale, target):
    assert own_path(target) == ""

    with time_machine.travel(time.time() + 60):
        answer = stale.post(reverse("step_up"), {"code": code_of(teacher), "next": target})

    assert answer.url == reverse("home")
    assert 'name="next" value=""' in stale.get(reverse("step_up"), {"next": target}).content.decode()


def test_nobody_is_led_to_another_site_after_the_second_step(teacher):
    with_app(entered(teacher))
    half = entered(teacher)
    half.get(reverse("factors"), {"next": "//elsewhere.example/"})

    with time_machine.travel(time.time() + 60):
        assert half.post(reverse("step_up"), {"code": code_of(teacher)}).url == reverse("home")


def test_a_planted_session_is_nobodys_after_either_step(teacher, settings):
    with_app(entered(teacher))
    victim, attacker = entered(teacher), Client(headers={"host": HOST})
    planted = victim.session.session_key
    attacker.cookies[settings.SESSION_COOKIE_NAME] = planted

    with time_machine.travel(time.time() + 60):
        victim.post(reverse("step_up"), {"code": code_of(teacher)})

    assert victim.get("/outcomes/queue/").status_code != 302
    assert attacker.get("/weighty/").url.startswith(reverse("sign_in"))


def test_one_who_shows_nothing_is_nobody_on_public_pages(teacher):
    with_app(entered(teacher))
    half = entered(teacher)

    assert teacher.name not in half.get(reverse("status")).content.decode()
    assert half.get(reverse("sign_in")).status_code == 200


def test_whoever_sets_up_a_first_factor_too_slowly_shows_the_password_and_goes_on_with_it(teacher):
    client = proved(entered(teacher), teacher, "password", ago=590)
    client.get(reverse("factors"), {"next": "/outcomes/queue/"})
    client.get(reverse("add_app"))
    scanned = client.session["factors_secret"]
    proved(client, teacher, "password", ago=660)
    page = f"http://{HOST}{reverse('add_app')}"
    code = code_from(get_adapter().decrypt(scanned))

    asked = client.post(reverse("add_app"), {"code": code}, headers={"referer": page})
    assert asked.url == f"{reverse('step_up')}?next={reverse('add_app')}"
    back = client.post(reverse("step_up"), {"password": PASSWORD, "next": reverse("add_app")})
    assert back.url == reverse("add_app")
    client.get(back.url)
    assert client.session["factors_secret"] == scanned
    assert client.post(reverse("add_app"), {"code": code}).url == reverse("recovery_codes")
    assert client.post(reverse("recovery_codes")).url == "/outcomes/queue/"


@pytest.fixture
def operator(settings):
    settings.ROOT_URLCONF = "licheng.config.urls_archive"
    settings.ACTOR_OF = "licheng.archive.intake.actors.actor_of"
    settings.MAY_ENTER = "licheng.archive.intake.actors.may_enter"
    settings.NAVIGATION = "licheng.archive.navigation.navigation"
    settings.ENTER_SCHOOL = ""
    return User.objects.create(login="operator", name="中央操作人員", is_operator=True)


def test_operators_of_the_archive_owe_a_factor_and_step_up_too(operator):
    class Somebody:
        user = operator

    client = entered(Somebody)
    assert client.get(reverse("home")).url == f"{reverse('factors')}?next=/"
    assert "請先設定一種登入保護" in client.get(reverse("factors")).content.decode()

    with_app(client)
    assert client.get(reverse("home")).status_code == 200
    proved(client, Somebody, "mfa", ago=660)
    asked = client.post(reverse("renew_codes"), headers={"referer": f"http://{HOST}{reverse('factors')}"})
    assert asked.url == f"{reverse('step_up')}?next={reverse('factors')}"
    with time_machine.travel(time.time() + 60):
        assert client.post(reverse("step_up"), {"code": code_of(Somebody)}).status_code == 302
        assert client.post(reverse("renew_codes")).url == reverse("recovery_codes")
