from datetime import datetime

from django.db import transaction
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.foundations.ui.templatetags.licheng_ui import roc_datetime
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import Place
from licheng.school.governance import permissions
from licheng.school.governance.errors import (
    AlreadyWithdrawn,
    LaterThanAllowed,
    NobodyNamed,
    NotForThem,
    NotLater,
    ReasonMissing,
)
from licheng.school.governance.models import Extension
from licheng.school.governance.operations.setting import locked_school
from licheng.school.governance.queries import bounds_of_window, openings_for
from licheng.school.governance.values import ends_of
from licheng.school.people.models import ClassGroup, Person, School

REASON_CHARACTERS = 200
FOR_STUDENTS = frozenset({WindowKind.UPLOAD, WindowKind.SELECT, WindowKind.CONFIRM})


@transaction.atomic
def extend_window(
    *,
    actor: Actor,
    kind: WindowKind,
    closes_at: datetime,
    reason: str,
    class_id: int | None = None,
    account: str = "",
) -> Extension:
    """Put the end of one of the school's windows off for a class of this year or for one person.

    Raises NotFound, NotAllowed, StepUpNeeded, ReasonMissing, NobodyNamed, NotForThem, LaterThanAllowed (than
    ministry's or authority's window) or NotLater (than now, or than what stands for them).
    """
    school = locked_school(actor, permissions.EXTEND)
    reason = " ".join(reason.split())
    if not reason or len(reason) > REASON_CHARACTERS:
        raise ReasonMissing
    group, person = _whom(school, class_id, account.strip())
    _require_theirs(kind, person)
    _require_possible(school.place, kind, closes_at, group, person)
    extension = Extension.objects.create(
        school=school,
        kind=kind,
        school_year=school.active_year,
        semester=school.active_semester,
        class_group=group,
        person=person,
        closes_at=closes_at,
        reason=reason,
        granted_by_id=actor.person_id,
    )
    until = closes_at.isoformat(timespec="minutes")
    whom = {"class_group": group.pk if group else None, "person": person.pk if person else None}
    record(actor=actor, action="extension.granted", subject=extension, kind=kind, until=until, **whom)
    return extension


@transaction.atomic
def withdraw_extension(*, actor: Actor, extension_id: int) -> Extension:
    """Take an extension back; from then on the window ends as it does for everybody.

    What was done meanwhile stays; an upload under way ends as at any closing window.
    Raises NotFound, NotAllowed, StepUpNeeded or AlreadyWithdrawn.
    """
    found(Extension.objects.all(), actor, permissions.SEE_EXTENSION, extension_id)
    extension = Extension.objects.select_for_update(of=("self",)).get(pk=extension_id)
    require(actor, permissions.WITHDRAW, extension)
    if extension.withdrawn_at is not None:
        raise AlreadyWithdrawn
    extension.withdrawn_at = timezone.now()
    extension.save(update_fields=["withdrawn_at"])
    record(actor=actor, action="extension.withdrawn", subject=extension)
    return extension


def _whom(school: School, class_id: int | None, account: str) -> tuple[ClassGroup | None, Person | None]:
    if bool(class_id) == bool(account):
        raise NobodyNamed
    if class_id:
        # nosemgrep: unscoped-lookup -- fenced by the actor's own school, for which a rule was asked
        group = ClassGroup.objects.filter(school=school, school_year=school.active_year, pk=class_id).first()
        if group is None:
            raise NobodyNamed
        return group, None
    person = Person.objects.filter(school=school, account=account, left_on=None, is_guardian=False).first()
    if person is None:
        raise NobodyNamed
    return None, person


def _require_theirs(kind: WindowKind, person: Person | None) -> None:
    is_students = person is None or person.is_student
    if kind == WindowKind.SUBMIT or (kind in FOR_STUDENTS and not is_students):
        raise NotForThem(window=kind.label)


def _require_possible(
    place: Place, kind: WindowKind, closes_at: datetime, group: ClassGroup | None, person: Person | None
) -> None:
    for above in bounds_of_window(place, kind):
        if isinstance(above.value, dict) and closes_at > (last := ends_of(above.value)[1]):
            raise LaterThanAllowed(wanted=roc_datetime(closes_at), level=above.who, bound=roc_datetime(last))
    stands = openings_for(place, person.pk if person else None)[kind].closes_at
    own = Extension.objects.filter(
        school__code=place.school, school_year=place.school_year, semester=place.semester, kind=kind,
        class_group=group, person=person, withdrawn_at=None,
    )  # fmt: skip
    ends = [end for end in (stands, *own.values_list("closes_at", flat=True)) if end is not None]
    if not ends or closes_at <= max(timezone.now(), *ends):
        raise NotLater(wanted=roc_datetime(closes_at), now=roc_datetime(max(ends, default=None)) or "—")
