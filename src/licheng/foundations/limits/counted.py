"""Views whose work costs something: so often an hour for one person, and for one address."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.http import HttpResponseBase

from licheng.foundations.limits.operations import Limit, consume
from licheng.foundations.limits.queries import address_of

HOUR = 3600
# A school with a thousand students stands behind one address; own bound.
PEOPLE_BEHIND_AN_ADDRESS = 40


def counted[**P, R: HttpResponseBase](
    action: str, *, times: int, methods: frozenset[str] = frozenset({"POST"})
) -> Callable[[Callable[Concatenate[Any, P], R]], Callable[Concatenate[Any, P], R]]:
    """Let one person do this so many times an hour; refused tries count, so it stands outside transactions.

    Own bounds: far above what anybody does by hand, far below what a script would do.
    The view raises TooMany beyond them.
    """
    one = Limit(times, HOUR)
    together = Limit(times * PEOPLE_BEHIND_AN_ADDRESS, HOUR)

    def wrap(view: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
        @wraps(view)
        def answer(request: Any, /, *args: P.args, **more: P.kwargs) -> R:
            if request.method in methods:
                actor = getattr(request, "actor", None)
                if actor is not None:
                    consume(action=action, who=actor.label, limit=one)
                consume(action=f"{action}/address", who=address_of(request), limit=together)
            return view(request, *args, **more)

        return answer

    return wrap
