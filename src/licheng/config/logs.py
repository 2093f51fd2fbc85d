"""What is written down: one line of JSON per event, without anybody's name, number or address."""

import logging
import re
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

type Answer = Callable[[HttpRequest], HttpResponseBase]
type Event = MutableMapping[str, Any]

# ID numbers (national and both residence forms) and mail addresses, wherever a message might carry one.
# Chinese letters count as \w, so a number's borders are named: one may stand right behind a Chinese word.
PERSONAL = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Da-d0-9]\d{8}(?![A-Za-z0-9])|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# What the database tells of a row that it refuses: its cells, some of several lines, to the message's end.
# Source: PostgreSQL, "Error Message Style Guide", detail messages.
REFUSED_ROW = re.compile(
    r"\n(?:DETAIL|CONTEXT): .*?(?=\n\n(?:The above exception|During handling of)|\Z)", re.DOTALL
)
REPLACED = "[…]"
log = structlog.stdlib.get_logger("licheng.requests")


def without_personal(_logger: object, _method: str, event: Event) -> Event:
    """The event without ID numbers, mail addresses and cells of refused rows, tracebacks included."""
    for name, value in event.items():
        if value is not None and not isinstance(value, bool | int | float):
            event[name] = PERSONAL.sub(REPLACED, REFUSED_ROW.sub(f"\n{REPLACED}", str(value)))
    return event


def without_address(_logger: object, _method: str, event: Event) -> Event:
    """The framework's own line about a request, without its address: a secret may stand there, or a name."""
    if event.pop("request", None) is not None:
        event["event"] = str(event.get("event", "")).partition(": /")[0]
        event.pop("message", None)  # the same once more, where another handler has written it first
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def formatter(style: str) -> dict[str, object]:
    """The formatter of `LOGGING` for `json` or `text`; the last thing each does is to take people out."""
    ends: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if style == "json":
        render: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        render = structlog.dev.ConsoleRenderer(colors=False)
    ends += [without_address, structlog.processors.format_exc_info, without_personal, render]
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": ends,
        "foreign_pre_chain": [*SHARED, structlog.stdlib.ExtraAdder()],
    }


def configure() -> None:
    """Send structlog's own events the same way as everybody's."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestLog:
    """One line per request: which page by its pattern, not by its address; who by number; how it ended."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say so."""
        began = time.monotonic()
        structlog.contextvars.bind_contextvars(request_id=request.META.get("LICHENG_REQUEST_ID", ""))
        try:
            response = self.get_response(request)
            self._say(request, response, began)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        return response

    def _say(self, request: HttpRequest, response: HttpResponseBase, began: float) -> None:
        if not settings.LOG_REQUESTS:
            return
        match = request.resolver_match
        log.log(
            logging.WARNING if response.status_code >= 500 else logging.INFO,  # noqa: PLR2004 -- HTTP's own border
            "request",
            site=settings.SITE,
            method=request.method,
            page=match.route if match else "",
            status=response.status_code,
            milliseconds=round((time.monotonic() - began) * 1000, 1),
            actor=getattr(getattr(request, "actor", None), "label", ""),
        )
