"""Leaving the school, by graduation or otherwise; whoever has left gets in no more."""

from collections.abc import Collection
from datetime import date

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations.sessions import end_sessions
from licheng.foundations.audit.operations import record, record_all
from licheng.foundations.authz import Actor, Rule, allows, found, require
from licheng.foundations.errors import Invalid, NotFound
from licheng.school.people.models import Person, School
from licheng.school.people.permissions import IMPORT_ABOVE, RECORD_LEAVING, SEE_PERSON, UNDO_LEAVING
from licheng.school.people.queries.accounts import class_for_codes, students_of


@transaction.atomic
def record_leaving(*, actor: Actor, person_id: int, left_on: date) -> Person:
    """Write down since when somebody is no longer at the school; her sessions end now.

    Raises NotFound, NotAllowed, or Invalid for a day that is still to come: access would end before it.
    """
    person = _locked(actor, person_id, RECORD_LEAVING)
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
def record_leaving_of_others(
    *, actor: Actor, school: School, accounts: Collection[str], are_students: bool
) -> int:
    """Write down that everybody whom a whole roster does not name has left today; how many.

    Who imports is not among them. Raises Invalid when staff would leave and `IMPORT_ABOVE` does not reach
    the school.
    """
    others = Person.objects.filter(
        school=school, is_student=are_students, is_guardian=False, left_on=None
    ).exclude(account__in=accounts)
    gone = list(
        others.exclude(pk__in=[actor.person_id or 0]).select_for_update(of=("self",)).order_by("account")
    )
    if gone and not are_students and not allows(actor, IMPORT_ABOVE, school):
        named = _("、").join(person.name for person in gone[:5])
        reason = _("名冊裡沒有的人會離校（%(names)s，共 %(count)d 位），只有系統管理員可以這樣匯入。")
        raise Invalid(field=_("完整名冊"), reason=reason % {"names": named, "count": len(gone)})
    today = timezone.localdate()
    Person.objects.filter(pk__in=[person.pk for person in gone]).update(left_on=today)
    with_sessions = User.objects.filter(person__in=gone, pk__in=UserSession.objects.values("user_id"))
    for user in with_sessions:
        end_sessions(actor=actor, user=user)
    acts = [(person, {"left_on": today.isoformat()}) for person in gone]
    return record_all(actor=actor, action="person.left", acts=acts)


@transaction.atomic
def undo_leaving(*, actor: Actor, person_id: int) -> Person:
    """Somebody is at the school after all, or again.

    Raises NotFound, also for people whose data were removed since, NotAllowed or StepUpNeeded.
    """
    person = _locked(actor, person_id, UNDO_LEAVING)
    if person.anonymised_at is not None or person.left_on is None:
        raise NotFound
    person.left_on = None
    person.save(update_fields=["left_on"])
    record(actor=actor, action="person.returned", subject=person)
    return person


def _locked(actor: Actor, person_id: int, rule: Rule) -> Person:
    found(Person.objects.all(), actor, SEE_PERSON, person_id)
    person = Person.objects.select_for_update(of=("self",)).select_related("user").get(pk=person_id)
    require(actor, rule, person)
    return person
