"""A guardian's pages: the students, and what may be seen of one of them, read-only."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from licheng.foundations.authz import Actor
from licheng.foundations.ui.templatetags.licheng_ui import roc_date
from licheng.school.activities.queries import activities_seen_of, title_of, tone_of
from licheng.school.activities.states import ActivityState
from licheng.school.outcomes.queries import outcomes_seen_of, state_shown
from licheng.school.people.models import LookedAt
from licheng.school.people.queries.guardians import WardLine, ward_of
from licheng.school.receipts.queries import receipts_seen_of
from licheng.school.selection.queries import selection_seen_of


@dataclass(frozen=True, slots=True)
class WardItem:
    """One thing of the student's, with its state and its page."""

    title: str
    about: str
    state: str
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class WardPage:
    """What a guardian sees of one student."""

    ward: WardLine
    outcomes: tuple[WardItem, ...]
    activities: tuple[WardItem, ...]
    selections: tuple[str, ...]
    receipts: tuple[WardItem, ...]

    @property
    def kinds_shown(self) -> list[LookedAt]:
        """The kinds of data on the page: the student reads that they were looked at."""
        shown = (
            (LookedAt.PERSON, True),
            (LookedAt.OUTCOME, bool(self.outcomes)),
            (LookedAt.ACTIVITY, bool(self.activities)),
            (LookedAt.SELECTION, bool(self.selections)),
            (LookedAt.RECEIPT, bool(self.receipts)),
        )
        return [kind for kind, is_shown in shown if is_shown]


def ward_page(actor: Actor, student_id: int) -> WardPage:
    """One student, for her guardian; five queries.

    Raises NotFound for everybody else.
    """
    ward = ward_of(actor, student_id)
    return WardPage(
        ward=ward,
        outcomes=_outcomes(actor, student_id),
        activities=_activities(actor, student_id),
        selections=_selections(actor, student_id),
        receipts=_receipts(actor, student_id),
    )


def _outcomes(actor: Actor, student_id: int) -> tuple[WardItem, ...]:
    rows = ((row, state_shown(row.state)) for row in outcomes_seen_of(actor, student_id))
    return tuple(
        WardItem(
            title=row.enrolment.offering.course.name,
            about=_term(row.school_year, row.semester),
            state=state.label,
            tone=state.tone,
            url=reverse("outcomes:detail", args=[row.pk]),
        )
        for row, state in rows
    )


def _activities(actor: Actor, student_id: int) -> tuple[WardItem, ...]:
    return tuple(
        WardItem(
            title=title_of(row),
            about=f"{row.get_category_display()}　{_term(row.school_year, row.semester)}",
            state=str(ActivityState(row.state).label),
            tone=tone_of(row.state),
            url=reverse("activities:detail", args=[row.pk]),
        )
        for row in activities_seen_of(actor, student_id)
    )


def _selections(actor: Actor, student_id: int) -> tuple[str, ...]:
    says = _("%(year)d 學年度：已勾選課程學習成果 %(outcomes)d 件、多元表現 %(activities)d 件")
    return tuple(
        says % {"year": row.school_year, "outcomes": row.outcomes, "activities": row.activities}
        for row in selection_seen_of(actor, student_id)
    )


def _receipts(actor: Actor, student_id: int) -> tuple[WardItem, ...]:
    return tuple(
        WardItem(
            title=_("%(year)d 學年度收訖明細") % {"year": row.batch.school_year},
            about=roc_date(row.fetched_at),
            state=_("中央已收訖"),
            tone="received",
            url=reverse("receipts:detail", args=[row.pk]),
        )
        for row in receipts_seen_of(actor, student_id)
    )


def _term(school_year: int, semester: int) -> str:
    return _("%(year)d 學年度第 %(semester)d 學期") % {"year": school_year, "semester": semester}
