"""Deputies who certify in a teacher's place (代理認證): for one course, for a bounded time."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.errors import Invalid, NotFound
from licheng.school.people.errors import AlreadyHeld
from licheng.school.people.operations.grants import Term, check_term, colleague, overlapping, plain
from licheng.school.records.models import CourseDeputy, Offering
from licheng.school.records.permissions import DEPUTISE, END_DEPUTY, SEE_DEPUTY


@transaction.atomic
def deputise_course(*, actor: Actor, person_id: int, offering_id: int, term: Term) -> CourseDeputy:
    """Name somebody who certifies this course's outcomes beside its teacher.

    Raises NotFound for people and courses of other schools and for people who are not staff, NotAllowed or
    StepUpNeeded, NotToOneself, AlreadyHeld, or Invalid for days that cannot be.
    """
    person = colleague(actor, person_id)
    offering = Offering.objects.filter(pk=offering_id, school=actor.school_id).first()
    if offering is None:
        raise NotFound
    require(actor, DEPUTISE, offering)
    if offering.teachers.filter(pk=person.pk).exists():
        raise Invalid(field=_("代理人"), reason=_("這位就是這門課的任課教師。"))
    check_term(term, most_days=settings.DEPUTY_DAYS)
    same = CourseDeputy.objects.filter(offering=offering, deputy=person)
    if same.filter(overlapping(term)).exists():
        raise AlreadyHeld(person=person.name, role=_("代理認證人"))
    deputy = CourseDeputy.objects.create(
        school_id=offering.school_id,
        offering=offering,
        deputy=person,
        since=term.since,
        until=term.until,
        reason=plain(term.reason),
        granted_by_id=actor.person_id,
    )
    days = {"since": term.since.isoformat(), "until": term.until.isoformat()}
    record(actor=actor, action="deputy.named", subject=person, deputy=deputy.pk, offering=offering.pk, **days)
    return deputy


@transaction.atomic
def end_deputy(*, actor: Actor, deputy_id: int) -> CourseDeputy:
    """End a deputyship from this moment on; one that has ended stays as it is.

    Raises NotFound when it is out of sight, NotAllowed or StepUpNeeded.
    """
    found(CourseDeputy.objects.all(), actor, SEE_DEPUTY, deputy_id)
    rows = CourseDeputy.objects.select_for_update(of=("self",)).select_related("deputy")
    deputy = rows.get(pk=deputy_id)
    require(actor, END_DEPUTY, deputy)
    first = max(timezone.localdate(), deputy.since)
    if deputy.until < first:
        return deputy
    deputy.until = first - timedelta(days=1)
    deputy.ended_by_id = actor.person_id
    deputy.save(update_fields=["until", "ended_by"])
    record(actor=actor, action="deputy.ended", subject=deputy.deputy, deputy=deputy.pk)
    return deputy
