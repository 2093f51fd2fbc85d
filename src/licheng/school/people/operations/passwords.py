"""First passwords, on paper, from the office to the person."""

from django.db import transaction

from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations import issue_first_password
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.errors import NotFound
from licheng.school.people.models import Person
from licheng.school.people.permissions import ISSUE_PASSWORD, SEE_PERSON
from licheng.school.people.queries import class_for_passwords, students_of, without_own_password


@transaction.atomic
def issue_class_passwords(*, actor: Actor, class_id: int) -> list[tuple[Person, str]]:
    """New first passwords for every student of a class who has not chosen one of her own yet.

    Students with a password of their own keep it: a sheet printed twice locks nobody out.
    Raises NotFound for other schools' classes, NotAllowed for those who do not hand out passwords.
    """
    group = class_for_passwords(actor, class_id)
    waiting = list(students_of(group).filter(without_own_password()))
    issued = [(person, issue_first_password(actor=actor, user=user)) for person, user in _locked(waiting)]
    record(actor=actor, action="class.passwords_issued", subject=group, students=len(issued))
    return issued


@transaction.atomic
def issue_person_password(*, actor: Actor, person_id: int) -> tuple[Person, str]:
    """A new first password for one person; the one she has stops working.

    Raises NotFound when she is out of sight or has no account, NotAllowed for those who do not hand out
    passwords.
    """
    person = found(Person.objects.filter(left_on=None), actor, SEE_PERSON, person_id)
    require(actor, ISSUE_PASSWORD, person)
    for locked, user in _locked([person]):
        return locked, issue_first_password(actor=actor, user=user)
    raise NotFound


def _locked(people: list[Person]) -> list[tuple[Person, User]]:
    """Those who have an account, each with it, as it is now and as nobody else can change it meanwhile."""
    ids = [person.user_id for person in people if person.user_id is not None]
    users = User.objects.select_for_update().in_bulk(ids)
    return [(person, users[person.user_id]) for person in people if person.user_id is not None]
