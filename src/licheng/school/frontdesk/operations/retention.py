from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_system
from licheng.school.frontdesk.models import HelpRequest


def forget_requests(*, actor: Actor, person_id: int) -> Sequence[UUID]:
    """Remove what somebody asked the help desk, with its thread."""
    require_system(actor)
    HelpRequest.objects.filter(person=person_id).delete()
    return []


def requests_due(today: date) -> list[str]:
    """Requests that nobody has written to for longer than their period."""
    before = today - timedelta(days=settings.KEEP_DAYS)
    rows = HelpRequest.objects.filter(moved_at__date__lt=before)
    return [str(pk) for pk in rows.order_by("moved_at").values_list("pk", flat=True)]


@transaction.atomic
def clear_request(*, actor: Actor, today: date, record_id: str) -> bool:
    """Remove an old request with its thread; whether it was still there."""
    require_system(actor)
    request = HelpRequest.objects.select_for_update().filter(pk=record_id).first()
    if request is None or record_id not in requests_due(today):
        return False
    record(actor=actor, action="help.removed", subject=request)
    request.delete()
    return True
