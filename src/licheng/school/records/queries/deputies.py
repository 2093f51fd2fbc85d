"""Deputies who certify, and one's own duties, as pages read them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.authz import Actor, seen
from licheng.foundations.errors import NotAllowed
from licheng.foundations.statements import Later, prepared
from licheng.school.people.actors import school_of
from licheng.school.people.models import ClassGroup, GrantSource, Role, RoleGrant
from licheng.school.people.queries.duties import (
    NEW_DAYS,
    PER_PAGE,
    Duty,
    colleagues_of,
    duties_held,
    is_new_to_holder,
    when_of,
)
from licheng.school.people.relations import valid_today
from licheng.school.records.models import CourseDeputy, Offering
from licheng.school.records.permissions import DEPUTISE, END_DEPUTY, SEE_DEPUTY

NAMING = frozenset({Role.TEACHER, Role.CURRICULUM})  # whose menus lead here, also before courses come in


@dataclass(frozen=True, slots=True)
class DeputiesBoard:
    """The page of deputies who certify: for which courses the actor may name one, and who was named."""

    page: Page[Duty]
    courses: list[tuple[int, str]]
    colleagues: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class OwnDuties:
    """What somebody is responsible for: by rosters, by hand, and in another's place."""

    duties: list[Duty]
    classes: list[str]
    courses: list[str]

    @property
    def has_new(self) -> bool:
        """Whether something was given in the last days."""
        return any(duty.is_new for duty in self.duties)


def deputies_board(actor: Actor, page: str = "1") -> DeputiesBoard:
    """Deputies in the courses for which the actor may name them.

    Teachers without a course find it empty; raises NotAllowed for everybody else who may name none.
    """
    school = school_of(actor)
    offerings = seen(
        Offering.objects.filter(school_year=school.active_year, semester=school.active_semester),
        actor,
        DEPUTISE,
    )
    courses = [(offering.pk, course_text(offering)) for offering in _by_name(offerings)]
    if not courses and not actor.roles & NAMING:
        raise NotAllowed(rule=DEPUTISE.says)
    rows = seen(_in_words(CourseDeputy.objects.all()), actor, END_DEPUTY).order_by("-until", "-pk")
    sheet = Paginator(rows, PER_PAGE).get_page(page)
    duties = [duty_of(deputy, may_end=True) for deputy in sheet.object_list]
    shown = Page(duties, sheet.number, sheet.paginator)  # type: ignore[misc]  # rows in words
    return DeputiesBoard(shown, courses, colleagues_of(actor))


def own_duties(actor: Actor) -> OwnDuties:
    """Everything the actor holds or will hold, and until when."""
    school = school_of(actor)
    since = timezone.localdate() - timedelta(days=NEW_DAYS)
    rows = _in_words(CourseDeputy.objects.filter(deputy=actor.person_id, until__gte=since))
    deputyships = [duty_of(deputy) for deputy in seen(rows, actor, SEE_DEPUTY).order_by("since", "pk")]
    classes = ClassGroup.objects.filter(homeroom_teacher=actor.person_id, school_year=school.active_year)
    term = {"school_year": school.active_year, "semester": school.active_semester}
    taught = Offering.objects.filter(**term, teachers=actor.person_id)
    shared = Offering.objects.filter(**term, co_teachers=actor.person_id)
    return OwnDuties(
        duties=[*duties_held(actor), *deputyships],
        classes=list(classes.order_by("grade", "name").values_list("name", flat=True)),
        courses=[
            *map(course_text, _by_name(taught)),
            *(_("%(course)s，協同") % {"course": course_text(offering)} for offering in _by_name(shared)),
        ],
    )


def new_duties(actor: Actor) -> int:
    """How many roles and deputyships were given to the actor in the last days and are not over."""
    since = timezone.now() - timedelta(days=NEW_DAYS)
    return len(_given(person=actor.person_id, since=since, today=timezone.localdate()))


@prepared
def _given(person: Later, since: Later, today: Later) -> QuerySet[RoleGrant, tuple[int]]:
    lasting = Q(until__gte=today) & Q(until__gte=F("since"), granted_at__gte=since)
    grants = RoleGrant.objects.filter(lasting, person=person, source=GrantSource.GRANTED)
    named = CourseDeputy.objects.filter(lasting, deputy=person)
    return grants.values_list("pk").union(named.values_list("pk"), all=True)


def duty_of(deputy: CourseDeputy, *, may_end: bool = False) -> Duty:
    """A deputyship in words."""
    when = when_of(deputy.since, deputy.until)
    person = {"name": deputy.deputy.name, "account": deputy.deputy.account}
    return Duty(
        pk=deputy.pk,
        person=_("%(name)s（%(account)s）") % person,
        role=_("代理認證人"),
        reach=course_text(deputy.offering),
        since=deputy.since,
        until=deputy.until,
        reason=deputy.reason,
        given_by=deputy.granted_by.name if deputy.granted_by else "",
        when=when,
        is_new=is_new_to_holder(timezone.localdate(deputy.granted_at), when),
        may_end=may_end and when != "ended",
    )


def course_text(offering: Offering) -> str:
    """A course and its section."""
    return _("%(course)s（%(section)s）") % {"course": offering.course.name, "section": offering.section}


def _by_name(rows: QuerySet[Offering]) -> QuerySet[Offering]:
    return rows.select_related("course").order_by("course__name", "section", "pk")


def _in_words(rows: QuerySet[CourseDeputy]) -> QuerySet[CourseDeputy]:
    return rows.select_related("deputy", "offering__course", "granted_by")


def certifiers_of(offering_id: int) -> list[tuple[int, str, str]]:
    """Who could certify in this course today, by key, name and as what; rules say whether she may."""
    deputies = CourseDeputy.objects.filter(valid_today(), offering=offering_id, deputy__left_on=None)
    rows = _of_course(offering_id, "teachers").union(
        deputies.values_list("deputy", "deputy__name", Value("deputy"))
    )
    words = {"teachers": _("任課教師"), "deputy": _("代理認證人")}
    return [(pk, name, words[word]) for pk, name, word in rows]


def teachers_of(offering_id: int) -> list[tuple[int, str, str]]:
    """Who teaches this course or shares in it now, in the same way."""
    rows = _of_course(offering_id, "teachers").union(_of_course(offering_id, "co_teachers"))
    words = {"teachers": _("任課教師"), "co_teachers": _("協同教師")}
    return [(pk, name, words[word]) for pk, name, word in rows]


def _of_course(offering_id: int, relation: str) -> QuerySet[Offering, Any]:
    """Teachers, or co-teachers, of a course who have not left, with the name of the relation."""
    here = {f"{relation}__isnull": False, f"{relation}__left_on": None}
    rows = Offering.objects.filter(pk=offering_id, **here)
    return rows.values_list(relation, f"{relation}__name", Value(relation))
