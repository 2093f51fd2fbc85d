"""What views share: the request of a signed-in person, and the mark of a public page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from licheng.foundations.authz import Actor


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in; every view that is not `open_to_all` gets one."""

    actor: Actor


def open_to_all[V: Callable[..., HttpResponseBase]](view: V) -> V:
    """Mark a view as public; every other view needs a signed-in person."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def strangers_see[V: Callable[..., HttpResponseBase]](
    other: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[V], V]:
    """Give strangers another page at a view's address; everybody else goes through the gate as always."""

    def mark(view: V) -> V:
        view.for_strangers = other  # type: ignore[attr-defined]
        return view

    return mark


def part_of[V: Callable[..., HttpResponseBase]](step: str) -> Callable[[V], V]:
    """Mark a view as part of a step of signing in: it is reached while that step is still owed.

    `step` is the URL name to which the gate sends people: `email` or `factors`.
    """

    def mark(view: V) -> V:
        view.part_of = step  # type: ignore[attr-defined]
        return view

    return mark
