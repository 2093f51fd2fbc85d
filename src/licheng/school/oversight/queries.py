"""Acts of a school as people read them."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from licheng.foundations.audit import queries as audit
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.audit.queries import ActsPage, Wanted
from licheng.foundations.authz import Actor, found, require
from licheng.school.oversight.permissions import SEARCH, SEE_OWN
from licheng.school.people.actors import school_of
from licheng.school.people.models import Person


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
    """The people of one school who acted; one query."""
    people = Person.objects.in_bulk({row.person_id for row in rows if row.person_id})
    names = {
        key: _("%(name)s（%(account)s）") % {"name": person.name, "account": person.account}
        for key, person in people.items()
    }
    return {row.pk: names[row.person_id] for row in rows if row.person_id in names}


def person_with_account(actor: Actor, account: str) -> int | None:
    """The key of the person at the actor's school with this account."""
    people = Person.objects.filter(school_id=actor.school_id or 0, account=account)
    return people.values_list("pk", flat=True).first()


def account_with_key(actor: Actor, person_id: int | None) -> str:
    """The account of the person at the actor's school with this key; empty for nobody."""
    people = Person.objects.filter(school_id=actor.school_id or 0, pk=person_id or 0)
    return people.values_list("account", flat=True).first() or ""
