"""What must not be started in earnest: settings that are good enough for a trial on one machine only."""

import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

SECRET_CHARACTERS = 50
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def set_up_in_earnest(**_options: Any) -> Sequence[CheckMessage]:
    """Outside the embedded default a weak setting is an error: `migrate` and `guard` then refuse to run."""
    return [] if settings.EMBEDDED else list(_weaknesses())


def _weaknesses() -> Iterator[CheckMessage]:
    if not settings.HTTPS:
        yield Error("LICHENG_PUBLIC_URL must begin with https://.", id="site.E001")
    if "*" in settings.ALLOWED_HOSTS:
        yield Error("LICHENG_HOSTS must name the hosts of this site, not *.", id="site.E002")
    if len(settings.SECRET_KEY) < SECRET_CHARACTERS or len(set(settings.SECRET_KEY)) < SECRET_CHARACTERS // 5:
        hint = "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        text = f"LICHENG_SECRET_KEY must be at least {SECRET_CHARACTERS} random characters."
        yield Error(text, hint=hint, id="site.E003")
    if not settings.FILES_URL and settings.ENTER_SCHOOL:
        text = (
            "LICHENG_FILES_URL must name another host, so that people's files never run as pages of the site."
        )
        yield Error(text, id="site.E004")
    # Asked where tables are changed: migrate then refuses a role that the fence does not hold. Web and worker
    # need not know the owner.
    if settings.AS_OWNER and not settings.OWNER_DATABASE_URL and settings.ENTER_SCHOOL:
        text = "LICHENG_OWNER_DATABASE_URL must name the owner of the tables; the site asks as another role."
        yield Error(text, id="site.E005")
    if settings.HTTPS and not (settings.BEHIND_PROXY or settings.OWN_TLS):
        text = (
            "Say where TLS ends: LICHENG_BEHIND_PROXY=1 or LICHENG_OWN_TLS=1; else cookies and HSTS are lost."
        )
        yield Error(text, id="site.E006")
    keys = Path(settings.KEYS_ROOT)
    if keys.exists() and keys.stat().st_mode & OTHERS:
        yield Error(
            "The folder of the keys is open to other accounts.", hint=f"chmod 700 {keys}", id="site.E007"
        )
