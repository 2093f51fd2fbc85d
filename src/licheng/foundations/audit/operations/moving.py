from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from licheng.foundations.audit.operations.recording import record_all
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.foundations.moves import Move


@transaction.atomic
def move_all(
    *, actor: Actor, rows: "QuerySet[Any]", ids: Collection[object], move: Move, action: str
) -> list[Any]:
    """Take rows of the actor's school one step and write each down: three statements, however many rows.

    The rows have `school`, `state` and `changed_at`; they are locked in the order of their keys. Asks no
    permission and no window: the caller's own transaction has done so.
    Raises NotFound unless every row is at the actor's school, WrongState when the step starts from none.
    """
    wanted = set(ids)
    here = rows.filter(pk__in=wanted, school=actor.school_id or 0)  # an actor of no school reaches no row
    locked = list(here.select_for_update(of=("self",)).order_by("pk"))
    if len(locked) != len(wanted):
        raise NotFound
    acts = []
    for row in locked:
        before, row.state = row.state, move.apply(row.state)
        acts.append((row, {"before": str(before), "after": row.state.value}))
    rows.filter(pk__in=wanted).update(state=move.ends, changed_at=timezone.now())
    record_all(actor=actor, action=action, acts=acts)
    return locked
