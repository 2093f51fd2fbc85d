from django.db import transaction

from licheng.foundations.accounts.operations import end_sessions
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.errors import NotFound
from licheng.school.people.models import Person
from licheng.school.people.permissions import SEE_PERSON, SIGN_OUT


@transaction.atomic
def sign_person_out(*, actor: Actor, person_id: int) -> int:
    """End every session of somebody and forget her devices, as when a phone is stolen; how many there were.

    It takes nothing from her that her password does not give back, so it waits for no fresh proof. Raises
    NotFound, also for people without an account, or NotAllowed. Source: OWASP ASVS 5.0 §7.4.5.
    """
    person = found(Person.objects.select_related("user"), actor, SEE_PERSON, person_id)
    require(actor, SIGN_OUT, person)
    if person.user is None:
        raise NotFound
    ended = end_sessions(actor=actor, user=person.user)
    record(actor=actor, action="person.signed_out", subject=person, ended=ended)
    return ended
