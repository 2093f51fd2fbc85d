"""Devices on which an account has signed in before, told by a signed cookie that says nothing to a reader.

A device that is known for an account keeps its own count of failures: nobody elsewhere can lock it out.
"""

import secrets
from typing import TypedDict, cast

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from licheng.foundations.accounts.models import User

SALT = "licheng.known-device"
KEPT_SECONDS = 180 * 86_400  # own bound: half a year, and every sign-in begins it anew
ACCOUNTS = 8  # a family's or a classroom's machine is known for the last few


class Device(TypedDict):
    """What the cookie holds: a random id, and the epochs of the accounts it is known for, oldest first."""

    id: str
    known: list[tuple[int, int]]


def device_of(request: HttpRequest) -> Device | None:
    """The device a request comes from, or None for one that was never signed in on."""
    try:
        found = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=KEPT_SECONDS
        )
    except signing.BadSignature:
        return None
    return cast("Device", found)


def knows(device: Device, user_id: int, epoch: int) -> bool:
    """Whether this account has signed in on this device since it last forgot all devices."""
    return [user_id, epoch] in [list(pair) for pair in device["known"]]


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Let this device be known for the account from now on."""
    device = device_of(request) or Device(id=secrets.token_urlsafe(12), known=[])
    others = [pair for pair in device["known"] if pair[0] != user.pk]
    known = [*others, (user.pk, user.epoch)][-ACCOUNTS:]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(Device(id=device["id"], known=known), salt=SALT),
        max_age=KEPT_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
