from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

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
    return [str(pk) for pk in _over(today).order_by("moved_at").values_list("pk", flat=True)]


def _over(today: date) -> QuerySet[HelpRequest]:
    return HelpRequest.objects.filter(moved_at__date__lt=today - timedelta(days=settings.KEEP_DAYS))


@transaction.atomic
def clear_request(*, actor: Actor, today: date, record_id: str) -> bool:
    """Remove an old request with its thread; whether it was still there."""
    require_system(actor)
    request = _over(today).select_for_update().filter(pk=record_id).first()
    if request is None:
        return False
    record(actor=actor, action="help.removed", subject=request)
    request.delete()
    return True
