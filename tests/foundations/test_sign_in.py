"""Signing in: one answer for every refusal, in the same time; lock-out that a classmate cannot use; proof of work."""

import threading
from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.accounts import lockout, signing_in
from licheng.foundations.accounts.operations import forget_sign_ins
from licheng.foundations.authz import Actor
from licheng.foundations.limits.models import Tally
from licheng.foundations.limits.operations import Limit, consume
from licheng.school.people.models import Person
from tests.factories import StudentFactory
from tests.foundations.signing import ELSEWHERE, PASSWORD, fail, is_in, person_with_password, proof, sign_in

pytestmark = pytest.mark.django_db
NOT_RIGHT = "學校、帳號或密碼不正確"


@pytest.fixture(autouse=True)
def cheap_proofs(settings):
    settings.ALTCHA_COST = 10


@pytest.fixture
def person():
    return person_with_password()


def left_school(person):
    Person.objects.filter(pk=person.pk).update(left_on="2026-06-30")


def deactivated(person):
    person.user.is_active = False
    person.user.save()


def without_password(person):
    person.user.set_unusable_password()
    person.user.save()


def unknown(person):
    person.account = "nobody"


REFUSED = [lambda _person: None, left_school, deactivated, without_password, unknown]


@pytest.mark.parametrize("becomes", REFUSED, ids=["wrong", "left", "closed", "no code used", "unknown"])
def test_every_refusal_says_the_same_and_hashes_once(client, person, becomes, monkeypatch):
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *given: hashed.append(1) or encode(*given))
    becomes(person)
    password = "wrong" if becomes is REFUSED[0] else PASSWORD

    answer = sign_in(client, person, password)

    assert (answer.status_code, is_in(client), len(hashed)) == (422, False, 1)
    assert NOT_RIGHT in answer.content.decode()
    assert password not in answer.content.decode()


def test_whoever_left_or_was_closed_loses_access_at_once(client, person):
    sign_in(client, person)
    assert client.get(reverse("account")).status_code == 200

    left_school(person)
    assert client.get(reverse("account"))["Location"].startswith(reverse("sign_in"))
    Person.objects.filter(pk=person.pk).update(left_on=None)
    deactivated(person)
    assert client.get(reverse("account"))["Location"].startswith(reverse("sign_in"))


def test_signing_in_gives_another_session_key_and_leaves_nothing_of_a_stranger(client, person):
    client.get(reverse("home"))
    session = client.session
    session["left"] = "by somebody else"
    session.save()
    before = session.session_key

    sign_in(client, person)
    again = Client()
    again.cookies.update(client.cookies)
    other = person_with_password(StudentFactory(school=person.school))
    sign_in(again, other)

    assert client.session.session_key != before
    assert (again.session.get("left"), int(again.session["_auth_user_id"])) == (None, other.user_id)


def test_five_failures_lock_for_a_quarter_of_an_hour_and_tell_how_long(client, person):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        answers = [fail(client, person) for _time in range(5)]
        clock.shift(timedelta(minutes=5))
        refused = sign_in(client, person, proof=proof())
        clock.shift(timedelta(minutes=10, seconds=1))
        let_in = sign_in(client, person)

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 429]
    assert "請等 15 分鐘" in answers[-1].content.decode()
    assert (refused.status_code, "請等 10 分鐘" in refused.content.decode()) == (429, True)
    assert (let_in.status_code, is_in(client)) == (302, True)


def test_an_account_that_does_not_exist_is_locked_in_the_same_words(client, person):
    real = fail(client, person, 5).content.decode()
    person.account, name = "nobody", person.account
    none = fail(Client(), person, 5).content.decode()

    said = [page[page.index("連續輸入錯誤") : page.index("「忘記密碼」")] for page in (real, none)]
    assert said[0] == said[1]
    assert name in real


def test_a_classmate_cannot_lock_out_a_device_that_is_known(person):
    known, classmate = Client(), Client(REMOTE_ADDR=ELSEWHERE)
    sign_in(known, person)
    known.post(reverse("sign_out"))
    fail(classmate, person, 5)

    assert sign_in(Client(), person, proof=proof()).status_code == 429
    assert sign_in(known, person).status_code == 302


def test_a_known_device_is_locked_by_its_own_failures(person):
    known = Client()
    sign_in(known, person)
    known.post(reverse("sign_out"))

    assert fail(known, person, 5).status_code == 429
    assert sign_in(Client(), person).status_code == 302


def test_a_device_is_known_to_the_accounts_that_used_it_and_until_they_forget(person):
    known, other = Client(), person_with_password(StudentFactory(school=person.school))
    sign_in(known, person)
    known.post(reverse("sign_out"))
    fail(Client(), other, 5)
    assert sign_in(known, other, proof=proof()).status_code == 429

    fail(Client(), person, 5)
    person.user.epoch += 1
    person.user.save()
    assert sign_in(known, person, proof=proof()).status_code == 429


def test_a_made_up_device_is_nobodys(person):
    forged = Client()
    sign_in(forged, person)
    forged.post(reverse("sign_out"))
    cookie = forged.cookies["device-all"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    forged.cookies["device-all"] = cookie.value[:-3] + "abc"

    fail(Client(), person, 5)
    assert sign_in(forged, person, proof=proof()).status_code == 429


def test_rows_of_failures_hold_neither_password_nor_account(client, person):
    person.account = "1150042"
    sign_in(client, person, "a secret typed wrong")

    for row in (AccessAttempt.objects.get(), AccessFailureLog.objects.get()):
        kept = " ".join(str(value) for value in vars(row).values())
        assert "secret" not in kept
        assert "1150042" not in kept


def test_rows_of_failures_go_after_thirty_days(client, person):
    fail(client, person)
    clock = Actor.system("clock")

    with time_machine.travel(timezone.now() + timedelta(days=29)):
        forget_sign_ins(actor=clock)
        assert AccessFailureLog.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert forget_sign_ins(actor=clock) >= 2
    assert not AccessFailureLog.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_eight_tries_at_once_five_are_looked_at(monkeypatch):
    person = person_with_password()
    looked = []
    authenticate = signing_in.authenticate
    monkeypatch.setattr(lockout, "PROOF_FROM", 99)
    monkeypatch.setattr(
        signing_in, "authenticate", lambda *given, **more: looked.append(1) or authenticate(*given, **more)
    )
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *given: hashed.append(1) or encode(*given))
    person.user.refresh_from_db()
    start, statuses = threading.Barrier(8), []

    def one():
        start.wait()
        statuses.append(sign_in(Client(), person, "wrong").status_code)
        connection.close()

    threads = [threading.Thread(target=one) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [422] * 4 + [429] * 4
    assert (len(looked), len(hashed)) == (8, 5)


def test_from_the_third_failure_a_proof_of_work_is_asked_for(client, person):
    assert "altcha-widget" not in client.get(reverse("sign_in")).content.decode()
    assert "altcha-widget" not in fail(client, person, 2).content.decode()

    page = fail(client, person).content.decode()
    assert "altcha-widget" in page
    assert "沒有開啟 JavaScript" in page
    without = sign_in(client, person)
    assert (without.status_code, is_in(client)) == (422, False)
    assert "我不是機器人" in without.content.decode()

    used = proof()
    assert sign_in(client, person, "wrong", proof=used).status_code == 422
    replayed = sign_in(client, person, proof=used)
    assert (replayed.status_code, "已經用過" in replayed.content.decode()) == (422, True)
    assert sign_in(client, person, proof=proof()).status_code == 302


@pytest.mark.parametrize("made_up", ["", "x", "e30=", "bnVsbA==", "eyJjaGFsbGVuZ2UiOm51bGx9"])
def test_a_made_up_proof_is_refused(client, person, made_up):
    fail(client, person, 3)

    assert sign_in(client, person, proof=made_up).status_code == 422
    assert not is_in(client)


def test_a_proof_that_is_too_old_is_refused(client, person):
    fail(client, person, 3)
    with time_machine.travel(timezone.now() - timedelta(minutes=21)):
        old = proof()

    assert sign_in(client, person, proof=old).status_code == 422


def test_a_failed_proof_does_not_count_as_a_failure(client, person):
    fail(client, person, 3)
    for _time in range(4):
        sign_in(client, person)

    assert sign_in(client, person, proof=proof()).status_code == 302


def test_many_failures_from_one_address_ask_everybody_there_for_a_proof(client, person, monkeypatch):
    monkeypatch.setattr(lockout, "ADDRESS_FAILURES_BEFORE_PROOF", 2)
    for name in ("one", "two"):
        sign_in(client, Person(school=person.school, account=name), "wrong")

    assert "altcha-widget" in client.get(reverse("sign_in")).content.decode()
    assert sign_in(client, person).status_code == 422
    assert "altcha-widget" not in Client(REMOTE_ADDR=ELSEWHERE).get(reverse("sign_in")).content.decode()


def test_no_number_of_failures_keeps_a_school_out(client, person):
    """One classmate fails 3,000 times: whoever has been here before goes on, the others work for a second."""
    known = Client()
    assert sign_in(known, person).status_code == 302
    known.post(reverse("sign_out"))
    consume(action=lockout.FAILED, who="127.0.0.1", limit=Limit(2**31 - 1, 900))
    Tally.objects.update(times=3_000)

    assert "altcha-widget" not in known.get(reverse("sign_in")).content.decode()
    assert sign_in(known, person).status_code == 302
    assert sign_in(client, person).status_code == 422
    assert sign_in(client, person, proof=proof()).status_code == 302


def test_a_device_that_knows_another_account_works_as_strangers_do(person):
    other = person_with_password(StudentFactory(school=person.school))
    device = Client()
    assert sign_in(device, other).status_code == 302
    device.post(reverse("sign_out"))
    consume(action=lockout.FAILED, who="127.0.0.1", limit=Limit(2**31 - 1, 900))
    Tally.objects.update(times=3_000)

    answer = sign_in(device, person)

    assert (answer.status_code, is_in(device)) == (422, False)
    assert "altcha-widget" in answer.content.decode()


def test_settings_of_sign_in_are_sound():
    call_command("check", fail_level="WARNING")


@pytest.mark.parametrize(
    "target", ["foo", "foo.bar", "people:recover", "//other.example", "http://testserver/x", "/\t/x"]
)
def test_a_page_to_go_on_to_is_a_path_of_this_site_or_home(client, person, target):
    assert sign_in(client, person, next=target).url == reverse("home")


def test_a_cookie_that_is_no_key_of_a_session_is_a_strangers(client, db, settings):
    cookie = f'{settings.SESSION_COOKIE_NAME}="\\000\\000\\000\\000\\000\\000\\000\\000"'

    assert client.get(reverse("sign_in"), headers={"cookie": cookie}).status_code == 200


def test_the_password_page_is_no_place_to_guess(client, person):
    sign_in(client, person)
    sent = {"old": "wrong", "new": "another sentence of hers", "again": "another sentence of hers"}

    statuses = [client.post(reverse("password"), sent).status_code for _time in range(6)]

    assert statuses == [422] * 5 + [429]
