"""One import as its page shows it: how far it is, what it would change for whom, what is wrong with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from licheng.foundations.authz import Actor, allows
from licheng.foundations.errors import NotFound
from licheng.foundations.sought import sought
from licheng.school.people.queries import school_for_imports
from licheng.school.rosters import permissions, states
from licheng.school.rosters.models import RosterEffect, RosterImport, RosterKind
from licheng.school.rosters.queries.boards import TONES
from licheng.school.rosters.queries.findings import (
    SEVERITIES,
    IssueLine,
    by_severity,
    issue_line,
    worst_first,
)
from licheng.school.rosters.queries.obstacles import Obstacle, in_the_way
from licheng.school.rosters.queries.sent import senders_in_words
from licheng.school.rosters.queries.undoers import (
    is_forgotten,
    traces_of,
    undo_ends_at,
    wants_administrator,
)
from licheng.school.rosters.queries.words import counted, told
from licheng.school.rosters.stages import STAGES, WORDS
from licheng.school.rosters.states import ImportState

EFFECT_ROWS = 50
WORDS_MAX = 60
ISSUE_ROWS = 100
MOVING = {ImportState.RECEIVED, ImportState.CHECKING, ImportState.APPLYING}
PREVIEWED = {ImportState.READY, ImportState.APPLYING, ImportState.APPLIED}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of an import's page somebody wants to see."""

    view: str = ""  # "effects" or "issues"; empty: whichever matters now
    words: str = ""
    severity: str = ""
    page: str = "1"


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What the import does to one person, class, course or offering."""

    subject: str
    added: int
    changed: int
    removed: int
    details: list[str]
    more: int


@dataclass(frozen=True, slots=True)
class ImportPage:
    """An import on its way, and the parts of it that were asked for."""

    roster: RosterImport
    sent_by: str  # empty where a person sent it
    tone: str
    stage: str | Promise
    summary: list[dict[str, Any]]
    asked: Asked
    effects: "Page[RosterEffect] | None"
    lines: list[EffectLine]
    counts: dict[str, int]
    findings: list[IssueLine]
    issues: "Page[IssueLine] | None"
    may_apply: bool
    may_drop: bool
    may_undo: bool
    undo_ends_at: datetime | None

    @property
    def is_moving(self) -> bool:
        """Whether a worker has it now or will soon, so that the page looks again by itself."""
        return self.roster.state in MOVING

    @property
    def stages(self) -> int:
        """How many stages there are."""
        return len(STAGES)

    @property
    def is_refused(self) -> bool:
        """Whether nothing of it came in for the reasons listed."""
        return self.roster.state == ImportState.REFUSED

    @property
    def is_ready(self) -> bool:
        """Whether it waits for somebody's word."""
        return self.roster.state == ImportState.READY

    @property
    def is_applied(self) -> bool:
        """Whether it is in, and stays unless it is undone."""
        return self.roster.state == ImportState.APPLIED

    @property
    def has_file(self) -> bool:
        """Whether the file is still kept, so that it can be handed back with reasons."""
        is_there = self.roster.state in {ImportState.REFUSED, ImportState.READY} and bool(self.roster.rows)
        return is_there and timezone.now() < self.roster.keeps_until

    @property
    def has_lines(self) -> bool:
        """Whether there is a preview to look at, or what was done by it."""
        return self.roster.state in PREVIEWED

    @property
    def kept_more(self) -> int:
        """How many more rows stay than are named."""
        return int(self.roster.summary.get("kept", 0)) - len(self.roster.summary.get("kept_names", ()))

    @property
    def asks_again(self) -> bool:
        """Whether confirming it wants a fresh proof of identity."""
        return self.roster.kind == RosterKind.STAFF or bool(self.roster.summary.get("needs_proof"))

    @property
    def has_changed(self) -> bool:
        """Whether the school's data changed between preview and writing, so that nothing was written."""
        return bool(self.roster.summary.get("has_changed"))


def import_seen_by(actor: Actor, import_id: UUID) -> RosterImport:
    """An import of the actor's school.

    Raises NotFound for other schools' imports, NotAllowed for those who do not import.
    """
    rows: QuerySet[RosterImport] = RosterImport.objects.filter(school=actor.school_id)
    row = (
        rows.defer("content_sealed")
        .select_related("school", "imported_by", "applied_by", "undone_by")
        .filter(pk=import_id)
        .first()
    )
    if row is None:
        raise NotFound
    school_for_imports(actor)
    return row


def import_page(actor: Actor, import_id: UUID, asked: Asked | None = None) -> ImportPage:
    """One import with one page of its preview and one of its findings.

    Raises NotFound for other schools' imports, NotAllowed for those who do not import.
    """
    roster = import_seen_by(actor, import_id)
    findings = worst_first([issue_line(issue) for issue in roster.issues])
    asked = _settled(roster, asked or Asked())
    is_effects = asked.view == "effects"
    shown = [line for line in findings if asked.severity in {"", line.severity}]
    effects = (
        Paginator(_effects(roster, asked.words), EFFECT_ROWS).get_page(asked.page) if is_effects else None
    )
    return ImportPage(
        roster=roster,
        sent_by=senders_in_words(roster.school, [roster.sender]).get(roster.sender, ""),
        tone=TONES[ImportState(roster.state)],
        stage=WORDS[roster.stage],
        summary=[counted(item, acts) for item, acts in roster.summary.get("items", {}).items()],
        asked=asked,
        effects=effects,
        lines=[_line(effect) for effect in effects or ()],
        counts=by_severity(findings),
        findings=findings,
        issues=None if is_effects else Paginator(shown, ISSUE_ROWS).get_page(asked.page),
        may_apply=states.CONFIRM.starts_from(roster.state),
        may_drop=states.DROP.starts_from(roster.state),
        may_undo=states.UNDO.starts_from(roster.state) and not is_forgotten(roster),
        undo_ends_at=undo_ends_at(roster) if roster.total else None,
    )


def _settled(roster: RosterImport, asked: Asked) -> Asked:
    """What was asked for, with the part that matters now where none was named."""
    usual = "effects" if roster.state in PREVIEWED else "issues"
    view = "issues" if asked.view == "issues" else usual
    severity = asked.severity if asked.severity in SEVERITIES else ""
    return Asked(view, sought(asked.words, WORDS_MAX), severity, asked.page)


def _effects(roster: RosterImport, words: str) -> QuerySet[RosterEffect]:
    rows = roster.effects.order_by("id")
    for word in words.split():
        rows = rows.filter(subject__icontains=word)
    return rows


def _line(effect: RosterEffect) -> EffectLine:
    shown = len(effect.details)
    of = effect.added + effect.changed + effect.removed
    return EffectLine(
        effect.subject,
        effect.added,
        effect.changed,
        effect.removed,
        [told(detail) for detail in effect.details],
        max(of - shown, 0),
    )


@dataclass(frozen=True, slots=True)
class UndoPage:
    """Whether an import can be taken back, what goes with it, and if it cannot, what stands in the way.

    `whose` says who may undo a roster of staff.
    """

    roster: RosterImport
    obstacles: list[Obstacle]
    traces: dict[str, int]
    is_forgotten: bool
    is_somebody_elses: bool
    whose: str | Promise
    may_undo: bool


def undo_page(actor: Actor, import_id: UUID) -> UndoPage:
    """An applied import before it is undone.

    Raises NotFound for other schools' imports, NotAllowed for those who do not import.
    """
    roster = import_seen_by(actor, import_id)
    is_possible = states.UNDO.starts_from(roster.state)
    is_over = is_possible and is_forgotten(roster)
    elses = is_possible and not may_undo(actor, roster)
    obstacles = in_the_way(roster) if is_possible else []
    return UndoPage(
        roster,
        obstacles,
        traces_of(roster) if is_possible else {},
        is_over,
        elses,
        permissions.UNDO_STAFF.says,
        is_possible and not (is_over or elses or obstacles),
    )


def may_undo(actor: Actor, roster: RosterImport) -> bool:
    """A staff roster is undone by whoever confirmed it or an administrator; others by every importer."""
    return not wants_administrator(roster, actor.person_id) or allows(actor, permissions.UNDO_STAFF, roster)
