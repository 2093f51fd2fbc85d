"""What the issuer says: where its doors are, its keys, and who came. Nothing of it is believed unchecked."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse

from licheng.foundations.accounts.oidc.errors import IdentityRefused, IssuerAway
from licheng.foundations.accounts.oidc.speaking import PROVIDER
from licheng.foundations.accounts.oidc.tokens import Expected, KeySet, claims_of

KEPT_SECONDS = 3600  # own bound: how long doors and keys are remembered
DOORS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
NAME_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Identity:
    """Who came, as the issuer says; `school` and `titles` are from its education information."""

    issuer: str
    subject: str
    name: str
    school: str
    titles: tuple[str, ...]
    acr: str = ""


class Doors(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # the library has no types
    """The library's adapter with one issuer, whose every door is at its own address."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, settings.OIDC_ISSUER)

    @property
    def openid_config(self) -> dict[str, Any]:
        """The issuer's description of itself, held against the issuer that settings name.

        Raises IssuerAway when it cannot be had or names another issuer or foreign doors.
        """
        kept: dict[str, Any] | None = cache.get(_kept("doors"))
        if kept is None:
            kept = _asked(f"{settings.OIDC_ISSUER}/.well-known/openid-configuration")
            home = urlsplit(settings.OIDC_ISSUER)
            ours = [urlsplit(str(kept.get(door, ""))) for door in DOORS]
            if kept.get("issuer") != settings.OIDC_ISSUER or any(
                (door.scheme, door.netloc) != (home.scheme, home.netloc) for door in ours
            ):
                raise IssuerAway
            cache.set(_kept("doors"), kept, KEPT_SECONDS)
        return kept

    def get_callback_url(self, request: HttpRequest, app: object) -> str:  # noqa: ARG002 -- the library's signature
        """The address the issuer knows; from settings, never from what a request claims its host to be."""
        return f"{settings.PUBLIC_URL}{reverse('oidc_callback')}"


class Provider(OpenIDConnectProvider):  # type: ignore[misc]  # the library has no types
    """The library's provider behind our doors."""

    def get_oauth2_adapter(self, request: HttpRequest) -> Doors:
        """The doors of the one issuer."""
        return Doors(request)


def provider_for(request: HttpRequest) -> Provider:
    """The issuer that settings name."""
    return Provider(request, app=get_adapter(request).get_app(request, provider=PROVIDER))


def identity_shown(request: HttpRequest, state: dict[str, Any]) -> Identity:
    """Who came back with this code. Raises IdentityRefused or IssuerAway."""
    provider = provider_for(request)
    doors = provider.get_oauth2_adapter(request)
    answer = _exchanged(request, provider, doors, state)
    expected = Expected(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, str(state.get("nonce", "")))
    claims = claims_of(answer.get("id_token"), expected, lambda again: _keys(doors, again=again))
    access = str(answer["access_token"])
    person = _believed(_asked(doors.profile_url, access), claims["sub"], "userinfo")
    school = _believed(_asked(settings.OIDC_EDUINFO_URL, access), claims["sub"], "eduinfo")
    return Identity(
        issuer=claims["iss"],
        subject=claims["sub"],
        name=_text(person.get("name"))[:NAME_LETTERS],
        school=_text(school.get("schoolid")),
        titles=_titles(school.get("titles")),
        acr=_text(claims.get("acr")),
    )


def _exchanged(
    request: HttpRequest, provider: Provider, doors: Doors, state: dict[str, Any]
) -> dict[str, Any]:
    """The tokens for a code; a code that was used before is refused by the issuer."""
    client = doors.get_client(request, provider.app)
    try:
        answer = doors.get_access_token_data(
            request, provider.app, client, pkce_code_verifier=state.get("pkce_code_verifier")
        )
    except OAuth2Error as refused:
        raise IdentityRefused("code") from refused
    except (requests.RequestException, KeyError, ValueError) as silent:
        raise IssuerAway from silent
    if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
        raise IdentityRefused("code")
    return answer


def _keys(doors: Doors, *, again: bool) -> KeySet:
    """The issuer's published keys, remembered for an hour; asked anew when `again`."""
    kept: KeySet | None = None if again else cache.get(_kept("keys"))
    if kept is None:
        listed = _asked(doors.openid_config["jwks_uri"]).get("keys")
        kept = [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
        cache.set(_kept("keys"), kept, KEPT_SECONDS)
    return kept


def _asked(url: str, access: str = "") -> dict[str, Any]:
    """One JSON object from the issuer. Raises IssuerAway."""
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {access}"} if access else {})
    try:
        with get_adapter().get_requests_session() as session:
            answer = session.get(url, headers=headers)
            answer.raise_for_status()
            body = answer.json()
    except (requests.RequestException, ValueError, RecursionError) as silent:
        raise IssuerAway from silent
    if not isinstance(body, dict):
        raise IssuerAway
    return body


def _believed(answer: dict[str, Any], subject: str, source: str) -> dict[str, Any]:
    """An answer about the same person as the token. Source: OpenID Connect Core 1.0 §5.3.2."""
    if answer.get("sub") != subject:
        raise IdentityRefused(f"{source}-of-another")
    return answer


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) and value.isprintable() else ""


def _titles(given: object) -> tuple[str, ...]:
    """Every title of the education information, in the shape of domain.md §2.15."""
    groups = given if isinstance(given, list) else []
    listed = [group.get("titles") for group in groups if isinstance(group, dict)]
    return tuple(
        title for titles in listed if isinstance(titles, list) for title in titles if isinstance(title, str)
    )


def _kept(what: str) -> str:
    return f"oidc/{what}/{settings.OIDC_ISSUER}"
