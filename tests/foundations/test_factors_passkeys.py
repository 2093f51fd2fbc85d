"""Passkeys, with one made of software: what it tells truly is taken, every lie is refused, copies are told apart."""

import json

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from licheng.foundations.accounts.models import User
from licheng.school.people.models import Role
from tests.factories import PersonFactory, StudentFactory
from tests.foundations.showing import (
    HOST,
    PASSWORD,
    SITE,
    acts,
    browser,
    entered,
    options_in,
    shown,
    with_passkey,
)
from tests.foundations.soft_passkey import PRESENT, SoftPasskey

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


def test_a_passkey_is_made_shown_and_signs_in_alone(teacher):
    key, added = with_passkey(entered(teacher))
    assert added.url == reverse("recovery_codes")

    half = entered(teacher)
    assert shown(half, key, counter=1).url == reverse("home")
    assert half.get(reverse("outcomes:queue")).status_code == 200

    stranger = browser()
    options = stranger.get(reverse("passkey_sign_in")).json()
    assert options["publicKey"]["userVerification"] == "required"
    key.counter = 2
    data = {"credential": json.dumps(key.show(options)), "next": reverse("outcomes:queue")}
    answer = stranger.post(reverse("passkey_sign_in"), data)
    assert answer.url == reverse("outcomes:queue")
    assert acts()[-1] == "account.passkey_sign_in"


def test_a_passkey_signs_in_whole_where_somebody_else_is_signed_in(teacher):
    key, _added = with_passkey(entered(teacher))
    shared = browser()
    shared.force_login(StudentFactory(school=teacher.school).user)
    key.counter = 1
    options = shared.get(reverse("passkey_sign_in")).json()

    shared.post(reverse("passkey_sign_in"), {"credential": json.dumps(key.show(options))})

    page = shared.get(reverse("outcomes:queue"))
    assert (page.status_code, page.wsgi_request.user) == (200, teacher.user)


LIES = {
    "other_site": {"origin": "https://elsewhere.example"},
    "name_below": {"origin": "https://files.school.example"},
    "other_port": {"origin": "https://school.example:8080"},
    "other_host_bound": {"host": "elsewhere.example"},
    "nobody_present": {"flags": 0},
    "other_key": {"key": SoftPasskey(SITE, HOST).key},
    "other_id": {"credential_id": b"0" * 16},
}


@pytest.mark.parametrize("lie", LIES)
def test_lies_of_a_passkey_are_refused(teacher, lie):
    key, _added = with_passkey(entered(teacher))

    answer = shown(entered(teacher), key, counter=5, **LIES[lie])

    assert answer.status_code == 422
    assert acts()[-1] == "account.factor_failed"


def test_a_copied_passkey_is_refused_and_its_owner_told(teacher):
    key, _added = with_passkey(entered(teacher), counter=3)
    assert shown(entered(teacher), key, counter=9).status_code == 302
    mail.outbox.clear()

    assert shown(entered(teacher), key, counter=9).status_code == 422
    assert shown(entered(teacher), key, counter=4).status_code == 422
    assert shown(entered(teacher), key, counter=0).status_code == 422
    assert [letter.subject for letter in mail.outbox] == ["您的通行金鑰可能被複製"] * 3
    assert shown(entered(teacher), key, counter=10).status_code == 302


def test_passkeys_that_never_count_are_taken(teacher):
    key, _added = with_passkey(entered(teacher))

    assert shown(entered(teacher), key).status_code == 302
    assert shown(entered(teacher), key).status_code == 302


def test_a_challenge_serves_once_and_only_its_session(teacher):
    key, _added = with_passkey(entered(teacher))
    half, other = entered(teacher), entered(teacher)
    options = options_in(half.get(reverse("step_up")))
    answer = {"credential": json.dumps(key.show(options))}
    other.get(reverse("step_up"))

    assert other.post(reverse("step_up"), answer).status_code == 422
    assert half.post(reverse("step_up"), answer).status_code == 302
    assert half.post(reverse("step_up"), answer).status_code == 422


def test_alone_a_passkey_must_have_asked_who_holds_it(teacher):
    key, _added = with_passkey(entered(teacher))
    stranger = browser()
    options = stranger.get(reverse("passkey_sign_in")).json()
    key.flags = PRESENT

    answer = stranger.post(reverse("passkey_sign_in"), {"credential": json.dumps(key.show(options))})

    assert answer.url == reverse("sign_in")
    assert "_auth_user_id" not in stranger.session


def test_a_challenge_of_the_step_up_page_opens_no_other_account_without_asking_its_holder(teacher):
    found, _added = with_passkey(entered(teacher))
    thief = entered(StudentFactory())
    with_passkey(thief)
    options = options_in(thief.get(reverse("step_up")))  # asks for PIN or finger, and does not insist
    found.flags = PRESENT

    answer = thief.post(reverse("passkey_sign_in"), {"credential": json.dumps(found.show(options))})

    assert answer.url == reverse("sign_in")
    assert thief.session["_auth_user_id"] != str(teacher.user_id)


def test_alone_a_passkey_opens_only_the_account_it_is_of(teacher):
    other = PersonFactory(school=teacher.school, roles=[Role.TEACHER])
    key, _added = with_passkey(entered(teacher))
    stranger = browser()
    their, _theirs = with_passkey(entered(other))
    key.user_handle = their.user_handle
    options = stranger.get(reverse("passkey_sign_in")).json()

    answer = stranger.post(reverse("passkey_sign_in"), {"credential": json.dumps(key.show(options))})

    assert answer.url == reverse("sign_in")
    for _try in range(8):  # a stranger's bad signatures lock nobody out
        stranger.post(reverse("passkey_sign_in"), {"credential": json.dumps(key.show(options))})
    assert shown(entered(other), their).status_code == 302


def test_whoever_left_or_was_closed_is_not_let_in_by_a_passkey(teacher):
    key, _added = with_passkey(entered(teacher))
    User.objects.filter(pk=teacher.user_id).update(is_active=False)
    stranger = browser()
    options = stranger.get(reverse("passkey_sign_in")).json()

    answer = stranger.post(reverse("passkey_sign_in"), {"credential": json.dumps(key.show(options))})

    assert answer.url == reverse("sign_in")
    assert "_auth_user_id" not in stranger.session


HALF_READABLE = {
    "clientDataJSON": "e30",
    "authenticatorData": "AA",
    "signature": "AA",
    "attestationObject": "oA",
}
HOSTILE = [
    "",
    "null",
    "[]",
    "7",
    '"x"',
    "{}",
    '{"id":1,"rawId":2,"response":3,"type":4}',
    '{"response":{"userHandle":"%%%"}}',
    '{"response":{"userHandle":"MQ"},"rawId":"AA","id":"AA","type":"public-key"}',
    '{"response":{"userHandle":"_____w"}}',
    '{"response":{"userHandle":"enp6enp6enp6enp6enp6enp6enp6eg"}}',
    '{"response":{"userHandle":"enp6enp6enp6enp6eg"}}',
    "[" * 5000,
    "[" * 60_000,
    "1" * 5000,
    '{"a":"' + "x" * 70_000 + '"}',
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": HALF_READABLE}),
]


@pytest.mark.parametrize("credential", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_credentials_are_refused_in_words(teacher, credential):
    client = entered(teacher)
    with_passkey(client)
    half, stranger = entered(teacher), browser()
    half.get(reverse("step_up"))
    stranger.get(reverse("passkey_sign_in"))
    client.get(reverse("add_passkey"))

    assert half.post(reverse("step_up"), {"credential": credential}).status_code == 422
    assert stranger.post(reverse("passkey_sign_in"), {"credential": credential}).url == reverse("sign_in")
    assert client.post(reverse("add_passkey"), {"credential": credential}).status_code == 422


def test_at_an_ip_address_the_pages_say_why_there_are_no_passkeys(teacher, settings):
    settings.PUBLIC_URL = "https://192.0.2.7"
    client = entered(teacher)

    assert "IP 位址" in client.get(reverse("factors")).content.decode()
    assert reverse("add_passkey") not in client.get(reverse("factors")).content.decode()
    assert "IP 位址" in client.get(reverse("add_passkey")).content.decode()
    assert browser().get(reverse("passkey_sign_in")).url == reverse("sign_in")
    assert "用通行金鑰登入" not in browser().get(reverse("sign_in")).content.decode()


def test_more_passkeys_than_anybody_needs_are_refused(teacher, settings):
    settings.PASSKEYS_MOST = 1
    client = entered(teacher)
    with_passkey(client)

    _key, answer = with_passkey(client)

    assert answer.status_code == 422
