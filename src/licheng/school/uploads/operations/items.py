"""The kinds of item a file is handed in for, behind one pair of calls."""

from pathlib import Path
from uuid import UUID

from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.foundations.files.models import StoredFile
from licheng.foundations.files.operations import Brought, Receiving
from licheng.school.activities import operations as activities
from licheng.school.counselling import operations as counselling
from licheng.school.outcomes import operations as outcomes
from licheng.school.uploads.models import ItemKind


def terms_of(actor: Actor, item_kind: str, item_id: UUID, role: str) -> Receiving:
    """What the item takes in this role now; sight, rule, window and state are asked.

    Raises NotFound (also for an unknown kind), NotAllowed, WindowClosed or WrongState.
    """
    if item_kind == ItemKind.OUTCOME:
        return outcomes.file_terms(actor=actor, outcome_id=item_id, role=role)
    if item_kind == ItemKind.ACTIVITY:
        return activities.file_terms(actor=actor, activity_id=item_id, role=role)
    if item_kind == ItemKind.CONSULTATION:
        return counselling.file_terms(actor=actor, consultation_id=item_id, role=role)
    raise NotFound


def attach(
    actor: Actor,
    item: tuple[str, UUID, str],
    path: Path,
    name: str,
    *,
    file_id: UUID,
    made_from: dict[str, object] | None = None,
    brought: Brought | None = None,
) -> StoredFile:
    """Hand the bytes at `path` in for the item (kind, id, role); safe to repeat with the same `file_id`.

    `brought`: the terms of `terms_of` and what was counted, where the caller has just done both.
    Must be called outside a transaction. Raises what the item's `attach_file` raises.
    """
    item_kind, item_id, role = item
    with path.open("rb") as stream:
        if item_kind == ItemKind.OUTCOME:
            return outcomes.attach_file(
                actor=actor, outcome_id=item_id, role=role, stream=stream, name=name,
                made_from=made_from, file_id=file_id, brought=brought,
            )  # fmt: skip
        if item_kind == ItemKind.CONSULTATION:
            return counselling.attach_file(
                actor=actor, consultation_id=item_id, role=role, stream=stream, name=name,
                made_from=made_from, file_id=file_id, brought=brought,
            )  # fmt: skip
        return activities.attach_file(
            actor=actor, activity_id=item_id, role=role, stream=stream, name=name,
            made_from=made_from, file_id=file_id, brought=brought,
        )  # fmt: skip
