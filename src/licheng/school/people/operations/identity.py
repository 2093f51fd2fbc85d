"""ID numbers in clear: one person at a time, with a reason, written down twice."""

from django.db import transaction
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.errors import Invalid, NotFound
from licheng.foundations.limits.operations import Limit, consume
from licheng.school.people.models import LookedAt, Person
from licheng.school.people.operations.looks import note_look
from licheng.school.people.permissions import REVEAL_ID, SEE_PERSON

REVEALS = Limit(times=20, seconds=3600)  # own bound
REASON_CHARACTERS = 200


@transaction.atomic
def reveal_id_number(*, actor: Actor, person_id: int, reason: str) -> str:
    """A student's ID number in clear; the audit keeps the reason, and the student reads who asked.

    Raises NotFound (out of sight, or destroyed), NotAllowed, StepUpNeeded, Invalid without a reason, TooMany
    after twenty an hour, FieldUnreadable.
    """
    rows = Person.objects.filter(is_student=True).select_related("student")
    person = found(rows, actor, SEE_PERSON, person_id)
    require(actor, REVEAL_ID, person)
    reason = reason.strip()
    if not reason or len(reason) > REASON_CHARACTERS:
        raise Invalid(field=_("事由"), reason=_("請用 200 字以內寫明為什麼需要。"))
    consume(action="reveal-id", who=actor.label, limit=REVEALS)
    number = person.student.id_number
    if not number:
        raise NotFound
    note_look(actor=actor, student_id=person.pk, what=LookedAt.ID_NUMBER)
    record(actor=actor, action="id_number.revealed", subject=person, reason=reason)
    return number
