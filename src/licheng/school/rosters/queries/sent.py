"""Imports that machines sent: as they read them themselves, and by which name people read of them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from licheng.foundations.authz import Actor, found
from licheng.foundations.machines.queries import machine_names
from licheng.school.people.models import School
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


def senders_in_words(school: School, senders: Iterable[str]) -> dict[str, str]:
    """Who sent files without being a person: a machine by the name of its token. At most one query."""
    labels = set(senders) - {""}
    names = machine_names(school.code, labels) if labels else {}
    return {
        label: _("程式：%(name)s") % {"name": names[label]}
        if label in names
        else _("系統（%(label)s）") % {"label": label}
        for label in labels
    }
