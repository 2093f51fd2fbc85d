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
