"""Whose hand undoing an import takes."""

from django.db.models import Q

from licheng.school.people.models import Role, RoleGrant
from licheng.school.people.relations import valid_today
from licheng.school.rosters.models import RosterImport, RosterKind


def wants_administrator(roster: RosterImport, person_id: int | None) -> bool:
    """Whether only an administrator may undo it: staff whom somebody else confirmed, or administrators."""
    if roster.kind != RosterKind.STAFF:
        return False
    return roster.applied_by_id != person_id or _moves_administrators(roster)


def _moves_administrators(roster: RosterImport) -> bool:
    """Whether undoing gives or takes the role of administrators, or has one leave or come back."""
    held = RoleGrant.objects.filter(school=roster.school_id, role=Role.ADMINISTRATOR)
    roles = Q(before__role=Role.ADMINISTRATOR) | Q(row_key__in=held.values("pk"))
    people = held.filter(valid_today()).values("person")
    moved = Q(table_name="people_rolegrant") & roles
    left = Q(table_name="people_person", before__has_key="left_on", row_key__in=people)
    return roster.changes.filter(moved | left).exists()
