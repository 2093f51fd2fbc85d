"""Second factors: adding, showing, losing them; what a session that owes one reaches, what each act leaves behind."""

import json
import re
import time

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail
from django.urls import reverse

from licheng.foundations.accounts import factors
from licheng.foundations.accounts.operations import clear_factors
from licheng.foundations.authz import Actor
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
    with_passkey,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def address(settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    settings.PUBLIC_URL = SITE
    settings.ALLOWED_HOSTS = [HOST]


@pytest.fixture
def teacher():
    person = PersonFactory(roles=[Role.TEACHER])
    person.user.set_password(PASSWORD)
    person.user.save()
    EmailAddress.objects.create(user=person.user, email="t@school.example", verified=True, primary=True)
    return person


# -- who owes what ------------------------------------------------------------------------------


def test_staff_reach_nothing_before_a_factor_and_are_sent_back_afterwards(teacher):
    client = entered(teacher)

    asked = client.get(reverse("outcomes:queue"))
    assert (asked.status_code, asked.url) == (302, f"{reverse('factors')}?next={reverse('outcomes:queue')}")
    page = client.get(asked.url).content.decode()
    assert page.index("通行金鑰") < page.index("驗證應用程式")
    assert "請先設定一種登入保護" in page

    assert with_app(client).url == reverse("recovery_codes")
    codes = client.get(reverse("recovery_codes")).content.decode()
    assert len(re.findall(r"<li>\d{5} \d{5}</li>", codes)) == 10
    assert client.post(reverse("recovery_codes")).url == reverse("outcomes:queue")
    assert client.get(reverse("outcomes:queue")).status_code == 200


def test_every_page_but_those_of_the_step_sends_a_half_signed_in_session_to_it(teacher):
    with_app(entered(teacher))
    half = entered(teacher)
    pages = ["home", "people:classes", "rosters:imports", "account", "sessions", "recovery_codes"]

    for name in pages:
        assert half.get(reverse(name)).url.startswith(reverse("factors")), name
    assert half.get(reverse("factors")).url == reverse("step_up")
    for name in ("add_app", "add_passkey"):  # a factor cannot be added by the password alone
        answer = half.get(reverse(name))
        assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("step_up"))
    for name in ("renew_codes",):
        assert half.post(reverse(name)).url.startswith(reverse("factors"))
    assert half.post(reverse("add_app"), {"code": "123456"}).url == reverse("add_app")
    assert Authenticator.objects.filter(user=teacher.user).count() == 2


def test_a_half_signed_in_htmx_request_is_sent_whole(teacher):
    with_app(entered(teacher))
    half = entered(teacher)
    head = {"HX-Request": "true", "HX-Current-URL": f"http://{HOST}/outcomes/"}

    answer = half.get(reverse("outcomes:queue"), headers=head)

    assert answer.headers["HX-Redirect"] == f"{reverse('factors')}?next=/outcomes/"


def test_students_need_none_but_whoever_has_one_shows_it():
    student = StudentFactory()
    EmailAddress.objects.create(user=student.user, email="s@school.example", verified=True)
    client = entered(student)
    assert client.get(reverse("factors")).status_code == 200

    with_app(client)

    assert entered(student).get(reverse("outcomes:list")).url.startswith(reverse("factors"))


def test_a_marked_session_asks_the_database_nothing(teacher, rf, django_assert_num_queries):
    request = rf.get("/")
    request.user, request.session = teacher.user, {}
    factors.mark(request, teacher.user, "shown")
    factors.record_proof(request, teacher.user, "mfa")

    with django_assert_num_queries(0):
        assert factors.pending_factor(request) is False
        assert factors.freshness(request) is True


# -- showing a factor -----------------------------------------------------------------------------


def test_a_code_opens_the_session_once_under_another_key(teacher):
    with_app(entered(teacher))
    half = entered(teacher)
    before = half.session.session_key

    with time_machine.travel(time.time() + 30):
        code = code_of(teacher)
        answer = half.post(reverse("step_up"), {"code": code})
        assert answer.url == reverse("home")
        assert half.get(reverse("outcomes:queue")).status_code == 200
        assert half.session.session_key != before
        assert not Session.objects.filter(session_key=before).exists()

        second = entered(teacher).post(reverse("step_up"), {"code": code})
        assert second.status_code == 422

    assert acts()[-2:] == ["account.factor", "account.factor_failed"]


def test_the_code_that_set_the_app_up_is_spent(teacher):
    with_app(entered(teacher))

    assert entered(teacher).post(reverse("step_up"), {"code": code_of(teacher)}).status_code == 422


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 302), (0, 302), (1, 302), (2, 422)])
def test_a_clock_may_be_half_a_minute_off(teacher, steps, status):
    with_app(entered(teacher))

    with time_machine.travel(time.time() + 300):
        assert (
            entered(teacher).post(reverse("step_up"), {"code": code_of(teacher, steps)}).status_code == status
        )


def test_a_code_from_before_the_last_one_is_refused_though_its_time_has_not_run_out(teacher):
    with_app(entered(teacher))

    with time_machine.travel(time.time() + 300):
        assert entered(teacher).post(reverse("step_up"), {"code": code_of(teacher, 1)}).status_code == 302
        assert entered(teacher).post(reverse("step_up"), {"code": code_of(teacher, 0)}).status_code == 422
    with time_machine.travel(time.time() + 360):  # allauth's own memory of a code lasts 30 s, its code 90
        assert entered(teacher).post(reverse("step_up"), {"code": code_of(teacher, -1)}).status_code == 422


def test_full_width_digits_and_spaces_are_read(teacher):
    with_app(entered(teacher))

    with time_machine.travel(time.time() + 60):
        typed = "".join(chr(ord(digit) + 0xFEE0) for digit in code_of(teacher))
        answer = entered(teacher).post(reverse("step_up"), {"code": f" {typed[:3]} {typed[3:]}"})

    assert answer.status_code == 302


def test_guesses_end_at_five_for_the_account_whatever_session_they_come_from(teacher):
    with_app(entered(teacher))

    with time_machine.travel(time.time() + 60):
        for _guess in range(5):
            assert entered(teacher).post(reverse("step_up"), {"code": "000000"}).status_code == 422
        assert entered(teacher).post(reverse("step_up"), {"code": code_of(teacher)}).status_code == 429
    with time_machine.travel(time.time() + 60 + 901):
        assert entered(teacher).post(reverse("step_up"), {"code": code_of(teacher)}).status_code == 302


@pytest.mark.parametrize("code", ["", "１", "０" * 40, "9" * 41, "\0", "abc\u0000", "123456\n", "🙂" * 6])
def test_hostile_codes_are_wrong_codes(teacher, code):
    with_app(entered(teacher))

    assert entered(teacher).post(reverse("step_up"), {"code": code}).status_code == 422


def test_the_password_is_no_second_factor(teacher):
    with_app(entered(teacher))

    answer = entered(teacher).post(reverse("step_up"), {"password": PASSWORD})

    assert answer.status_code == 422


def test_a_recovery_code_works_once_and_its_owner_is_told(teacher):
    client = entered(teacher)
    with_app(client)
    codes = re.findall(r"<li>(\d{5} \d{5})</li>", client.get(reverse("recovery_codes")).content.decode())
    mail.outbox.clear()

    first = entered(teacher)
    assert first.post(reverse("step_up"), {"code": codes[3]}).status_code == 302
    assert "還剩 9 組" in first.get(reverse("factors")).content.decode()
    assert entered(teacher).post(reverse("step_up"), {"code": codes[3]}).status_code == 422
    assert entered(teacher).post(reverse("step_up"), {"code": codes[4]}).status_code == 302


def codes_on(client):
    page = client.get(reverse("recovery_codes")).content.decode()
    return re.findall(r"<li>(\d{5} \d{5})</li>", page)


def test_recovery_codes_are_shown_until_their_owner_says_that_they_are_kept(teacher):
    client = entered(teacher)
    with_app(client)

    old = codes_on(client)
    client.head(reverse("recovery_codes"))
    assert len(old) == 10
    assert codes_on(client) == old
    assert reverse("recovery_codes") in client.get(reverse("factors")).content.decode()
    proved(client, teacher, "mfa", ago=601)  # she printed them meanwhile
    assert client.get(reverse("recovery_codes")).url.startswith(reverse("step_up"))
    assert client.post(reverse("recovery_codes")).url == reverse("factors")
    proved(client, teacher, "mfa")

    assert client.post(reverse("recovery_codes")).status_code == 302
    assert codes_on(client) == []
    assert f'href="{reverse("recovery_codes")}"' not in client.get(reverse("factors")).content.decode()
    assert acts().count("account.recovery_codes_kept") == 1


def test_new_recovery_codes_end_the_old(teacher):
    client = entered(teacher)
    with_app(client)
    old = codes_on(client)

    assert client.post(reverse("renew_codes")).url == reverse("recovery_codes")
    new = codes_on(client)

    assert len(set(new) - set(old)) == 10
    assert entered(teacher).post(reverse("step_up"), {"code": old[0]}).status_code == 422
    assert entered(teacher).post(reverse("step_up"), {"code": new[0]}).status_code == 302


# -- changing factors ---------------------------------------------------------------------------------


def test_a_change_is_told_by_letter_and_makes_other_sessions_show_again(
    teacher, django_capture_on_commit_callbacks
):
    here, there = entered(teacher), entered(teacher)
    with django_capture_on_commit_callbacks(execute=True):
        with_app(here)

    assert here.get(reverse("outcomes:queue")).status_code == 200
    assert there.get(reverse("outcomes:queue")).url.startswith(reverse("factors"))
    assert [letter.to for letter in mail.outbox] == [["t@school.example"]]
    assert "驗證應用程式" in mail.outbox[0].body


def test_the_last_factor_of_staff_stays_and_the_last_but_one_goes(teacher):
    client = entered(teacher)
    with_app(client)
    app = Authenticator.objects.get(user=teacher.user, type="totp")

    refused = client.post(reverse("remove_factor", args=[app.pk]))
    assert refused.status_code == 409

    with_passkey(client)
    assert client.post(reverse("remove_factor", args=[app.pk])).status_code == 302
    assert client.get(reverse("outcomes:queue")).status_code == 200
    kinds = set(Authenticator.objects.filter(user=teacher.user).values_list("type", flat=True))
    assert kinds == {"webauthn", "recovery_codes"}


def test_a_student_removes_the_last_and_its_recovery_codes_go_with_it():
    student = StudentFactory()
    client = entered(student)
    with_app(client)
    app = Authenticator.objects.get(user=student.user, type="totp")

    client.post(reverse("remove_factor", args=[app.pk]))

    assert not Authenticator.objects.filter(user=student.user).exists()
    assert client.get(reverse("factors")).status_code == 200
    assert acts()[-1] == "account.factor_removed"


def test_factors_of_others_are_not_there(teacher):
    other = PersonFactory(school=teacher.school, roles=[Role.TEACHER])
    mine, theirs = entered(teacher), entered(other)
    with_app(mine)
    with_passkey(theirs)
    target = Authenticator.objects.get(user=other.user, type="webauthn")
    codes = Authenticator.objects.get(user=teacher.user, type="recovery_codes")

    assert mine.post(reverse("remove_factor", args=[target.pk])).status_code == 404
    assert mine.post(reverse("rename_passkey", args=[target.pk]), {"name": "x"}).status_code == 404
    assert mine.post(reverse("remove_factor", args=[codes.pk])).status_code == 404
    assert mine.post(reverse("rename_passkey", args=[codes.pk]), {"name": "x"}).status_code == 404
    target.refresh_from_db()
    assert target.data["name"] == "手機"


def test_changes_want_fresh_identity(teacher):
    client = entered(teacher)
    with_app(client)
    with_passkey(client)
    proved(client, teacher, "mfa", ago=601)
    key = Authenticator.objects.get(user=teacher.user, type="webauthn")
    acts_ = [
        ("get", "add_app", [], {}),
        ("get", "add_passkey", [], {}),
        ("get", "recovery_codes", [], {}),
        ("post", "renew_codes", [], {}),
        ("post", "remove_factor", [key.pk], {}),
        ("post", "rename_passkey", [key.pk], {"name": "新"}),
    ]

    for method, name, ids, data in acts_:
        answer = getattr(client, method)(reverse(name, args=ids), data)
        assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("step_up")), name
    assert client.post(reverse("rename_passkey", args=[key.pk]), {"name": "新"}).status_code == 302
    key.refresh_from_db()
    assert key.data["name"] == "手機"


def test_whoever_lost_everything_starts_anew(teacher):
    client = entered(teacher)
    with_app(client)

    assert clear_factors(actor=Actor.system("test"), user=teacher.user) == 2

    assert client.get(reverse("outcomes:queue")).url.startswith(reverse("factors"))
    assert not Authenticator.objects.filter(user=teacher.user).exists()


def test_the_database_holds_no_secret_in_the_clear(teacher):
    client = entered(teacher)
    client.get(reverse("add_app"))
    kept = client.session["factors_secret"]
    secret = get_adapter().decrypt(kept)
    client.post(reverse("add_app"), {"code": code_from(secret)})
    rows = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))

    assert secret not in kept
    assert secret not in rows
    assert not Authenticator.objects.filter(type="totp", data__secret=secret).exists()
