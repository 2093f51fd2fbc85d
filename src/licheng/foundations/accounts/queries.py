"""An account as its owner sees it: address, sessions; and letters where there is no mail server."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licheng.foundations.accounts.models import CodePurpose, EnrolmentCode, User
from licheng.foundations.errors import NotFound
from licheng.foundations.privacy import blind_index

LETTERS_SHOWN = 50
TOLD_HOURS = 24  # own bound: how long a recovery stands on its owner's home
DIVIDER = re.compile(rb"\n-{79}\n*")  # what Django writes below each letter of a file
BROWSERS: tuple[tuple[str, str], ...] = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
)
BROWSERS += (("SamsungBrowser", "Samsung Internet"), ("Line/", "LINE"), ("CriOS", "Chrome"))
BROWSERS += (("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS: tuple[tuple[str, str | Promise], ...] = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", _("Android 手機或平板")),
    ("CrOS", "Chromebook"),
    ("Windows", _("Windows 電腦")),
    ("Mac OS", _("Mac 電腦")),
    ("Linux", _("Linux 電腦")),
)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session of an account; `is_here` marks the one that asks."""

    session_id: int
    browser: str
    address: str
    since: datetime
    seen_at: datetime
    is_here: bool


@dataclass(frozen=True, slots=True)
class Outboxed:
    """One letter that was written to a file in place of being sent."""

    to: str
    subject: str
    written_at: str
    text: str


def user_named(login: str) -> User | None:
    """The account with this name, if there is one."""
    return User.objects.filter(login=login).first()


def account_numbered(number: int) -> User | None:
    """The open account with this key, if there is one."""
    return User.objects.filter(pk=number, is_active=True).first()


def email_of(user: User) -> str:
    """The verified address of an account, or nothing."""
    rows = EmailAddress.objects.filter(user_id=user.pk, verified=True).order_by("-primary", "pk")
    return str(rows.values_list("email", flat=True).first() or "")


def recovered_at(user: object) -> datetime | None:
    """When an account was opened again by a recovery, for as long as its owner is told of it on her home.

    Asks nothing about accounts whose epoch was never raised, as nearly all are.
    """
    if not isinstance(user, User) or user.epoch == 0:
        return None
    since = timezone.now() - timedelta(hours=TOLD_HOURS)
    rows = EnrolmentCode.objects.filter(user=user, purpose=CodePurpose.RECOVER, used_at__gt=since)
    return rows.values_list("used_at", flat=True).order_by("-used_at").first()


def letters_of(code: str) -> str:
    """A code however it was typed: its letters and digits alone."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", code).lower() if letter.isalnum())


def digest_of(user_id: int, code: str) -> str:
    """What is stored of a code: bound to its account, meaningless without the site's index key."""
    return blind_index(f"enrolment/{user_id}/{letters_of(code)}")


def open_codes(*accounts: int) -> QuerySet[EnrolmentCode]:
    """The codes of these accounts that nobody has used or withdrawn."""
    return EnrolmentCode.objects.filter(user__in=accounts, used_at=None, withdrawn_at=None)


def accounts_opened_by(codes: Mapping[int, str]) -> set[int]:
    """Of these codes, by account, the accounts whose code somebody could still redeem."""
    stored = open_codes(*codes).filter(expires_at__gt=timezone.now()).values_list("user_id", "digest")
    return {user_id for user_id, digest in stored if digest == digest_of(user_id, codes[user_id])}


def sessions_of(user: User, here: str) -> list[SessionLine]:
    """The sessions of an account that are still open, the last seen first; `here` is the key of this one."""
    rows = list(UserSession.objects.filter(user_id=user.pk).order_by("-last_seen_at"))
    keys = [row.session_key for row in rows]
    is_open = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    still = set(is_open.values_list("session_key", flat=True))
    return [
        SessionLine(
            session_id=row.pk,
            browser=browser_in_words(row.user_agent),
            address="" if row.ip == "::" else str(row.ip),
            since=row.created_at,
            seen_at=row.last_seen_at,
            is_here=row.session_key == here,
        )
        for row in rows
        if row.session_key in still
    ]


def browser_in_words(agent: str) -> str:
    """What a browser says about itself, in words that its owner recognises."""
    browser = next((name for mark, name in BROWSERS if mark in agent), None)
    system = next((name for mark, name in SYSTEMS if mark in agent), None)
    if browser is None and system is None:
        return str(_("不認得的程式"))
    return "，".join(str(part) for part in (system, browser) if part)


def has_outbox() -> bool:
    """Whether letters are files that everybody at this machine may read: nobody else reaches it."""
    is_own_machine = urlsplit(settings.PUBLIC_URL).hostname in {"127.0.0.1", "::1", "localhost"}
    return bool(settings.EMBEDDED and is_own_machine and not settings.LICHENG_MAIL)


def outbox() -> list[Outboxed]:
    """Letters of this installation, the newest first.

    Raises NotFound where letters are really sent, or others than its owner reach the machine.
    """
    if not has_outbox():
        raise NotFound
    files = settings.MAIL_ROOT.glob("*.log") if settings.MAIL_ROOT.is_dir() else ()
    newest = sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    letters: list[Outboxed] = []
    for path in newest[:LETTERS_SHOWN]:
        parts = [part for part in DIVIDER.split(path.read_bytes()) if part.strip()]
        letters += [_letter(part) for part in reversed(parts)]
    return letters[:LETTERS_SHOWN]


def _letter(written: bytes) -> Outboxed:
    message = message_from_bytes(written, _class=EmailMessage, policy=policy.default)
    body = message.get_body(("plain",))
    return Outboxed(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        written_at=str(message["Date"]),
        text=str(body.get_content()) if body else "",
    )
