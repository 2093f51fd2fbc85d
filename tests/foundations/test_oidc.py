"""Signing in with 教育雲端帳號: the good path, linking, and every wrong way back."""
# ruff: noqa: F811 -- pytest hands imported fixtures in by name

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from licheng.foundations.accounts.oidc.errors import LinkedElsewhere
from licheng.foundations.accounts.operations.identities import link_identity
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from tests.factories import PersonFactory, StudentFactory, fresh
from tests.foundations.oidc_cases import (  # noqa: F401 -- fixtures among them
    back,
    come_and_go,
    go,
    issuer,
    link,
    refused,
    school,
    settled,
    signed_in,
    standing,
    student,
)
from tests.issuer import CLIENT, EDUINFO, PATHS, Visitor

pytestmark = pytest.mark.django_db


def test_what_is_asked_of_the_issuer(client, issuer):
    asked = go(client, next="/outcomes/")

    assert asked["response_type"] == "code"
    assert asked["client_id"] == CLIENT
    assert asked["redirect_uri"] == "http://testserver/oidc/back/"
    assert asked["code_challenge_method"] == "S256"
    assert set(asked["scope"].split()) == {"openid", "profile", "openid2", "eduinfo"}
    assert len(asked["nonce"]) >= 43
    assert go(client)["nonce"] != asked["nonce"]


def test_what_a_visitor_adds_to_the_address_is_not_passed_on(client, issuer):
    asked = go(client, scope="admin", auth_params="prompt=none&nonce=x", process="connect", action="reauth")

    assert "admin" not in asked["scope"]
    assert asked["nonce"] != "x"
    assert "prompt" not in asked


def test_a_linked_student_signs_in(client, issuer, student):
    link(student, issuer)

    answer = come_and_go(client, issuer, next="/outcomes/")

    assert (answer.status_code, answer["Location"]) == (302, "/outcomes/")
    assert client.get("/outcomes/").status_code == 200


@pytest.mark.parametrize(
    "target",
    ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "\thttps://evil.test"],
)
def test_nobody_is_sent_to_another_site(client, issuer, student, target):
    link(student, issuer)

    assert come_and_go(client, issuer, next=target)["Location"] == "/"


def test_staff_still_owe_their_second_factor(client, issuer, school, settings):
    teacher = settled(PersonFactory(school=school, roles=["teacher"]))
    link(teacher, issuer)
    issuer.visitor = Visitor(titles=("教師",))
    issuer.claims = {"acr": "AAL2", "amr": ["otp"]}

    come_and_go(client, issuer)
    assert client.get("/outcomes/")["Location"].startswith("/account/protection/")

    settings.OIDC_TRUSTED_ACR = ["AAL2"]
    trusting = Client()
    come_and_go(trusting, issuer)
    assert trusting.get("/people/classes/").status_code in {200, 403}


def test_an_answer_is_taken_once(client, issuer, student):
    link(student, issuer)
    asked = go(client)
    given = parse_qs(urlsplit(issuer.authorise(asked)).query)
    query = {name: values[0] for name, values in given.items()}

    assert client.get("/oidc/back/", query).status_code == 302
    client.post("/sign-out/")
    again = client.get("/oidc/back/", query)

    assert refused(client, again, "state")


def test_a_code_is_taken_once(client, issuer, student):
    link(student, issuer)
    asked = go(client)
    code = parse_qs(urlsplit(issuer.authorise(asked)).query)["code"][0]
    other = Client()
    back(client, issuer, asked, code=code)

    answer = back(other, issuer, go(other), code=code)

    assert refused(other, answer, "code")


def test_an_answer_in_another_browser_is_refused(client, issuer, student):
    link(student, issuer)
    asked = go(client)
    victim = Client()

    assert refused(victim, back(victim, issuer, asked), "state")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"state": None}, "state"),
        ({"state": "made-up"}, "state"),
        ({"iss": "https://evil.test"}, "issuer-of-answer"),
        ({"error": "access_denied"}, "declined"),
        ({"error": "server_error"}, "error"),
        ({"code": None}, "code"),
        ({"code": "made-up"}, "code"),
        ({"code": "x" * 5_000}, "code"),
    ],
    ids=str,
)
def test_wrong_ways_back(client, issuer, student, more, reason):
    link(student, issuer)

    assert refused(client, back(client, issuer, go(client), **more), reason)


def test_the_answer_may_name_its_issuer(client, issuer, student):
    link(student, issuer)

    back(client, issuer, go(client), iss=issuer.url)

    assert signed_in(client)


BROKEN = [
    (path, answer)
    for path in ("/.well-known/openid-configuration", *list(PATHS.values())[1:], EDUINFO)
    for answer in ((500, b"{}"), (200, b"<html>"), (200, b"[]"), (302, b""), (200, b"x" * 1_100_000))
    if (path, answer[0]) != (PATHS["token_endpoint"], 500)
]


@pytest.mark.parametrize(("path", "answer"), BROKEN, ids=lambda value: str(value)[:40])
def test_an_issuer_out_of_order_signs_nobody_in_and_breaks_nothing(client, issuer, student, path, answer):
    link(student, issuer)
    issuer.broken = {path: answer}

    started = client.get("/oidc/start/")
    if path != "/.well-known/openid-configuration":
        asked = {n: v[0] for n, v in parse_qs(urlsplit(started["Location"]).query).items()}
        started = back(client, issuer, asked)

    assert started.status_code in {302, 403}
    assert not signed_in(client)
    assert client.get("/people/sign-in/").status_code == 200


def test_an_issuer_that_is_away_is_named_and_the_school_account_still_works(client, issuer, settings):
    settings.OIDC_ISSUER = "http://127.0.0.1:9"

    answer = client.get("/oidc/start/", follow=True)

    assert answer.redirect_chain == [("/people/sign-in/", 302)]
    assert "現在連不上教育雲端帳號" in answer.content.decode()


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://evil.test"},
        {"token_endpoint": "https://evil.test/token"},
        {"jwks_uri": "http://169.254.169.254/latest"},
        {"authorization_endpoint": "https://evil.test/"},
        {"userinfo_endpoint": None},
    ],
    ids=str,
)
def test_a_description_of_another_issuer_is_not_followed(client, issuer, lie):
    issuer.discovery = lie

    assert client.get("/oidc/start/")["Location"] == "/people/sign-in/"


def test_without_an_issuer_nothing_of_it_is_there(client, db, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    settings.OIDC_ISSUER = ""

    assert [client.get(f"/oidc/{path}").status_code for path in ("start/", "back/", "first/")] == [404] * 3
    assert "教育雲端帳號" not in client.get("/people/sign-in/").content.decode()


def test_an_unknown_identity_is_told_how_to_link_and_links_after_signing_in(client, issuer, student):
    answer = come_and_go(client, issuer)
    assert (answer["Location"], signed_in(client)) == ("/oidc/first/", False)
    assert "/people/sign-in/?next=%2Foidc%2Flink%2F" in client.get("/oidc/first/").content.decode()
    assert not SocialAccount.objects.exists()

    form = {"school": "070406", "account": student.account, "password": "a-long-enough-sentence"}
    signed = client.post("/people/sign-in/", form | {"next": "/oidc/link/"})
    assert signed["Location"] == "/oidc/link/"
    assert "王小明" in client.get("/oidc/link/").content.decode()
    assert client.post("/oidc/link/")["Location"] == "/oidc/"

    row = SocialAccount.objects.get()
    assert (row.user, row.provider, row.uid, row.extra_data) == (student.user, issuer.url, "edu-0001", {})
    assert AuditEntry.objects.latest("pk").action == "identity.linked"
    other = Client()
    come_and_go(other, issuer)
    assert signed_in(other)


def signed(person):
    client = Client()
    client.force_login(person.user)
    return client


def test_linking_wants_step_up_and_a_confirmation(issuer, student):
    client = signed(student)
    assert come_and_go(client, issuer)["Location"] == "/oidc/link/"

    assert client.post("/oidc/link/").status_code in {302, 403}
    assert not SocialAccount.objects.exists()
    assert fresh(client).post("/oidc/link/")["Location"] == "/oidc/"
    assert SocialAccount.objects.get().user == student.user


def test_an_identity_of_somebody_else_is_not_linked_twice(issuer, student, school):
    link(settled(StudentFactory(school=school)), issuer)
    client = fresh(signed(student))
    come_and_go(client, issuer)

    assert client.post("/oidc/link/").status_code == 409
    assert SocialAccount.objects.get().user != student.user


def test_an_account_has_one_identity(issuer, student):
    link(student, issuer, "edu-0000")
    client = fresh(signed(student))
    come_and_go(client, issuer)

    assert client.post("/oidc/link/").status_code == 409
    assert SocialAccount.objects.count() == 1


@pytest.mark.parametrize("visitor", [Visitor(schoolid="000001"), Visitor(titles=("教師",))], ids=str)
def test_an_identity_that_does_not_fit_the_account_is_not_linked(issuer, student, visitor):
    issuer.visitor = visitor
    client = fresh(signed(student))
    come_and_go(client, issuer)

    assert client.post("/oidc/link/").status_code == 403
    assert not SocialAccount.objects.exists()
    assert client.post("/oidc/link/").status_code == 409  # nothing waits any more


def test_an_identity_is_linked_to_nobody_but_who_set_out(issuer, student, school):
    client = signed(student)
    asked = go(client)
    other = settled(StudentFactory(school=school))
    session = client.session
    session["_auth_user_id"] = str(other.user.pk)
    session["_auth_user_hash"] = other.user.get_session_auth_hash()
    session.save()

    answer = back(client, issuer, asked)

    assert answer.status_code == 403
    assert AuditEntry.objects.filter(action="identity.refused").latest("pk").data == {
        "reason": "somebody-else"
    }


def test_what_waits_is_forgotten_after_ten_minutes(issuer, student):
    client = signed(student)
    come_and_go(client, issuer)

    with time_machine.travel(time.time() + 601):
        assert fresh(client).get("/oidc/link/").status_code == 409


def test_unlinking_wants_step_up_and_ones_own_identity(issuer, student, school):
    own = link(student, issuer)
    other = link(StudentFactory(school=school), issuer, "edu-0002")
    client = signed(student)

    assert client.post(f"/oidc/{other.pk}/unlink/").status_code == 404
    assert client.post(f"/oidc/{own.pk}/unlink/").status_code in {302, 403}
    assert SocialAccount.objects.count() == 2
    fresh(client).post(f"/oidc/{own.pk}/unlink/")

    assert list(SocialAccount.objects.all()) == [other]
    stranger = Client()
    assert come_and_go(stranger, issuer)["Location"] == "/oidc/first/"


def test_an_email_address_links_nobody(client, issuer, student):
    student.email = "a@b.test"
    student.save()
    EmailAddress.objects.create(user=student.user, email="a@b.test", verified=True, primary=True)

    assert come_and_go(client, issuer)["Location"] == "/oidc/first/"
    assert not signed_in(client)


def test_links_made_with_another_issuer_open_nothing(client, issuer, student):
    SocialAccount.objects.create(user=student.user, provider="https://old.test", uid="edu-0001")

    assert come_and_go(client, issuer)["Location"] == "/oidc/first/"


def test_two_at_once_link_one(issuer, student, school):
    other = StudentFactory(school=school)
    me = Actor(student.pk, school.pk, "person:1", is_fresh=True)
    first = link_identity(actor=me, user=student.user, issuer=issuer.url, subject="x")

    assert link_identity(actor=me, user=student.user, issuer=issuer.url, subject="x") == first
    with pytest.raises(LinkedElsewhere):
        link_identity(actor=me, user=other.user, issuer=issuer.url, subject="x")
