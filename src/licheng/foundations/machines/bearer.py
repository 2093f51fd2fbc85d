"""How an API asks who is there: a token, counted by token and address, with the scope an operation wants.

Every site's API uses one class; what a token's holder is at that site, the site says. `NoteUse` writes down
each request once it is answered.
"""

from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from licheng.foundations.authz import Actor
from licheng.foundations.errors import BodyTooLarge, DomainError, TooMany
from licheng.foundations.limits.operations import Limit, consume
from licheng.foundations.limits.queries import address_of, spent
from licheng.foundations.machines.errors import ScopeMissing, TokenUnknown
from licheng.foundations.machines.misfits import misfit, unparsed
from licheng.foundations.machines.models import MachineToken
from licheng.foundations.machines.operations import note_use
from licheng.foundations.machines.queries import actor_for_token, token_presented
from licheng.foundations.machines.scopes import Scope
from licheng.foundations.problems import CONTENT_TYPE, problem_answer

type HolderOf = Callable[[HttpRequest, MachineToken], Actor | None]

# Own bounds. A school sends its packages in pieces, so a token may ask often; strangers may not.
PER_TOKEN = Limit(times=1200, seconds=600)
PER_ADDRESS = Limit(times=3000, seconds=600)
UNKNOWN_PER_ADDRESS = Limit(times=60, seconds=600)


class Problem(Schema):
    """A refusal as RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str
    code: str


class Machine(HttpBearer):
    """A token with this scope; gives the actor that the site makes of its holder."""

    def __init__(self, scope: Scope | None, holder_of: HolderOf) -> None:
        super().__init__()
        self.scope, self.holder_of = scope, holder_of

    def __call__(self, request: HttpRequest) -> Actor:
        """Find the token, count it and its address, and look at its scope; strangers are counted apart.

        Raises TokenUnknown, TooMany or ScopeMissing.
        """
        actor: Actor | None = super().__call__(request)
        if actor is None:
            consume(action="api-unknown", who=address_of(request), limit=UNKNOWN_PER_ADDRESS)
            raise TokenUnknown
        return actor

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The holder as an actor, or None when the token opens nothing here."""
        presented = token_presented(token)
        actor = self.holder_of(request, presented) if presented else None
        if presented is None or actor is None:
            return None
        request.machine_token = presented  # type: ignore[attr-defined]
        consume(action="api-token", who=str(presented.pk), limit=PER_TOKEN)
        consume(action="api-address", who=address_of(request), limit=PER_ADDRESS)
        if self.scope is not None and self.scope not in presented.scopes:
            raise ScopeMissing(scope=self.scope.value, rule=str(self.scope.label))
        return actor


class NoteUse:
    """Middleware: one row for every request that came with a good token, whatever it was answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer first, then write it down."""
        response = self.get_response(request)
        token: MachineToken | None = getattr(request, "machine_token", None)
        if token is None or _is_repeated_refusal(token, response):
            return response
        match = request.resolver_match
        note_use(
            actor=actor_for_token(token, school_id=None),
            token_id=token.pk,
            method=request.method or "",
            operation=(match.url_name if match else None) or "",
            status=response.status_code,
            address=_address(request),
        )
        return response


def _is_repeated_refusal(token: MachineToken, response: HttpResponseBase) -> bool:
    """Of refusals for asking too often only the first is written down: a flood leaves no flood of rows."""
    if response.status_code != TooMany.status:
        return False
    return spent(action="api-token", who=str(token.pk)) > PER_TOKEN.times + 1


def _address(request: HttpRequest) -> str | None:
    given = request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(given))
    except ValueError:
        return None  # a socket without an address


class MachineApi(NinjaAPI):
    """An API for machines: every refusal is problem+json, and its description says so."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(docs_url=None, openapi_url="openapi.json", **settings)
        self.exception_handler(DomainError)(_refused)
        self.exception_handler(AuthenticationError)(_unknown)
        self.exception_handler(HttpError)(_unparsed)
        self.exception_handler(ValidationError)(_unreadable)
        self.exception_handler(MultiPartParserError)(_unparsed)
        self.exception_handler(SuspiciousOperation)(_overflowing)

    def get_openapi_schema(self, **named: Any) -> OpenAPISchema:
        """The description, with the form that refusals really have."""
        schema = super().get_openapi_schema(**named)
        for path in schema["paths"].values():
            for operation in path.values():
                for status, answer in operation["responses"].items():
                    _as_problem(int(status), answer)
        return schema


def _as_problem(status: int, answer: dict[str, Any]) -> None:
    if status >= HTTPStatus.BAD_REQUEST and "application/json" in answer.get("content", {}):
        answer["content"] = {CONTENT_TYPE: answer["content"]["application/json"]}
    if status == TokenUnknown.status:
        answer["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    if status == TooMany.status:
        answer["headers"] = {"Retry-After": {"required": True, "schema": {"type": "integer"}}}


def _refused(_request: HttpRequest, error: DomainError) -> HttpResponse:
    answer = problem_answer(error)
    if error.status == TokenUnknown.status:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def _unknown(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return _refused(request, TokenUnknown())


def _unparsed(request: HttpRequest, _error: HttpError | MultiPartParserError) -> HttpResponse:
    return _refused(request, unparsed())


def _unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return _refused(request, misfit(error.errors[0]))


def _overflowing(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """A form with more fields, more files or longer text than Django takes."""
    is_long = isinstance(error, RequestDataTooBig)
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return _refused(request, BodyTooLarge(limit=limit) if is_long else unparsed())
