"""The two ceremonies of passkeys, over allauth and fido2: making one and showing one.

A challenge stands in the session and serves once. Source: W3C Web Authentication Level 3 §7.1, §7.2.
"""

import struct
from typing import Any

from allauth.account.utils import url_str_to_user_pk
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.core.exceptions import ValidationError
from fido2.utils import websafe_decode
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from licheng.foundations.accounts.factors import Assertion, Registration
from licheng.foundations.accounts.models import User

# What a made-up credential makes the parsers raise: wrong shape, wrong base64, broken CBOR, wrong key.
MALFORMED: tuple[type[Exception], ...] = (TypeError, ValueError, KeyError, AttributeError, IndexError)
MALFORMED += (ValidationError, AssertionError, RecursionError, struct.error)


def begin_making(user: User) -> dict[str, Any]:
    """What the browser needs to make a passkey, kept on the device where it can be, to sign in alone."""
    options = auth.begin_registration(user, passwordless=False)
    public = dict(options["publicKey"])
    selection = {"residentKey": "preferred", "requireResidentKey": False, "userVerification": "preferred"}
    return {"publicKey": public | {"authenticatorSelection": selection}}


def finish_making(credential: Any) -> Registration | None:
    """The passkey that was made for this session's challenge, or None when it does not hold."""
    try:
        response = RegistrationResponse.from_dict(credential)
        is_ours = _is_ours(response.response.client_data.origin)
        made = auth.complete_registration(credential) if is_ours else None
    except MALFORMED:
        made = None
    finally:
        auth.clear_state()
    return Registration(credential, made.counter) if made else None


def begin_showing(user: User | None) -> dict[str, Any]:
    """What the browser needs to show a passkey of this account, or of whoever the device says is there."""
    return dict(auth.begin_authentication(user))


def finish_showing(user: User, credential: Any) -> Assertion | None:
    """The passkey of this account that signed this session's challenge, or None."""
    try:
        response = AuthenticationResponse.from_dict(credential)
        is_ours = _is_ours(response.response.client_data.origin)
        row: Authenticator | None = auth.complete_authentication(user, credential) if is_ours else None
    except MALFORMED:
        row = None
    finally:
        auth.clear_state()
    if row is None:
        return None
    said = response.response.authenticator_data
    return Assertion(row.pk, said.counter, has_asked=said.is_user_verified())


def claimed_user(credential: Any) -> int | None:
    """The account that a passkey claims to be of, before anything is checked; None for nothing readable."""
    try:
        handle = websafe_decode(credential["response"]["userHandle"]).decode()
        key = url_str_to_user_pk(handle)
    except MALFORMED:
        return None
    return int(key)


def _is_ours(origin: str) -> bool:
    """Only pages of this site's own address; fido2 alone would also take those of names below it."""
    return origin == settings.PUBLIC_URL.rstrip("/")
