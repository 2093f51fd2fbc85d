"""What pages and neighbours read: the list, one record as people see it, and what it still lacks."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from licheng.foundations.askers import RuleReaders
from licheng.foundations.authz import Actor, allows, found, require, seen
from licheng.foundations.errors import NotFound
from licheng.foundations.files.models import StoredFile
from licheng.foundations.ui.templatetags.licheng_ui import bytes_text, roc_date
from licheng.school.activities import permissions, states
from licheng.school.activities.categories import CATEGORIES, CategoryFields
from licheng.school.activities.models import Activity
from licheng.school.activities.states import ActivityState as S
from licheng.school.activities.values import empty_fields, missing_of, shown_value
from licheng.school.calendar.queries import Place, limits
from licheng.school.filing import SeenFile, ShownFile, ShownUse, role_of, shown_file
from licheng.school.people.actors import school_of
from licheng.school.people.queries.readers import readers_of

PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """One category in the filter row, with how many records it holds; an empty key stands for all."""

    key: str
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One record in a list, every text ready."""

    id: UUID
    title: str
    category: str
    icon: str
    state: str
    tone: str
    evidence: str
    changed: str
    missing: str
    url: str


@dataclass(frozen=True, slots=True)
class ActivityList:
    """A page of the student's own records and the categories to filter by."""

    page: Page[Activity]
    rows: tuple[ActivityRow, ...]
    counts: tuple[CategoryCount, ...]
    category: str
    total: int


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """One record as its detail and form show it."""

    row: ActivityRow
    student_id: int
    student: str
    is_own: bool
    school_year: int
    semester: int
    hint: str
    facts: tuple[tuple[str, str], ...]
    note: str
    link: str
    files: dict[str, ShownFile]
    missing: tuple[str, ...]
    may_write: bool
    may_delete: bool
    created_at: datetime


def missing_from(activity: Activity) -> tuple[str, ...]:
    """What the record lacks before it can be selected; nothing means complete."""
    return missing_of(CATEGORIES[activity.category], activity.fields, has_evidence=_has_evidence(activity))


def is_complete(activity: Activity) -> bool:
    """Whether it lacks nothing; asked of hundreds, so without the words of what it lacks."""
    return _has_evidence(activity) and not empty_fields(CATEGORIES[activity.category], activity.fields)


def _has_evidence(activity: Activity) -> bool:
    return bool(activity.document_id or activity.media_id or activity.link)


def tone_of(state: str) -> str:
    """The chip's tone of a state."""
    return S.SELECTED.value if state == S.SEALED else state


def title_of(activity: Activity) -> str:
    """The record's name, or a stand-in while it has none."""
    return activity.title or _("（還沒有名稱）")


def own_activities(actor: Actor) -> QuerySet[Activity]:
    """The student's own records, newest first, without their files."""
    return seen(Activity.objects.filter(student=actor.person_id), actor, permissions.SEE)


def activities_listed(actor: Actor, category: str, page: str) -> ActivityList:
    """The student's own records of one category, or of all when the category is unknown."""
    category = category if category in CATEGORIES else ""
    own = own_activities(actor)
    found_counts = dict(own.order_by().values_list("category").annotate(count=Count("pk")))
    total = sum(found_counts.values())
    counts = (
        CategoryCount("", _("全部"), total, not category),
        *(
            CategoryCount(key, str(about.category.label), found_counts.get(key, 0), key == category)
            for key, about in CATEGORIES.items()
        ),
    )
    rows = own.filter(category=category) if category else own
    chosen = Paginator(rows, PER_PAGE).get_page(page)
    shown = tuple(row_of(activity) for activity in chosen.object_list)
    return ActivityList(chosen, shown, counts, category, total)


def use_of_year(actor: Actor) -> ShownUse:
    """How many records the student has made this school year, and what their files weigh."""
    place = school_of(actor).place
    mine = own_activities(actor).filter(school_year=place.school_year)
    size = Sum(Coalesce("document__size_bytes", 0) + Coalesce("media__size_bytes", 0), default=0)
    kept = mine.order_by().aggregate(made=Count("pk"), size=size)
    return ShownUse(kept["made"], limits(place).activities_per_year, bytes_text(kept["size"]))


def students_over_year(place: Place, cap: int) -> int:
    """Students with more records in this school year than the cap."""
    rows = Activity.objects.filter(school__code=place.school, school_year=place.school_year).order_by()
    return rows.values("student").annotate(made=Count("pk")).filter(made__gt=cap).count()


def row_of(activity: Activity) -> ActivityRow:
    """A record as lists show it."""
    about = CATEGORIES[activity.category]
    missing = missing_from(activity)
    return ActivityRow(
        id=activity.pk,
        title=title_of(activity),
        category=str(about.category.label),
        icon=about.icon,
        state=str(S(activity.state).label),
        tone=tone_of(activity.state),
        evidence=evidence_of(activity),
        changed=roc_date(activity.changed_at),
        missing=_("還缺：%(what)s") % {"what": _("、").join(missing)} if missing else "",
        url=reverse("activities:detail", args=[activity.pk]),
    )


def evidence_of(activity: Activity) -> str:
    """Which kinds of evidence are there."""
    kinds = (
        (activity.document_id, _("文件")),
        (activity.media_id, _("影音")),
        (activity.link, _("連結")),
    )
    return _("、").join(word for there, word in kinds if there) or _("沒有證明")


def activity_seen_by(actor: Actor, activity_id: UUID) -> Activity:
    """One record with its files.

    Raises NotFound when it is out of the actor's sight.
    """
    related = ("student", "document__entry", "media__entry")
    return found(Activity.objects.select_related(*related), actor, permissions.SEE, activity_id)


def activity_readers(actor: Actor, activity_id: UUID) -> tuple[RuleReaders, ...]:
    """Who may see and change a record now.

    Raises NotFound when it is not the actor's to see.
    """
    activity = activity_seen_by(actor, activity_id)
    rules = (permissions.SEE, permissions.WRITE)
    return readers_of(actor, activity, rules, students=[activity.student_id])


def activity_to_edit(actor: Actor, activity_id: UUID) -> Activity:
    """The actor's own record, for its form.

    Raises NotFound, NotAllowed (somebody else's) or WrongState (selected or on its way).
    """
    activity = activity_seen_by(actor, activity_id)
    require(actor, permissions.WRITE, activity)
    states.EDIT.apply(activity.state)
    return activity


def file_seen_by(actor: Actor, activity_id: UUID, role: str) -> SeenFile:
    """One file of a record.

    Raises NotFound when record or file is out of the actor's sight.
    """
    activity = activity_seen_by(actor, activity_id)
    stored: StoredFile | None = getattr(activity, role_of(role))
    if stored is None:
        raise NotFound
    is_own = allows(actor, permissions.WRITE, activity)
    return SeenFile(stored, is_own, activity.student_id, _item_of(activity))


def _item_of(activity: Activity) -> str:
    """How looks at a file name the record it belongs to."""
    return f"activity/{activity.pk}"


def file_shown(actor: Actor, activity_id: UUID, role: str) -> ShownFile:
    """The same file in words, for the pages about it alone.

    Raises NotFound when record or file is out of the actor's sight.
    """
    return shown_file(file_seen_by(actor, activity_id, role), partial(address_of, activity_id, role))


def names_of_same_bytes(actor: Actor, activity_id: UUID, stored: StoredFile) -> list[str]:
    """Names of the student's other records that already hold these very bytes."""
    same = Q(document__sha256=stored.sha256) | Q(media__sha256=stored.sha256)
    mine = seen(Activity.objects.filter(same), actor, permissions.WRITE).exclude(pk=activity_id)
    return list(dict.fromkeys(title_of(activity) for activity in mine.order_by("created_at")))


def address_of(activity_id: UUID, role: str, view: str, number: int | None = None) -> str:
    """The address of one of a file's views."""
    return reverse(f"activities:{view}", args=[activity_id, role, *([] if number is None else [number])])


def activity_shown(actor: Actor, activity_id: UUID) -> ActivityPage:
    """One record for its pages.

    Raises NotFound when it is out of the actor's sight.
    """
    activity = activity_seen_by(actor, activity_id)
    is_own = allows(actor, permissions.WRITE, activity)
    about = CATEGORIES[activity.category]
    return ActivityPage(
        row=row_of(activity),
        student_id=activity.student_id,
        student=activity.student.name,
        is_own=is_own,
        school_year=activity.school_year,
        semester=activity.semester,
        hint=str(about.hint),
        facts=_facts(about, activity),
        note=activity.note,
        link=activity.link,
        files=_files(activity, is_own=is_own),
        missing=missing_from(activity),
        may_write=is_own and states.EDIT.starts_from(activity.state),
        may_delete=is_own and states.DELETE.starts_from(activity.state),
        created_at=activity.created_at,
    )


def _facts(about: CategoryFields, activity: Activity) -> tuple[tuple[str, str], ...]:
    return tuple((str(f.label), shown_value(f, activity.fields.get(f.key, ""))) for f in about.fields)


def _files(activity: Activity, *, is_own: bool) -> dict[str, ShownFile]:
    kept: dict[str, StoredFile | None] = {"document": activity.document, "media": activity.media}
    return {
        role: shown_file(
            SeenFile(stored, is_own, activity.student_id, _item_of(activity)),
            partial(address_of, activity.pk, role),
        )
        for role, stored in kept.items()
        if stored is not None
    }


def activities_seen_of(actor: Actor, student_id: int) -> QuerySet[Activity]:
    """What the actor may see of one student's records, the newest first."""
    rows = seen(Activity.objects.filter(student=student_id), actor, permissions.SEE)
    return rows.order_by("-school_year", "-semester", "-pk")
