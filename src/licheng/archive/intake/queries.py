"""What operators read: the board, one deposit, and the audit with who stands behind an act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from licheng.archive.intake.models import Deposit, RegisteredSchool
from licheng.archive.intake.packages import package_path, part_path
from licheng.archive.intake.permissions import DEPOSIT, SEE_ACTS, SEE_BOARD
from licheng.archive.intake.states import DepositState
from licheng.foundations.accounts.models import User
from licheng.foundations.audit import queries as audit
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.audit.queries import ActsPage, Wanted
from licheng.foundations.authz import Actor, found, seen
from licheng.foundations.tus import kept_bytes

PAGE_ROWS = 50
TONES = {
    DepositState.ANNOUNCED: "draft",
    DepositState.ARRIVED: "waiting",
    DepositState.CHECKING: "waiting",
    DepositState.ACCEPTED: "received",
    DepositState.REFUSED: "error",
}
ICONS = {
    DepositState.ANNOUNCED: "clipboard-list",
    DepositState.ARRIVED: "package",
    DepositState.CHECKING: "search",
    DepositState.ACCEPTED: "package-check",
    DepositState.REFUSED: "undo-2",
}
IN_WORK = (DepositState.ARRIVED, DepositState.CHECKING)
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Line:
    """One deposit as the board shows it."""

    id: UUID
    school: str
    school_code: str
    school_year: int
    size_bytes: int
    students: int
    outcomes: int
    activities: int
    files: int
    state: str
    state_word: str
    tone: str
    announced_at: datetime
    took: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deposits are in a state."""

    state: str
    word: str
    icon: str
    count: int


@dataclass(frozen=True, slots=True)
class Board:
    """The intake board: tallies over everything, and one page of the deposits asked for."""

    tallies: tuple[Tally, ...]
    page: Page[Deposit]
    lines: tuple[Line, ...]
    schools: tuple[tuple[str, str], ...]
    state: str
    school: str
    is_in_work: bool


def deposit_of(actor: Actor, deposit_id: UUID) -> Deposit:
    """A school's own deposit. Raises NotFound."""
    return found(Deposit.objects.all(), actor, DEPOSIT, deposit_id)


def received_bytes(deposit: Deposit) -> int:
    """How many bytes of its package are here."""
    if deposit.state != DepositState.ANNOUNCED or package_path(deposit.pk).exists():
        return deposit.package_bytes
    return kept_bytes(part_path(deposit.pk))


def intake_board(actor: Actor, *, state: str = "", school: str = "", page: str = "1") -> Board:
    """What arrived, newest first; of one state or school when asked, everything when those are unknown."""
    visible = seen(Deposit.objects.all(), actor, SEE_BOARD)
    counts = dict(visible.order_by().values_list("state").annotate(count=Count("pk")))
    schools = tuple(RegisteredSchool.objects.order_by("code").values_list("code", "name"))
    state = state if state in DepositState.values else ""
    school = school if school in dict(schools) else ""
    rows = visible.select_related("school")
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(school__code=school) if school else rows
    shown = Paginator(rows, PAGE_ROWS).get_page(page)
    return Board(
        tallies=tuple(Tally(s.value, str(s.label), ICONS[s], counts.get(s, 0)) for s in DepositState),
        page=shown,
        lines=tuple(line_of(deposit) for deposit in shown),
        schools=schools,
        state=state,
        school=school,
        is_in_work=any(counts.get(s, 0) for s in IN_WORK),
    )


def line_of(deposit: Deposit) -> Line:
    """A deposit with its school as the board shows it."""
    state = DepositState(deposit.state)
    return Line(
        id=deposit.pk,
        school=deposit.school.name,
        school_code=deposit.school.code,
        school_year=deposit.school_year,
        size_bytes=deposit.package_bytes,
        students=deposit.students,
        outcomes=deposit.outcomes,
        activities=deposit.activities,
        files=deposit.files,
        state=state.value,
        state_word=str(state.label),
        tone=TONES[state],
        announced_at=deposit.announced_at,
        took=_took(deposit.arrived_at, deposit.decided_at),
    )


def _took(arrived_at: datetime | None, decided_at: datetime | None) -> str:
    if arrived_at is None or decided_at is None:
        return ""
    seconds = max(0, round((decided_at - arrived_at).total_seconds()))
    if seconds < MINUTE:
        return ngettext("%(n)d 秒", "%(n)d 秒", seconds) % {"n": seconds}
    if seconds < HOUR:
        return _("%(m)d 分 %(s)d 秒") % {"m": seconds // MINUTE, "s": seconds % MINUTE}
    return _("%(h)d 小時 %(m)d 分") % {"h": seconds // HOUR, "m": seconds % HOUR // MINUTE}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a package went back, in the reader's language."""

    file: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One deposit with its reasons and receipts."""

    line: Line
    package_sha256: str
    arrived_at: datetime | None
    decided_at: datetime | None
    reasons: tuple[Reason, ...]
    receipts: int
    is_in_work: bool


def deposit_detail(actor: Actor, deposit_id: UUID) -> Detail:
    """One deposit for an operator. Raises NotFound."""
    deposit = found(Deposit.objects.select_related("school"), actor, SEE_BOARD, deposit_id)
    return Detail(
        line=line_of(deposit),
        package_sha256=deposit.package_sha256,
        arrived_at=deposit.arrived_at,
        decided_at=deposit.decided_at,
        reasons=tuple(_reason(problem) for problem in deposit.problems),
        receipts=deposit.receipts.count(),
        is_in_work=deposit.state in IN_WORK,
    )


def _reason(problem: Mapping[str, Any]) -> Reason:
    is_english = (get_language() or "").startswith("en")
    return Reason(problem["file"], problem["rule"], problem["text_en" if is_english else "text_zh"])


def acts_page(actor: Actor, wanted: Wanted, before: str) -> ActsPage:
    """Acts at the archive; who acted is looked for by label alone.

    Raises NotFound for everybody but operators.
    """
    found(User.objects.all(), actor, SEE_ACTS, actor.person_id)
    wanted = replace(wanted, person_id=_key_of(wanted.label) if wanted.label else None)
    return audit.acts_page(None, wanted, before, names_of)


def names_of(rows: Sequence[AuditEntry]) -> dict[int, str]:
    """Operators and schools by what programs call them; a key alone may be either's. Two queries."""
    labels = {row.actor_label for row in rows}
    known = dict(choices(labels))
    return {row.pk: known[row.actor_label] for row in rows if row.actor_label in known}


def _key_of(label: str) -> int | None:
    """The key beside which the audit holds this label; the index goes by it."""
    kind, _colon, name = label.partition(":")
    if kind == "operator" and name.isdecimal():
        return int(name)
    return RegisteredSchool.objects.filter(code=name).values_list("pk", flat=True).first()


def choices(labels: set[str] | None = None) -> list[tuple[str, str]]:
    """Whom one may look for: the label and the name, operators first; those with these labels, or all."""
    operators, schools = User.objects.filter(is_operator=True), RegisteredSchool.objects.all()
    if labels is not None:
        parts = [label.partition(":") for label in labels]
        keys = [key for kind, _colon, key in parts if kind == "operator" and key.isdecimal()]
        operators = User.objects.filter(pk__in=keys)
        schools = schools.filter(code__in=[code for kind, _colon, code in parts if kind == "school"])
    people = [
        (f"operator:{user.pk}", _("%(name)s（%(account)s）") % {"name": user.name, "account": user.login})
        for user in operators.order_by("login")
    ]
    names = schools.order_by("code").values_list("code", "name")
    return people + [(f"school:{code}", f"{code} {name}") for code, name in names]
