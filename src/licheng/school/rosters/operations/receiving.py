"""Taking a roster file in, and giving it up again."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.queueing import enqueue_on_commit
from licheng.school.people.models import School
from licheng.school.people.queries import school_for_imports
from licheng.school.rosters import permissions, states
from licheng.school.rosters.models import RosterImport, RosterKind, RosterMode
from licheng.school.rosters.sealed import seal_file

NAME_MAX = 255
SENDER_MAX = 60


@transaction.atomic
def receive_roster(
    *,
    actor: Actor,
    kind: RosterKind | None,
    data: bytes,
    file_name: str,
    mode: RosterMode = RosterMode.MERGE,
    school_year: int | None = None,
    semester: int | None = None,
    idempotency_key: str = "",
) -> RosterImport:
    """Keep a file and have it checked; nothing else of the school changes.

    Without a kind the columns decide, once a worker has read them. The same key again gives the import that
    was made with it.
    Raises NotFound or NotAllowed for those who do not import.
    """
    school = school_for_imports(actor)
    if (known := _known(school, idempotency_key)) is not None:
        return known
    roster = RosterImport(
        school=school,
        kind=kind or "",
        mode=mode,
        school_year=school.active_year if school_year is None else school_year,
        semester=school.active_semester if semester is None else semester,
        idempotency_key=idempotency_key,
    )
    _describe(roster, actor, data, file_name)
    try:
        with transaction.atomic():
            roster.save(force_insert=True)
    except IntegrityError:  # the same key at the same moment
        if (twin := _known(school, idempotency_key)) is None:
            raise
        return twin
    facts = {"kind": roster.kind, "mode": roster.mode, "size_bytes": len(data)}
    record(actor=actor, action="roster.received", subject=roster, **facts)
    enqueue_on_commit("licheng.school.rosters.tasks.check", school_id=school.pk, import_id=str(roster.pk))
    return roster


def _describe(roster: RosterImport, actor: Actor, data: bytes, file_name: str) -> None:
    """Write down which file it is and who sent it, and seal its content."""
    roster.file_name = file_name[-NAME_MAX:]
    roster.sha256 = hashlib.sha256(data).hexdigest()
    roster.size_bytes = len(data)
    roster.imported_by_id = actor.person_id
    roster.sender = "" if actor.person_id else actor.label[:SENDER_MAX]
    roster.keeps_until = timezone.now() + timedelta(days=settings.ROSTER_KEPT_DAYS)
    seal_file(roster, data)


def _known(school: School, idempotency_key: str) -> RosterImport | None:
    if not idempotency_key:
        return None
    return RosterImport.objects.filter(school=school, idempotency_key=idempotency_key).first()


@transaction.atomic
def drop_roster(*, actor: Actor, import_id: UUID) -> RosterImport:
    """Give a file up before it was applied: its content goes, also what findings repeat of it.

    Raises NotFound, NotAllowed, or WrongState while it is being worked on or once it was applied.
    """
    found(RosterImport.objects.defer("content_sealed"), actor, permissions.SEE, import_id)
    roster = RosterImport.objects.defer("content_sealed").select_for_update().get(pk=import_id)
    require(actor, permissions.APPLY, roster)
    roster.state = states.DROP.apply(roster.state)
    roster.content_sealed = None
    roster.issues = []
    roster.save(update_fields=["state", "content_sealed", "issues"])
    roster.effects.all().delete()
    record(actor=actor, action="roster.dropped", subject=roster, kind=roster.kind)
    return roster
