"""What every answer says to browsers, and what a browser's own account of a request forbids."""

import secrets
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

type Answer = Callable[[HttpRequest], HttpResponseBase]

# Nothing here asks for a camera, a microphone or a place; passkeys are used by these pages alone.
PERMISSIONS = ", ".join(
    [
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer",
                "browsing-topics",
                "camera",
                "display-capture",
                "geolocation",
                "gyroscope",
                "magnetometer",
                "microphone",
                "midi",
                "payment",
                "usb",
            )
        ),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)
ALWAYS = {"Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": PERMISSIONS}
FROM_HERE = frozenset({"same-origin", "none"})  # `none`: typed, a bookmark, a link in a mail
REQUEST_ID_BYTES = 8


class BehindProxy:
    """Who really asks, when a proxy stands in front: the last address it wrote, never one the visitor sent.

    The proxy must set X-Forwarded-For and X-Forwarded-Proto itself (docs/runbooks/operate.md).
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Take the address over, and number the request for the log."""
        request.META["LICHENG_REQUEST_ID"] = secrets.token_hex(REQUEST_ID_BYTES)
        if settings.BEHIND_PROXY:
            forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
            request.META["REMOTE_ADDR"] = forwarded or request.META.get("REMOTE_ADDR", "")
        return self.get_response(request)


class Isolation:
    """Other sites may link here, and nothing more: no form, script, picture or frame of theirs gets through.

    Browsers say with each request where it comes from (Sec-Fetch-Site). Those that do not are left to the
    form token, the cookies' SameSite and the content policy. Source: W3C Fetch Metadata Request Headers §4.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Refuse what comes from elsewhere and is not a link; add the headers that nothing else has set."""
        response = self.get_response(request) if _may_come_in(request) else _refused()
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        return response


def _may_come_in(request: HttpRequest) -> bool:
    said = request.headers
    if said.get("Sec-Fetch-Site", "none") in FROM_HERE:
        return True
    is_link = said.get("Sec-Fetch-Mode") == "navigate" and said.get("Sec-Fetch-Dest") == "document"
    return is_link and request.method in {"GET", "HEAD"}


def _refused() -> HttpResponse:
    text = _("這個請求是從別的網站送出的，沒有處理。請直接打開本站再做一次。")
    return HttpResponse(text, status=HTTPStatus.FORBIDDEN, content_type="text/plain; charset=utf-8")
