"""The one file of a consultation: taken in like every other file, and never part of anything that leaves."""

import hashlib
from collections.abc import Mapping
from typing import BinaryIO
from uuid import UUID

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import digests
from licheng.foundations.errors import NotFound
from licheng.foundations.files.models import FileRole, StoredFile
from licheng.foundations.files.operations import Brought, Receiving, receive_file
from licheng.school.counselling import permissions
from licheng.school.counselling.models import Consultation
from licheng.school.counselling.operations.planning import writable_consultation
from licheng.school.filing import held_already, receiving_at, role_of
from licheng.school.people.actors import school_of


def attach_file(
    *,
    actor: Actor,
    consultation_id: UUID,
    role: str,
    stream: BinaryIO,
    name: str,
    made_from: Mapping[str, object] | None = None,
    file_id: UUID | None = None,
    brought: Brought | None = None,
) -> StoredFile:
    """Take a file in for a consultation: acknowledged first, then tied to it; a former file is replaced.

    The file that is there already changes nothing. Must be called outside a transaction. `brought`: what
    the caller has just asked of `file_terms` and counted for these very bytes. Raises NotFound, NotAllowed or
    WrongState before any byte is read, or what `receive_file` raises.
    """
    if brought is None:
        terms = file_terms(actor=actor, consultation_id=consultation_id, role=role)
        brought = Brought(terms, digests(stream))
    rows = Consultation.objects.filter(permissions.WRITE.within(actor), pk=consultation_id)
    if (held := held_already(rows, name, brought)) is not None:
        return held
    stored = receive_file(
        actor=actor, stream=stream, name=name, terms=brought.terms, made_from=made_from, file_id=file_id,
        brought=brought,
    )  # fmt: skip
    _tie(actor, consultation_id, stored)
    return stored


@transaction.atomic
def file_terms(*, actor: Actor, consultation_id: UUID, role: str) -> Receiving:
    """What a file would have to be now, asked before its first byte travels; documents alone are taken.

    The log names the consultation by a hash of its random id, and nobody. Raises NotFound, NotAllowed or
    WrongState. Source: domain reference §2.7.
    """
    if role_of(role) != FileRole.DOCUMENT:
        raise NotFound
    consultation = writable_consultation(actor, consultation_id)
    subject = hashlib.sha256(consultation.pk.bytes).hexdigest()
    return receiving_at(school_of(actor), role, subject)


@transaction.atomic
def remove_file(*, actor: Actor, consultation_id: UUID, role: str) -> Consultation:
    """Untie the file; its own receipt stays good. Doing it twice is harmless.

    Raises NotFound, NotAllowed or WrongState.
    """
    if role_of(role) != FileRole.DOCUMENT:
        raise NotFound
    consultation = writable_consultation(actor, consultation_id)
    former = consultation.document_id
    if former is None:
        return consultation
    consultation.document = None
    consultation.save(update_fields=["document", "changed_at"])
    record(actor=actor, action="consultation.file_removed", subject=consultation, file=str(former))
    return consultation


@transaction.atomic
def _tie(actor: Actor, consultation_id: UUID, stored: StoredFile) -> None:
    consultation = writable_consultation(actor, consultation_id)
    consultation.document = stored
    consultation.save(update_fields=["document", "changed_at"])
    record(actor=actor, action="consultation.file_attached", subject=consultation, sha256=stored.sha256)
