from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.machines.models import MachineToken, TokenUse

KEPT_DAYS = 90  # own bound
SEEN_EVERY = timedelta(minutes=1)  # `last_used_at` is written no oftener, so that a busy machine is cheap
OPERATION_LETTERS, METHOD_LETTERS = 80, 8


def note_use(
    *,
    actor: Actor,  # noqa: ARG001 -- every operation names who acts; here the machine, which `token_id` names too
    token_id: int,
    method: str,
    operation: str,
    status: int,
    address: str | None,
) -> None:
    """Write down one request of a machine, after it was answered.

    Takes place outside the request's own transaction: a refusal is a use too.
    """
    now = timezone.now()
    TokenUse.objects.create(
        token_id=token_id,
        method=method[:METHOD_LETTERS],
        operation=operation[:OPERATION_LETTERS],
        status=status,
        address=address,
    )
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - SEEN_EVERY)
    MachineToken.objects.filter(stale, pk=token_id).update(last_used_at=now)


def forget_uses(*, actor: Actor) -> int:  # noqa: ARG001 -- every operation names who acts; here a clock
    """Remove what machines did longer than 90 days ago; safe at any time."""
    end = timezone.now() - timedelta(days=KEPT_DAYS)
    removed, _by_model = TokenUse.objects.filter(at__lt=end).delete()
    return removed
