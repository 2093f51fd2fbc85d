"""What must not be started: a files host that is the site itself, a scanner address nobody can reach."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

KINDS = ("unix:/", "tcp:")


def files_come_from_elsewhere(**_options: Any) -> Sequence[CheckMessage]:
    """The files host answers nothing but signed links: under the site's own name there would be no site."""
    if not settings.FILES_URL:
        return []
    parts = urlsplit(settings.FILES_URL)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        text = "LICHENG_FILES_URL must be an address without a path, such as https://example-files.tw."
        return [Error(text, id="files.E001")]
    if parts.hostname == urlsplit(settings.PUBLIC_URL).hostname:
        text = "LICHENG_FILES_URL must name another host than LICHENG_PUBLIC_URL: cookies know no ports."
        return [Error(text, id="files.E002")]
    return []


def scanner_has_an_address(**_options: Any) -> Sequence[CheckMessage]:
    """A mistyped scanner would leave every file waiting for ever."""
    if not settings.SCANNER or (settings.SCANNER.startswith(KINDS) and _has_port(settings.SCANNER)):
        return []
    return [Error("LICHENG_SCANNER must be unix:/path or tcp:host:port.", id="files.E003")]


def _has_port(address: str) -> bool:
    return address.startswith("unix:") or address.rpartition(":")[2].isdecimal()
