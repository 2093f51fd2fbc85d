"""The API for school systems, version 1; its committed description is docs/api/archive.openapi.json."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Body, Field, Schema, Status

from licheng.archive.intake import operations
from licheng.archive.intake.actors import depositor_of
from licheng.archive.intake.models import Deposit
from licheng.archive.intake.queries import deposit_of, received_bytes
from licheng.archive.receipts.queries import DepositReceipts, receipts_of
from licheng.foundations import tus
from licheng.foundations.authz import Actor
from licheng.foundations.machines.bearer import Machine, MachineApi, Problem
from licheng.foundations.machines.scopes import Scope


class SchoolRequest(HttpRequest):
    """A request that carried a school's token."""

    auth: Actor


class Announcing(Schema):
    """What a school says of a package before it sends it."""

    package: UUID
    school_year: Annotated[int, Field(ge=90, le=300, description="民國學年度")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=1, description="bytes")]
    password: Annotated[str, Field(min_length=1, max_length=200, description="opens the package")]


class Reason(Schema):
    """Which file broke which rule."""

    file: str
    rule: str
    text_zh: str
    text_en: str


class DepositState(Schema):
    """Where a deposit is; `problems` says why it was refused."""

    id: UUID
    state: str
    school_year: int
    students: int
    outcomes: int
    activities: int
    files: int
    problems: list[Reason]
    announced_at: datetime
    arrived_at: datetime | None
    decided_at: datetime | None


class StudentReceipt(Schema):
    """One student's receipt: base64 of the exact bytes of `receipt.json`."""

    student_no: str
    receipt: str


class Receipts(Schema):
    """All receipts of a deposit, and the signed checkpoint that they were proven against."""

    receipts: list[StudentReceipt]
    checkpoint: str


REFUSALS = dict.fromkeys((401, 403, 404, 409, 413, 422, 429, 507), Problem)
TUS_VERSION = {"type": "string", "enum": [tus.VERSION]}
TUS_HEADERS = [{"in": "header", "name": "Tus-Resumable", "required": True, "schema": TUS_VERSION}]
WHOLE_NUMBER = {"type": "integer", "minimum": 0}
PACKAGE_PART = {
    "parameters": [
        *TUS_HEADERS,
        {"in": "header", "name": "Upload-Offset", "required": True, "schema": WHOLE_NUMBER},
    ],
    "requestBody": {
        "required": True,
        "content": {tus.BODY_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    },
}
OFFSET_ANSWER = {"parameters": TUS_HEADERS}

api = MachineApi(
    title="學習歷程中央資料庫",
    version="1",
    urls_namespace="archive-api",
    auth=Machine(Scope.DEPOSIT, depositor_of),
)


@api.post("/deposits/", response={201: DepositState, **REFUSALS}, operation_id="announce_deposit")
def announce(request: SchoolRequest, announcing: Body[Announcing]) -> Status[Deposit]:
    """Announce a package. The same announcement again gives the same deposit."""
    announced = operations.Announcement(
        package=announcing.package,
        school_year=announcing.school_year,
        sha256=announcing.sha256,
        size_bytes=announcing.size,
        password=announcing.password,
    )
    return Status(201, operations.announce_deposit(actor=request.auth, announced=announced))


@api.api_operation(
    ["HEAD"],
    "/deposits/{deposit_id}/package",
    response={200: None, **REFUSALS, 412: Problem},
    operation_id="see_package_offset",
    openapi_extra=OFFSET_ANSWER,
)
def offset(request: SchoolRequest, deposit_id: UUID) -> HttpResponse:
    """How many bytes of the package are here: `Upload-Offset`. Ask first, and after a broken line."""
    tus.require_version(request)
    deposit = deposit_of(request.auth, deposit_id)
    return tus.at_offset(received_bytes(deposit), deposit.package_bytes, status=200)


@api.patch(
    "/deposits/{deposit_id}/package",
    response={204: None, **REFUSALS, 412: Problem, 415: Problem, 423: Problem},
    operation_id="send_package",
    openapi_extra=PACKAGE_PART,
)
def send(request: SchoolRequest, deposit_id: UUID) -> HttpResponse:
    """Send the announced package, or the part of it from `Upload-Offset` on (tus 1.0).

    With its last byte the deposit arrives and is checked; sending the end again changes nothing.
    """
    deposit = operations.take_part(
        actor=request.auth,
        deposit_id=deposit_id,
        offset=tus.offset_sent(request),
        length=int(request.headers.get("Content-Length") or 0),
        stream=request,
    )
    return tus.at_offset(received_bytes(deposit), deposit.package_bytes)


@api.get("/deposits/{deposit_id}/", response={200: DepositState, **REFUSALS}, operation_id="see_deposit")
def see(request: SchoolRequest, deposit_id: UUID) -> Deposit:
    """Where a deposit is, how much it holds, and why it was refused."""
    return deposit_of(request.auth, deposit_id)


@api.get(
    "/deposits/{deposit_id}/receipts/", response={200: Receipts, **REFUSALS}, operation_id="fetch_receipts"
)
def receipts(request: SchoolRequest, deposit_id: UUID) -> DepositReceipts:
    """The receipts of an accepted deposit, the same bytes every time."""
    return receipts_of(request.auth, deposit_id)
