"""Rubbish is seldom looked for while a process loads what it needs, and as usual once it works."""

import gc

AT_WORK = gc.get_threshold()


def loading() -> None:
    """Look seldom: what is loaded stays; looking every 2,000 objects took a fifth of the start. Own bound."""
    gc.set_threshold(50_000)


def started() -> None:
    """Look as usual, past what was loaded: the body of a request that is done must not wait for long."""
    gc.freeze()
    gc.set_threshold(*AT_WORK)
