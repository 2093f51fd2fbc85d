"""Acts of a school as people read them."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from licheng.foundations.audit import queries as audit
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.audit.queries import ActsPage, Wanted
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.machines.queries import MACHINE, machine_names
from licheng.school.oversight.permissions import SEARCH, SEE_OWN
from licheng.school.people.actors import school_of
from licheng.school.people.models import Person, School


def acts_page(actor: Actor, wanted: Wanted, before: str) -> ActsPage:
    """Acts of the actor's school.

    Raises NotFound for actors of no school, NotAllowed for whoever may not search.
    """
    school = school_of(actor)
    require(actor, SEARCH, school)
    return audit.acts_page(school.pk, wanted, before, names_of)


def own_acts_page(actor: Actor, before: str) -> ActsPage:
    """What the actor did; the address of its pages needs to say no more than where they begin."""
    person = found(Person.objects.all(), actor, SEE_OWN, actor.person_id)
    return audit.acts_page(person.school_id, Wanted(person_id=person.pk), before, names_of)


def names_of(rows: Sequence[AuditEntry]) -> dict[int, str]:
    """The people and the machines of one school that acted; a query each, and one for the school's code."""
    people = Person.objects.in_bulk({row.person_id for row in rows if row.person_id})
    names = {
        key: _("%(name)s（%(account)s）") % {"name": person.name, "account": person.account}
        for key, person in people.items()
    }
    machines = _machines(rows)
    acted = {row.pk: names.get(row.person_id) or machines.get(row.actor_label) for row in rows}
    return {key: name for key, name in acted.items() if name}


def _machines(rows: Sequence[AuditEntry]) -> dict[str, str]:
    """What the school calls the machines that acted, by label."""
    labels = {row.actor_label for row in rows if row.actor_label.startswith(MACHINE)}
    school = School.objects.filter(pk__in={row.school_id for row in rows}).first() if labels else None
    if school is None:
        return {}
    return {
        label: _("介接程式「%(name)s」") % {"name": name}
        for label, name in machine_names(school.code, labels).items()
    }


def person_with_account(actor: Actor, account: str) -> int | None:
    """The key of the person at the actor's school with this account."""
    people = Person.objects.filter(school_id=actor.school_id or 0, account=account)
    return people.values_list("pk", flat=True).first()


def account_with_key(actor: Actor, person_id: int | None) -> str:
    """The account of the person at the actor's school with this key; empty for nobody."""
    people = Person.objects.filter(school_id=actor.school_id or 0, pk=person_id or 0)
    return people.values_list("account", flat=True).first() or ""
