"""Whether an `id_token` is what it says: pure checks, without network or database.

Source: OpenID Connect Core 1.0 §3.1.3.7; RFC 8725 (one algorithm, named by the reader, not the token).
"""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.algorithms import RSAAlgorithm

from licheng.foundations.accounts.oidc.errors import IdentityRefused

ALGORITHM = "RS256"
LEEWAY_SECONDS = 60  # own bound, for clocks that differ
MOST_LETTERS = 16_384  # own bound
SUBJECT_LETTERS = 191  # what the library's table holds; longer ones are refused, never cut
LEAST_KEY_BITS = 2048
NEEDED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
REASONS: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "not-yet",
    jwt.InvalidAudienceError: "audience",
    jwt.InvalidIssuerError: "issuer",
    jwt.InvalidSignatureError: "signature",
    jwt.MissingRequiredClaimError: "claim-missing",
}

type KeySet = list[dict[str, Any]]
type KeysOf = Callable[[bool], KeySet]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say: who issued it, for whom, and in answer to which question."""

    issuer: str
    client_id: str
    nonce: str


def claims_of(token: object, expected: Expected, keys: KeysOf) -> dict[str, Any]:
    """The claims of a token that passed every check.

    `keys(again)` gives the issuer's published keys; it is asked anew once for a key that is not among them.
    Raises IdentityRefused with the reason.
    """
    if not isinstance(token, str) or not 0 < len(token) <= MOST_LETTERS:
        raise IdentityRefused("token-missing")
    key = _key_of(_header_of(token), keys)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            issuer=expected.issuer,
            audience=expected.client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": NEEDED},
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as wrong:
        raise IdentityRefused(REASONS.get(type(wrong), "unreadable")) from wrong
    _check(claims, expected)
    return claims


def _header_of(token: str) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as wrong:
        raise IdentityRefused("unreadable") from wrong
    if header.get("alg") != ALGORITHM:
        raise IdentityRefused("algorithm")
    return header


def _key_of(header: dict[str, Any], keys: KeysOf) -> Any:
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise IdentityRefused("key-unnamed")
    for again in (False, True):
        fitting = [key for key in keys(again) if key.get("kid") == kid and _is_for_signing(key)]
        if len(fitting) == 1:
            return _public(fitting[0])
    raise IdentityRefused("key-unknown")


def _is_for_signing(key: dict[str, Any]) -> bool:
    return (
        key.get("kty") == "RSA" and key.get("use", "sig") == "sig" and key.get("alg", ALGORITHM) == ALGORITHM
    )


def _public(key: dict[str, Any]) -> Any:
    try:
        public = RSAAlgorithm.from_jwk(json.dumps({name: key[name] for name in ("kty", "n", "e")}))
    except (jwt.PyJWTError, KeyError, ValueError, TypeError) as wrong:
        raise IdentityRefused("key-unreadable") from wrong
    if public.key_size < LEAST_KEY_BITS:
        raise IdentityRefused("key-weak")
    return public


def _check(claims: dict[str, Any], expected: Expected) -> None:
    """What the library does not look at."""
    audience, party = claims["aud"], claims.get("azp")
    is_one_of_many = isinstance(audience, list) and len(audience) > 1
    if party != expected.client_id and (party is not None or is_one_of_many):
        raise IdentityRefused("authorised-party")
    nonce = claims["nonce"]
    if not isinstance(nonce, str) or not nonce:
        raise IdentityRefused("nonce")
    if not hmac.compare_digest(nonce.encode(errors="surrogatepass"), expected.nonce.encode()):
        raise IdentityRefused("nonce")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LETTERS or not subject.isprintable():
        raise IdentityRefused("subject")
