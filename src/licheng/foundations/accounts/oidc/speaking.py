"""Speaking to the issuer: one application from settings, and questions that end in time and size."""

import io
import time
from pathlib import Path
from typing import Any

import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.http import HttpRequest

SECONDS = 5  # own bound, of a question as a whole
MOST_BYTES = 1_000_000  # own bound
PROVIDER = "openid_connect"


class Bounded(requests.Session):
    """A session that follows no redirect and believes no proxy, and whose answers are short and in time."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, method: str, url: str | bytes, *given: Any, **named: Any) -> requests.Response:
        """Ask; raises requests.RequestException for whatever takes too long, is too long or redirects."""
        bounds = {"timeout": SECONDS, "allow_redirects": False, "stream": True}
        with super().request(method, url, *given, **(named | bounds)) as answer:
            if answer.is_redirect:
                raise requests.TooManyRedirects("the issuer redirects where it must answer")
            return _held(answer, _read(answer, time.monotonic() + SECONDS))


def _held(answer: requests.Response, content: bytes) -> requests.Response:
    """The same answer with its content in memory, for readers that do not stream."""
    held = requests.Response()
    held.status_code, held.reason, held.url = answer.status_code, answer.reason, answer.url
    held.headers, held.encoding = answer.headers, answer.encoding
    held.raw = io.BytesIO(content)
    return held


def _read(answer: requests.Response, until: float) -> bytes:
    content = bytearray()
    for piece in answer.iter_content(65_536):
        content += piece
        if len(content) > MOST_BYTES or time.monotonic() > until:
            raise requests.Timeout("the issuer's answer is too long or too slow")
    return bytes(content)


def has_issuer() -> bool:
    """Whether this site is known to an issuer at all; otherwise nothing of it is shown."""
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID and settings.OIDC_SECRET_FILE)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # the library has no types
    """One issuer, from settings; nobody opens an account here by signing in elsewhere."""

    def list_apps(
        self,
        request: HttpRequest,  # noqa: ARG002 -- the library's signature
        provider: str | None = None,
        client_id: str | None = None,  # noqa: ARG002 -- as above
    ) -> list[SocialApp]:
        """The application that settings name; rows of the database count for nothing."""
        if not has_issuer() or provider not in {PROVIDER, settings.OIDC_ISSUER}:
            return []
        app = SocialApp(
            provider=PROVIDER,
            provider_id=settings.OIDC_ISSUER,
            name=settings.OIDC_ISSUER[:40],
            client_id=settings.OIDC_CLIENT_ID,
            secret=Path(settings.OIDC_SECRET_FILE).read_text(encoding="utf-8").strip(),
            settings={
                "server_url": settings.OIDC_ISSUER,
                "oauth_pkce_enabled": True,
                "scope": settings.OIDC_SCOPES,
            },
        )
        return [app]

    def is_open_for_signup(self, *_request_and_login: object) -> bool:
        """Accounts come from rosters only."""
        return False

    def get_requests_session(self) -> requests.Session:
        """Questions that end."""
        return Bounded()
