from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.school.frontdesk import permissions
from licheng.school.frontdesk.errors import AlreadyWithdrawn, EndsTooEarly
from licheng.school.frontdesk.models import Announcement
from licheng.school.frontdesk.reading import read_text
from licheng.school.people.actors import school_of

TITLE_CHARACTERS, BODY_CHARACTERS = 100, 4000


@transaction.atomic
def announce(
    *,
    actor: Actor,
    title: str,
    body: str,
    is_security_notice: bool = False,
    is_public: bool = True,
    shown_from: datetime | None = None,
    shown_until: datetime | None = None,
) -> Announcement:
    """Tell the school something, from now or a later moment on; text only.

    To change it, withdraw it and write anew.

    Raises NotAllowed, TextMissing, HoldsIdNumber, HoldsPassword or EndsTooEarly.
    """
    school = school_of(actor)
    require(actor, permissions.ANNOUNCE, school)
    now = timezone.now()
    begins = shown_from or now
    if shown_until is not None and shown_until <= max(begins, now):
        raise EndsTooEarly
    row = Announcement.objects.create(
        school=school,
        title=" ".join(read_text(title, _("標題"), TITLE_CHARACTERS).split()),
        body=read_text(body, _("內容"), BODY_CHARACTERS),
        is_security_notice=is_security_notice,
        is_public=is_public,
        shown_from=begins,
        shown_until=shown_until,
        written_by_id=actor.person_id,
    )
    record(actor=actor, action="announcement.published", subject=row, is_public=is_public)
    return row


@transaction.atomic
def withdraw_announcement(*, actor: Actor, announcement_id: int) -> Announcement:
    """Take an announcement down; it stays on its authors' board.

    Raises NotFound, NotAllowed or AlreadyWithdrawn.
    """
    found(Announcement.objects.all(), actor, permissions.SEE_BOARD, announcement_id)
    row = Announcement.objects.select_for_update(of=("self",)).get(pk=announcement_id)
    require(actor, permissions.WITHDRAW, row)
    if row.withdrawn_at is not None:
        raise AlreadyWithdrawn
    row.withdrawn_at = timezone.now()
    row.save(update_fields=["withdrawn_at"])
    record(actor=actor, action="announcement.withdrawn", subject=row)
    return row
