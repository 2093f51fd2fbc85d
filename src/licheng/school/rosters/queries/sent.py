"""Imports as the machine that sent them reads them; nobody else's are there for it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from licheng.foundations.authz import Actor, found
from licheng.school.rosters.models import RosterImport
from licheng.school.rosters.permissions import SEE


def own_import(actor: Actor, import_id: UUID) -> RosterImport:
    """An import that this machine sent. Raises NotFound for all others."""
    return found(
        RosterImport.objects.defer("content_sealed").filter(sender=actor.label), actor, SEE, import_id
    )


def findings_of(actor: Actor, import_id: UUID) -> list[Mapping[str, Any]]:
    """What was found in an own import, errors first. Raises NotFound."""
    issues: list[Mapping[str, Any]] = own_import(actor, import_id).issues
    return sorted(issues, key=lambda issue: issue["severity"] != "error")
