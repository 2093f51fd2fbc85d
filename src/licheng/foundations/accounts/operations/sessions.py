from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from licheng.foundations.accounts.models import User
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_fresh
from licheng.foundations.errors import NotFound


def note_seen(*, actor: Actor, session_key: str) -> None:  # noqa: ARG001 -- whose session it is stands in its row
    """Note that somebody works in this session now; the list of sessions shows it."""
    UserSession.objects.filter(session_key=session_key).update(last_seen_at=timezone.now())


@transaction.atomic
def end_session(*, actor: Actor, user: User, session_id: int, here: str) -> str:
    """End one of an account's own sessions; its key, so that the caller can tell whether it was this one.

    `here` is the key of the session that asks: a session left open somewhere must not shut its owner out of
    the others. Raises NotFound for sessions of other accounts and those that are over, StepUpNeeded for
    others than this one. Source: OWASP ASVS 5.0 §7.5.2.
    """
    session = UserSession.objects.select_for_update().filter(user_id=user.pk, pk=session_id).first()
    if session is None:
        raise NotFound
    key = str(session.session_key)
    if key != here:
        require_fresh(actor)
    _end(UserSession.objects.filter(pk=session.pk))
    record(actor=actor, action="account.session_ended", subject=user)
    return key


@transaction.atomic
def end_sessions(*, actor: Actor, user: User, keep_session_key: str | None = None) -> int:
    """End every session of an account but the one to keep; how many there were.

    Without one to keep every device becomes unknown too (`User.epoch`): the account starts from nought.
    """
    rows = UserSession.objects.filter(user_id=user.pk)
    if keep_session_key:
        rows = rows.exclude(session_key=keep_session_key)
    else:
        User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
        user.refresh_from_db(fields=["epoch"])
    ended = _end(rows)
    record(actor=actor, action="account.sessions_ended", subject=user, ended=ended)
    return ended


def _end(rows: "QuerySet[UserSession]") -> int:
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)
