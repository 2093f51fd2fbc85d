from collections.abc import Mapping
from typing import BinaryIO
from uuid import UUID

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import digests
from licheng.foundations.errors import NotFound
from licheng.foundations.files.models import StoredFile
from licheng.foundations.files.operations import Brought, Receiving, receive_file
from licheng.school.calendar.models import WindowKind
from licheng.school.filing import held_already, receiving_for, role_of
from licheng.school.outcomes import permissions, states
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.operations._common import asked, locked, reopen

# What the terms of a file depend on; anything else is fetched when it is asked for.
ASKED_OF = ("state", "school_year", "semester", "student__account", "student__student__subject_key")
ASKED_OF_SCHOOL = (
    "school__code",
    "school__active_year",
    "school__active_semester",
    "school__authority__code",
)


def attach_file(
    *,
    actor: Actor,
    outcome_id: UUID,
    role: str,
    stream: BinaryIO,
    name: str,
    made_from: Mapping[str, object] | None = None,
    file_id: UUID | None = None,
    brought: Brought | None = None,
) -> StoredFile:
    """Take a file in and make it the outcome's document or media; another file ends a certification.

    The file that is there already changes nothing. Not atomic as a whole: the acknowledgement of the file
    needs its own commit (see `receive_file`, also for `file_id`), so sight, rule, window and state are asked
    before the bytes are taken, and again when they are attached. `brought`: what the caller has just asked of
    `file_terms` and counted for these very bytes.
    Raises NotFound, NotAllowed, WindowClosed, WrongState, FileTooLarge, FileRefused or StorageFailed.
    """
    if brought is None:
        terms = file_terms(actor=actor, outcome_id=outcome_id, role=role)
        brought = Brought(terms, digests(stream))
    rows = Outcome.objects.filter(permissions.WRITE.within(actor), pk=outcome_id)
    if (held := held_already(rows, name, brought)) is not None:
        return held
    stored = receive_file(
        actor=actor, stream=stream, name=name, terms=brought.terms, made_from=made_from, file_id=file_id,
        brought=brought,
    )  # fmt: skip
    _attach(actor, outcome_id, stored)
    return stored


def file_terms(*, actor: Actor, outcome_id: UUID, role: str) -> Receiving:
    """What a file for this role would have to be now, asked before its first byte travels.

    Nothing is locked: all of it is asked again when the file is attached.
    Raises NotFound, NotAllowed, WindowClosed or WrongState.
    """
    rows = Outcome.objects.select_related("student__student").only(*ASKED_OF, *ASKED_OF_SCHOOL)
    outcome = asked(rows, actor, outcome_id, permissions.WRITE, WindowKind.UPLOAD)
    states.EDIT.apply(outcome.state)
    return receiving_for(outcome.school, outcome.student, role)


@transaction.atomic
def _attach(actor: Actor, outcome_id: UUID, stored: StoredFile) -> Outcome:
    outcome = locked(actor, outcome_id, permissions.WRITE, WindowKind.UPLOAD)
    columns = reopen(outcome, actor, "file")
    replaced = getattr(outcome, f"{stored.role}_id")
    setattr(outcome, stored.role, stored)
    outcome.save(update_fields=[stored.role, *columns, "changed_at"])
    record(
        actor=actor,
        action="outcome.file_attached",
        subject=outcome,
        role=stored.role,
        file=str(stored.pk),
        sha256=stored.sha256,
        replaced=str(replaced or ""),
    )
    return outcome


@transaction.atomic
def remove_file(*, actor: Actor, outcome_id: UUID, role: str) -> Outcome:
    """Take the document or media away from the outcome; this ends a certification.

    Raises NotFound (also when there is no such file), NotAllowed, WindowClosed or WrongState.
    """
    outcome = locked(actor, outcome_id, permissions.WRITE, WindowKind.UPLOAD)
    role = role_of(role).value
    removed = getattr(outcome, f"{role}_id")
    columns = reopen(outcome, actor, "file")
    if removed is None:
        raise NotFound
    setattr(outcome, role, None)
    outcome.save(update_fields=[role, *columns, "changed_at"])
    record(actor=actor, action="outcome.file_removed", subject=outcome, role=role, file=str(removed))
    return outcome
