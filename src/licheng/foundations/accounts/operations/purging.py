from datetime import timedelta

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.limits.operations import forget_past


def forget_sign_ins(*, actor: Actor) -> int:  # noqa: ARG001 -- a clock; nothing of a person is changed
    """Remove failed sign-ins after thirty days, sessions that are over, limits that are past; how many."""
    now = timezone.now()
    old = now - timedelta(days=settings.SIGN_INS_KEPT_DAYS)
    removed: int = AccessFailureLog.objects.filter(attempt_time__lt=old).delete()[0]
    removed += AccessAttempt.objects.filter(attempt_time__lt=old).delete()[0]
    removed += Session.objects.filter(expire_date__lt=now).delete()[0]
    open_keys = Session.objects.values("session_key")
    removed += UserSession.objects.exclude(session_key__in=open_keys).delete()[0]
    return removed + forget_past()
