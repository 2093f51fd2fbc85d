"""Who looked at a student's data, as the student reads it."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from licheng_exchange import export_cell

from licheng.foundations.authz import Actor, found, require
from licheng.foundations.ui.templatetags.licheng_ui import roc_date
from licheng.school.people.models import Look, LookedAt, Person, Role
from licheng.school.people.permissions import SEE_LOOKS, SEE_PERSON

PER_PAGE = 50
MOST_EXPORTED = 20_000  # own bound: more than three years of one student
OTHER_CAPACITIES: dict[str, Promise] = {
    "machine": gettext_lazy("學校的系統"),
    "staff-session": gettext_lazy("系統管理員（管理工作階段）"),
    "homeroom-deputy": gettext_lazy("代理導師"),
    "staff": gettext_lazy("教職員"),
}
PAGES = {
    LookedAt.OUTCOME: "outcomes:detail",
    LookedAt.ACTIVITY: "activities:detail",
    LookedAt.RECEIPT: "receipts:detail",
    LookedAt.CONSULTATION: "counselling:detail",
}
PAGES_OF_FILES = {
    "outcome": "outcomes:detail",
    "activity": "activities:detail",
    "consultation": "counselling:detail",
}


@dataclass(frozen=True, slots=True)
class LookLine:
    """One thing somebody looked at on one day."""

    who: str
    capacity: str
    what: str
    url: str
    times: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class DayOfLooks:
    """Everything of one day, the latest first."""

    day: str
    lines: tuple[LookLine, ...]


@dataclass(frozen=True, slots=True)
class LooksPage:
    """One page of the list, and the kinds of data it can be narrowed to."""

    days: tuple[DayOfLooks, ...]
    page: Page[Look]
    what: str
    kinds: tuple[tuple[str, str, bool], ...]


def looks_page(actor: Actor, *, what: str, page: str) -> LooksPage:
    """The looks at the student who asks.

    Raises NotFound or NotAllowed for everybody else.
    """
    what = what if what in LookedAt.values else ""
    found_page = Paginator(_looks(actor, what), PER_PAGE).get_page(page)
    days = groupby(found_page.object_list, key=lambda look: look.on_day)
    return LooksPage(
        days=tuple(DayOfLooks(roc_date(day), tuple(map(_line, looks))) for day, looks in days),
        page=found_page,
        what=what,
        kinds=tuple((kind.value, str(kind.label), kind.value == what) for kind in LookedAt),
    )


def looks_as_csv(actor: Actor, *, what: str) -> str:
    """The same list as CSV that opens in a spreadsheet; no cell can act as a formula."""
    out = io.StringIO()
    out.write("\ufeff")
    rows = csv.writer(out)
    rows.writerow([_("日期"), _("查閱者"), _("身分"), _("查閱的資料"), _("次數"), _("第一次"), _("最後一次")])
    rows.writerows(_cells(_looks(actor, what if what in LookedAt.values else "")[:MOST_EXPORTED]))
    return out.getvalue()


def _looks(actor: Actor, what: str) -> QuerySet[Look]:
    student = found(Person.objects.all(), actor, SEE_PERSON, actor.person_id)
    require(actor, SEE_LOOKS, student)
    rows = Look.objects.filter(student=student).select_related("viewer")
    rows = rows.filter(what=what) if what else rows
    return rows.order_by("-on_day", "-last_at", "pk")


def _cells(looks: Iterable[Look]) -> Iterator[list[str]]:
    for look in looks:
        line = _line(look)
        said = (line.who, line.capacity, line.what, str(line.times), line.first, line.last)
        yield [export_cell(cell) for cell in (look.on_day.isoformat(), *said)]


def _line(look: Look) -> LookLine:
    return LookLine(
        who=look.viewer.name if look.viewer else _("介接程式"),
        capacity=capacity_in_words(look.capacity),
        what=str(LookedAt(look.what).label),
        url=_url(look),
        times=look.times,
        first=f"{localtime(look.first_at):%H:%M}",
        last=f"{localtime(look.last_at):%H:%M}",
    )


def capacity_in_words(capacity: str) -> str:
    """In which capacity somebody looked, as people say it."""
    if capacity in Role.values:
        return str(Role(capacity).label)
    return str(OTHER_CAPACITIES.get(capacity, capacity))


def _url(look: Look) -> str:
    """The page of what was looked at; empty where there is none."""
    page, item = PAGES.get(LookedAt(look.what)), look.item_id
    if look.what == LookedAt.FILE:
        kind, _slash, item = look.item_id.partition("/")
        page = PAGES_OF_FILES.get(kind)
    if not page or not item:
        return ""
    try:
        return reverse(page, args=[item])
    except NoReverseMatch:  # an id of another form, from before the page had this one
        return ""
