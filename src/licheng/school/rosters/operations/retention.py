from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_system
from licheng.school.rosters import states
from licheng.school.rosters.models import RosterChange, RosterEffect, RosterImport


def imports_due(today: date) -> list[str]:
    """Imports whose findings and preview, which repeat the roster's cells, are over their period."""
    before = today - timedelta(days=settings.KEEP_DAYS)
    held = ~Q(issues=[]) | Exists(RosterEffect.objects.filter(roster_import=OuterRef("pk")))
    rows = RosterImport.objects.filter(held, imported_at__date__lt=before).order_by("pk")
    return [str(pk) for pk in rows.values_list("pk", flat=True)]


@transaction.atomic
def clear_import(*, actor: Actor, today: date, record_id: str) -> bool:
    """Empty the findings and the preview of an old import; whether there were any."""
    require_system(actor)
    if record_id not in imports_due(today):
        return False
    roster = RosterImport.objects.select_for_update().get(pk=record_id)
    roster.issues = []
    roster.save(update_fields=["issues"])
    RosterEffect.objects.filter(roster_import=roster).delete()
    record(actor=actor, action="roster.findings_cleared", subject=roster)
    return True


def notes_due(today: date) -> list[str]:
    """Applied imports that can be undone no longer and still have the notes for it."""
    before = today - timedelta(days=settings.ROSTER_UNDO_DAYS)
    noted = Exists(RosterChange.objects.filter(roster_import=OuterRef("pk")))
    rows = RosterImport.objects.filter(noted, applied_at__date__lt=before)
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)]


@transaction.atomic
def clear_notes(*, actor: Actor, today: date, record_id: str) -> bool:
    """Forget what the rows of an import were before it; whether there was anything."""
    require_system(actor)
    if record_id not in notes_due(today):
        return False
    roster = RosterImport.objects.select_for_update().get(pk=record_id)
    RosterChange.objects.filter(roster_import=roster).delete()
    record(actor=actor, action="roster.notes_cleared", subject=roster)
    return True


def files_due(_today: date) -> list[str]:
    """Imports that still hold a file beyond the time it is kept."""
    rows = RosterImport.objects.filter(keeps_until__lt=timezone.now(), content_sealed__isnull=False)
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)]


@transaction.atomic
def clear_file(*, actor: Actor, today: date, record_id: str) -> bool:
    """Forget a file that was neither applied nor given up in time; whether there was one.

    A preview that waits is given up with it, as if somebody had done so.
    """
    require_system(actor)
    if record_id not in files_due(today):
        return False
    roster = RosterImport.objects.select_for_update().get(pk=record_id)
    roster.content_sealed = None
    if states.DROP.starts_from(roster.state) and roster.state != states.ImportState.REFUSED:
        roster.state = states.DROP.apply(roster.state)
        roster.issues = []
        roster.effects.all().delete()
    roster.save(update_fields=["content_sealed", "state", "issues"])
    record(actor=actor, action="roster.file_cleared", subject=roster)
    return True
