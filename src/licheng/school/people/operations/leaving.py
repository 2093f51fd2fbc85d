"""Leaving the school, by graduation or otherwise; whoever has left gets in no more."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.accounts.operations.sessions import end_sessions
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.errors import Invalid, NotFound
from licheng.school.people.models import Person
from licheng.school.people.permissions import RECORD_LEAVING, SEE_PERSON
from licheng.school.people.queries import class_for_codes, students_of


@transaction.atomic
def record_leaving(*, actor: Actor, person_id: int, left_on: date) -> Person:
    """Write down since when somebody is no longer at the school; her sessions end now.

    Raises NotFound, NotAllowed, or Invalid for a day that is still to come: access would end before it.
    """
    person = _locked(actor, person_id)
    if left_on > timezone.localdate():
        raise Invalid(field=_("離校日"), reason=_("請填今天或之前的日期；記錄之後，帳號立刻不能登入。"))
    person.left_on = left_on
    person.save(update_fields=["left_on"])
    if person.user is not None:
        end_sessions(actor=actor, user=person.user)
    record(actor=actor, action="person.left", subject=person, left_on=left_on.isoformat())
    return person


@transaction.atomic
def record_class_leaving(*, actor: Actor, class_id: int, left_on: date) -> int:
    """The same for every student of a class who is still here, as at graduation; how many.

    Raises NotFound, NotAllowed or Invalid; then nobody of the class has left.
    """
    students = list(students_of(class_for_codes(actor, class_id)).values_list("pk", flat=True))
    for person_id in students:
        record_leaving(actor=actor, person_id=person_id, left_on=left_on)
    return len(students)


@transaction.atomic
def undo_leaving(*, actor: Actor, person_id: int) -> Person:
    """Somebody is at the school after all, or again.

    Raises NotFound, also for people whose data were removed since, or NotAllowed.
    """
    person = _locked(actor, person_id)
    if person.anonymised_at is not None or person.left_on is None:
        raise NotFound
    person.left_on = None
    person.save(update_fields=["left_on"])
    record(actor=actor, action="person.returned", subject=person)
    return person


def _locked(actor: Actor, person_id: int) -> Person:
    found(Person.objects.all(), actor, SEE_PERSON, person_id)
    person = Person.objects.select_for_update(of=("self",)).select_related("user").get(pk=person_id)
    require(actor, RECORD_LEAVING, person)
    return person
