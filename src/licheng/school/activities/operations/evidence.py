from collections.abc import Mapping
from typing import BinaryIO
from uuid import UUID

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import digests
from licheng.foundations.files.models import FileRole, StoredFile
from licheng.foundations.files.operations import Brought, Receiving, receive_file
from licheng.school.activities import permissions
from licheng.school.activities.models import Activity
from licheng.school.activities.operations.writing import writable_activity
from licheng.school.filing import held_already, receiving_for, role_of
from licheng.school.people.actors import school_of


def attach_file(
    *,
    actor: Actor,
    activity_id: UUID,
    role: str,
    stream: BinaryIO,
    name: str,
    made_from: Mapping[str, object] | None = None,
    file_id: UUID | None = None,
    brought: Brought | None = None,
) -> StoredFile:
    """Take a file in as evidence: acknowledged first, then tied to the record; a former file is replaced.

    The file that is there already changes nothing. Must be called outside a transaction. `brought`: what
    the caller has just asked of `file_terms` and counted for these very bytes. Raises NotFound, NotAllowed,
    WindowClosed or WrongState before any byte is read, or what `receive_file` raises.
    """
    if brought is None:
        terms = file_terms(actor=actor, activity_id=activity_id, role=role)
        brought = Brought(terms, digests(stream))
    rows = Activity.objects.filter(permissions.WRITE.within(actor), pk=activity_id)
    if (held := held_already(rows, name, brought)) is not None:
        return held
    stored = receive_file(
        actor=actor, stream=stream, name=name, terms=brought.terms, made_from=made_from, file_id=file_id,
        brought=brought,
    )  # fmt: skip
    _tie(actor, activity_id, role_of(role), stored)
    return stored


@transaction.atomic
def file_terms(*, actor: Actor, activity_id: UUID, role: str) -> Receiving:
    """What a file for this role would have to be now, asked before its first byte travels.

    Raises NotFound, NotAllowed, WindowClosed or WrongState.
    """
    activity = writable_activity(actor, activity_id)
    return receiving_for(school_of(actor), activity.student, role)


@transaction.atomic
def remove_file(*, actor: Actor, activity_id: UUID, role: str) -> Activity:
    """Untie one file from the record; the file's own receipt stays good.

    Doing it twice is harmless. Raises NotFound, NotAllowed, WindowClosed or WrongState.
    """
    role = role_of(role)
    activity = writable_activity(actor, activity_id)
    former = getattr(activity, f"{role}_id")
    if former is None:
        return activity
    setattr(activity, role, None)
    activity.save(update_fields=[role, "state", "changed_at"])
    record(actor=actor, action="activity.file_removed", subject=activity, role=role.value, file=str(former))
    return activity


@transaction.atomic
def _tie(actor: Actor, activity_id: UUID, role: FileRole, stored: StoredFile) -> None:
    activity = writable_activity(actor, activity_id)
    setattr(activity, role, stored)
    activity.save(update_fields=[role, "state", "changed_at"])
    record(
        actor=actor, action="activity.file_attached", subject=activity, role=role.value, sha256=stored.sha256
    )
