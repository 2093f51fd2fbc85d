"""Imports as the machine that sent them reads them; nobody else's are there for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from licheng.foundations.authz import Actor, found
from licheng.school.rosters.models import RosterImport
from licheng.school.rosters.permissions import SEE


@dataclass(frozen=True, slots=True)
class SentRoster:
    """How far an import is, what it would change or has changed, and how much is wrong with it."""

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


def own_import(actor: Actor, import_id: UUID) -> RosterImport:
    """An import that this machine sent. Raises NotFound for all others."""
    return found(RosterImport.objects.filter(sender=actor.label), actor, SEE, import_id)


def sent_roster(roster: RosterImport) -> SentRoster:
    """An import in the words of the API."""
    severities = [issue["severity"] for issue in roster.issues]
    return SentRoster(
        id=roster.pk,
        kind=roster.kind,
        mode=roster.mode,
        state=roster.state,
        stage=roster.stage,
        school_year=roster.school_year,
        semester=roster.semester,
        file_name=roster.file_name,
        sha256=roster.sha256,
        rows=roster.rows,
        accepted=roster.accepted,
        added=roster.added,
        changed=roster.changed,
        removed=roster.removed,
        errors=severities.count("error"),
        warnings=len(severities) - severities.count("error"),
        received_at=roster.imported_at,
        applied_at=roster.applied_at,
        undone_at=roster.undone_at,
    )


def findings_of(actor: Actor, import_id: UUID) -> list[Mapping[str, Any]]:
    """What was found in an own import, errors first. Raises NotFound."""
    issues: list[Mapping[str, Any]] = own_import(actor, import_id).issues
    return sorted(issues, key=lambda issue: issue["severity"] != "error")
