"""Every lie of an issuer of 教育雲端帳號: nobody is signed in, and the audit says why."""
# ruff: noqa: F811 -- pytest hands imported fixtures in by name

import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.utils import timezone

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
from tests.issuer import CLIENT, PATHS, Visitor, signing_key

pytestmark = pytest.mark.django_db


def sign_with(key, algorithm="RS256", kid="one", **header):
    return lambda claims: jwt.encode(claims, key, algorithm, headers={"kid": kid, **header})


def confused(claims):
    """HS256 keyed with the issuer's public key, as published."""
    public = signing_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = jwt.utils.base64url_encode(json.dumps({"alg": "HS256", "kid": "one"}).encode())
    body = jwt.utils.base64url_encode(json.dumps(claims).encode())
    mark = hmac.new(public, head + b"." + body, hashlib.sha256).digest()
    return b".".join((head, body, jwt.utils.base64url_encode(mark))).decode()


def tampered(claims):
    """A good signature over other claims."""
    head, _body, mark = sign_with(signing_key())(claims).split(".")
    body = jwt.utils.base64url_encode(json.dumps(claims | {"sub": "edu-0002"}).encode()).decode()
    return f"{head}.{body}.{mark}"


def stripped(claims):
    return sign_with(signing_key())(claims).rsplit(".", 1)[0] + "."


SIGNATURES = {
    "none": (lambda claims: jwt.encode(claims, "", "none", headers={"kid": "one"}), "algorithm"),
    "hs256-with-public-key": (confused, "algorithm"),
    "rs512": (sign_with(signing_key(), "RS512"), "algorithm"),
    "stripped": (stripped, "signature"),
    "another-key": (sign_with(signing_key("two")), "signature"),
    "tampered": (tampered, "signature"),
    "unknown-key": (sign_with(signing_key("two"), kid="two"), "key-unknown"),
    "no-key-named": (lambda claims: jwt.encode(claims, signing_key(), "RS256"), "key-unnamed"),
    "own-key-inside": (
        sign_with(signing_key("two"), kid="two", jwk={"kty": "RSA"}, jku="https://evil.test"),
        "key-unknown",
    ),
    "critical-header": (sign_with(signing_key(), crit=["exp"], exp=1), "unreadable"),
    "no-token": (lambda _claims: "not.a.token", "unreadable"),
    "huge": (lambda _claims: "a" * 20_000, "token-missing"),
    "not-text": (lambda _claims: {"a": 1}, "token-missing"),
    "absent": (lambda _claims: None, "token-missing"),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_token_that_the_issuer_did_not_sign_signs_nobody_in(client, issuer, student, name):
    link(student, issuer)
    issuer.sign, reason = SIGNATURES[name]

    assert refused(client, come_and_go(client, issuer), reason)


NOW = int(time.time())
CLAIMS = [
    ({"aud": "another-client"}, "audience"),
    ({"aud": [CLIENT, "another"]}, "authorised-party"),
    ({"aud": [CLIENT, "another"], "azp": "another"}, "authorised-party"),
    ({"aud": CLIENT, "azp": "another"}, "authorised-party"),
    ({"aud": None}, "claim-missing"),
    ({"iss": "https://evil.test"}, "issuer"),
    ({"iss": None}, "claim-missing"),
    ({"exp": NOW - 120}, "expired"),
    ({"exp": None}, "claim-missing"),
    ({"exp": "soon"}, "unreadable"),
    ({"exp": float("inf")}, "unreadable"),
    ({"iat": NOW + 3000}, "not-yet"),
    ({"iat": None}, "claim-missing"),
    ({"nbf": NOW + 3000}, "not-yet"),
    ({"nonce": "another"}, "nonce"),
    ({"nonce": None}, "claim-missing"),
    ({"nonce": ["x"]}, "nonce"),
    ({"nonce": "\ud800"}, "nonce"),
    ({"aud": CLIENT, "azp": [CLIENT]}, "authorised-party"),
    ({"aud": CLIENT, "azp": {}}, "authorised-party"),
    ({"sub": None}, "claim-missing"),
    ({"sub": ""}, "subject"),
    ({"sub": 17}, "unreadable"),
    ({"sub": "x" * 192}, "subject"),
    ({"sub": "a\x00b"}, "subject"),
]


@pytest.mark.parametrize(
    ("claims", "reason"), CLAIMS, ids=[f"{reason}-{n}" for n, (_c, reason) in enumerate(CLAIMS)]
)
def test_a_token_that_says_something_else_signs_nobody_in(client, issuer, student, claims, reason):
    link(student, issuer)
    issuer.claims = claims

    assert refused(client, come_and_go(client, issuer), reason)


@pytest.mark.parametrize(
    ("claims"),
    [{"exp": NOW - 30}, {"iat": NOW + 30}, {"aud": [CLIENT]}, {"aud": [CLIENT, "x"], "azp": CLIENT}],
    ids=["exp", "iat", "aud", "azp"],
)
def test_clocks_may_differ_by_a_minute_and_audiences_be_listed(client, issuer, student, claims):
    link(student, issuer)
    issuer.claims = {**claims, **({"exp": int(time.time()) - 30} if "exp" in claims else {})}

    come_and_go(client, issuer)

    assert signed_in(client)


def test_a_new_key_of_the_issuer_is_fetched_once(client, issuer, student):
    link(student, issuer)
    come_and_go(client, issuer)
    issuer.kid, issuer.published = "two", ["one", "two"]
    issuer.asked.clear()

    come_and_go(Client(), issuer)
    other = Client()
    come_and_go(other, issuer)

    assert signed_in(other)
    assert issuer.asked.count(PATHS["jwks_uri"]) == 1


def weakly_signed(claims):
    """By a key of 1024 bits, which the library would warn of."""
    head, body = (
        jwt.utils.base64url_encode(json.dumps(part).encode())
        for part in ({"alg": "RS256", "kid": "weak"}, claims)
    )
    mark = signing_key("weak").sign(head + b"." + body, padding.PKCS1v15(), hashes.SHA256())
    return b".".join((head, body, jwt.utils.base64url_encode(mark))).decode()


def test_a_weak_key_is_no_key(client, issuer, student):
    link(student, issuer)
    issuer.kid, issuer.published = "weak", ["weak"]
    issuer.sign = weakly_signed

    assert refused(client, come_and_go(client, issuer), "key-weak")


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        ({"userinfo": {"sub": "edu-0002"}}, "userinfo-of-another"),
        ({"userinfo": {"sub": None}}, "userinfo-of-another"),
        ({"eduinfo": {"sub": "edu-0002"}}, "eduinfo-of-another"),
        ({"eduinfo": {"schoolid": "000001"}}, "school"),
        ({"eduinfo": {"schoolid": None}}, "school"),
        ({"eduinfo": {"schoolid": ["070406"]}}, "school"),
        ({"eduinfo": {"titles": [{"titles": ["教師"]}]}}, "title"),
    ],
    ids=str,
)
def test_what_the_issuer_says_beside_the_token_must_agree(client, issuer, student, lie, reason):
    link(student, issuer)
    for name, facts in lie.items():
        setattr(issuer, name, facts)

    assert refused(client, come_and_go(client, issuer), reason)


@pytest.mark.parametrize("titles", [None, "學生", [None], [{"titles": "x"}], [{"titles": [1, None]}], {}])
def test_titles_of_any_shape_give_nothing_and_break_nothing(client, issuer, student, titles):
    link(student, issuer)
    issuer.eduinfo = {"titles": titles}

    come_and_go(client, issuer)

    assert signed_in(client)


def test_a_teacher_by_title_is_none_by_role(client, issuer, student):
    link(student, issuer)
    issuer.visitor = Visitor(titles=("學生", "教師", "系統管理員"))

    come_and_go(client, issuer)

    assert client.get("/people/classes/").status_code == 403


def test_who_left_the_school_stays_outside(client, issuer, student):
    link(student, issuer)
    student.left_on = timezone.localdate()
    student.save()

    assert refused(client, come_and_go(client, issuer), "not-here")


def test_a_closed_account_stays_outside(client, issuer, student):
    link(student, issuer)
    student.user.is_active = False
    student.user.save()

    assert refused(client, come_and_go(client, issuer), "not-here")
