from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_system
from licheng.school.rosters.models import RosterImport


def imports_due(today: date) -> list[str]:
    """Imports whose findings, which repeat cells of the roster, are older than their period."""
    before = today - timedelta(days=settings.KEEP_DAYS)
    rows = RosterImport.objects.filter(imported_at__date__lt=before).exclude(issues=[])
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)]


@transaction.atomic
def clear_import(*, actor: Actor, today: date, record_id: str) -> bool:
    """Empty the findings of an old import; whether there were any."""
    require_system(actor)
    if record_id not in imports_due(today):
        return False
    attempt = RosterImport.objects.select_for_update().get(pk=record_id)
    attempt.issues = []
    attempt.save(update_fields=["issues"])
    record(actor=actor, action="roster.findings_cleared", subject=attempt)
    return True
