"""Timed sessions in which an administrator may look at people's records: opened with a reason."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.errors import Invalid
from licheng.school.people.models import Person, School, StaffSession
from licheng.school.people.operations.grants import REASON_CHARACTERS, plain
from licheng.school.people.permissions import CLOSE_SESSION, OPEN_SESSION, SEE_SCHOOL, SEE_SESSION


@transaction.atomic
def open_staff_session(*, actor: Actor, reason: str) -> StaffSession:
    """Begin to be let at records, for a bounded time; one that is still open ends.

    Raises NotAllowed or StepUpNeeded, or Invalid without a reason.
    """
    school = found(School.objects.all(), actor, SEE_SCHOOL, actor.school_id)
    person = Person.objects.select_for_update(of=("self",)).get(pk=actor.person_id or 0)
    require(actor, OPEN_SESSION, school)
    text = plain(reason)
    if not text or len(text) > REASON_CHARACTERS:
        raise Invalid(
            field=_("事由"), reason=_("請寫明要看什麼、為什麼，最多 %(n)d 字。") % {"n": REASON_CHARACTERS}
        )
    now = timezone.now()
    for before in StaffSession.objects.filter(person=person, closed_at=None, expires_at__gt=now):
        _close(actor, before, now)
    session = StaffSession.objects.create(
        school=school,
        person=person,
        reason=text,
        expires_at=now + timedelta(minutes=settings.STAFF_SESSION_MINUTES),
    )
    record(actor=actor, action="staff_session.opened", subject=session)
    return session


@transaction.atomic
def close_staff_session(*, actor: Actor, session_id: int) -> StaffSession:
    """End one's own staff session now; one that is over stays as it is.

    Raises NotFound when it is out of sight, NotAllowed for anybody else's.
    """
    found(StaffSession.objects.all(), actor, SEE_SESSION, session_id)
    session = StaffSession.objects.select_for_update().get(pk=session_id)
    require(actor, CLOSE_SESSION, session)
    now = timezone.now()
    if session.closed_at is None and session.expires_at > now:
        _close(actor, session, now)
    return session


def _close(actor: Actor, session: StaffSession, now: datetime) -> None:
    session.closed_at = now
    session.save(update_fields=["closed_at"])
    record(actor=actor, action="staff_session.closed", subject=session)
