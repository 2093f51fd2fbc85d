"""Rosters by API: hand in, see what would change, confirm, take back; each as a page does it.

Duties of staff stay with people: no token confirms a roster of them. Who teaches a class or a course comes
with these rosters, as the school's own system has it.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, File, Form, Header, Router, Schema, Status
from ninja.files import UploadedFile

from licheng.foundations.authz import Actor
from licheng.foundations.errors import BodyTooLarge
from licheng.foundations.limits.operations import Limit, consume
from licheng.foundations.machines.bearer import Problem
from licheng.school.rosters.errors import KeyReused
from licheng.school.rosters.forms import LIMIT_BYTES
from licheng.school.rosters.models import RosterImport, RosterKind, RosterMode
from licheng.school.rosters.operations import apply_roster, drop_roster, receive_roster, undo_roster
from licheng.school.rosters.queries.sent import findings_of, own_import

KEY = r"^[A-Za-z0-9_.:-]{1,64}$"
# Each has a worker read or write a whole file, so a token may no oftener than a person. Own bounds.
AN_HOUR = {
    "records.import": Limit(120, 3600),
    "rosters.apply": Limit(120, 3600),
    "rosters.undo": Limit(30, 3600),
}
REFUSALS: dict[int, Any] = dict.fromkeys((401, 403, 404, 409, 413, 422, 429), Problem)


class MachineRequest(HttpRequest):
    """A request that carried a good token."""

    auth: Actor


class Given(Schema):
    """What is sent with a file."""

    kind: Annotated[RosterKind | None, Field(None, description="沒有時由欄位名稱判斷")]
    mode: RosterMode = RosterMode.MERGE
    school_year: Annotated[
        int | None, Field(None, ge=100, le=199, description="民國學年度；沒有時是目前學年度")
    ]
    semester: Annotated[int | None, Field(None, ge=1, le=4)]


class Roster(Schema):
    """An import: `state` is received, checking, refused, ready, applying, applied, undone or dropped.

    `kind` is empty until the file was read, where none was sent with it.
    """

    id: UUID
    kind: str
    mode: str
    state: str
    stage: str
    school_year: int
    semester: int
    file_name: str
    sha256: str
    rows: int
    accepted: int
    added: int
    changed: int
    removed: int
    errors: int
    warnings: int
    received_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None

    @staticmethod
    def resolve_errors(roster: RosterImport) -> int:
        """How many findings keep the file out."""
        return sum(issue["severity"] == "error" for issue in roster.issues)

    @staticmethod
    def resolve_warnings(roster: RosterImport) -> int:
        """How many findings do not."""
        return len(roster.issues) - Roster.resolve_errors(roster)

    @staticmethod
    def resolve_received_at(roster: RosterImport) -> datetime:
        """When it came in."""
        return roster.imported_at


class Finding(Schema):
    """One finding about one cell; `row` is that of the file, 0 for the file as a whole."""

    sheet: str
    row: int
    column: str
    rule: str
    value: str
    severity: str
    text_zh: str
    text_en: str


class Findings(Schema):
    """Everything that was found, errors first."""

    items: list[Finding]


router = Router()


def _count(request: MachineRequest, action: str) -> None:
    """Count work that costs. Raises TooMany."""
    consume(action=action, who=request.auth.label, limit=AN_HOUR[action])


@router.post("", response={202: Roster, **REFUSALS}, operation_id="send_roster")
def send_roster(
    request: MachineRequest,
    key: Annotated[str, Header(alias="Idempotency-Key", pattern=KEY)],
    given: Form[Given],
    file: File[UploadedFile],
) -> Status[RosterImport]:
    """Hand a roster in, CSV, XLSX or ODS; it is checked and previewed, and nothing changes yet.

    Scope: rosters:write. A file has at most 20 MB (20971520 bytes).
    The same Idempotency-Key with the same file gives the same import again, however often it is sent.
    """
    _count(request, "records.import")
    if (file.size or 0) > LIMIT_BYTES:
        raise BodyTooLarge(limit=LIMIT_BYTES)
    data = file.read()
    roster = receive_roster(
        actor=request.auth,
        data=data,
        file_name=file.name or "roster",
        idempotency_key=key,
        **given.model_dump(),
    )
    wanted = {name: value for name, value in given.model_dump().items() if value is not None}
    is_same = roster.sha256 == sha256(data).hexdigest() and roster.sender == request.auth.label
    if not is_same or any(getattr(roster, name) != value for name, value in wanted.items()):
        raise KeyReused
    return Status(202, roster)


@router.get("/{import_id}", response={200: Roster, **REFUSALS}, operation_id="see_roster")
def see_roster(request: MachineRequest, import_id: UUID) -> RosterImport:
    """How far an import is, and what it would change or has changed. Scope: rosters:write."""
    return own_import(request.auth, import_id)


@router.get("/{import_id}/findings", response={200: Findings, **REFUSALS}, operation_id="list_findings")
def list_findings(request: MachineRequest, import_id: UUID) -> dict[str, list[Mapping[str, Any]]]:
    """What was found in the file, by sheet, row and column. Scope: rosters:write."""
    return {"items": findings_of(request.auth, import_id)}


@router.post("/{import_id}/apply", response={202: Roster, **REFUSALS}, operation_id="apply_roster")
def apply(request: MachineRequest, import_id: UUID) -> Status[RosterImport]:
    """Confirm a preview in state ready; a worker writes it, whole or not at all. Scope: rosters:write."""
    own_import(request.auth, import_id)
    _count(request, "rosters.apply")
    return Status(202, apply_roster(actor=request.auth, import_id=import_id))


@router.post("/{import_id}/undo", response={200: Roster, **REFUSALS}, operation_id="undo_roster")
def undo(request: MachineRequest, import_id: UUID) -> RosterImport:
    """Take an applied import back, as long as nothing was built on it. Scope: rosters:write."""
    own_import(request.auth, import_id)
    _count(request, "rosters.undo")
    return undo_roster(actor=request.auth, import_id=import_id)


@router.post("/{import_id}/drop", response={200: Roster, **REFUSALS}, operation_id="drop_roster")
def drop(request: MachineRequest, import_id: UUID) -> RosterImport:
    """Give an import up that was not applied; its content goes at once. Scope: rosters:write."""
    own_import(request.auth, import_id)
    return drop_roster(actor=request.auth, import_id=import_id)
