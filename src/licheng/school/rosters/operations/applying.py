"""Which rows a kind of roster writes, through the operations of the apps that own them."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Final

import polars as pl
from django.utils.translation import gettext as _
from licheng_exchange import RosterReport

from licheng.foundations.authz import Actor
from licheng.foundations.bulk import Written
from licheng.foundations.errors import Invalid
from licheng.school.people.operations.incoming import Roster, put_contacts
from licheng.school.records.operations.applying import put_classes, put_courses, put_staff, put_students
from licheng.school.records.operations.enrolments import put_enrolments
from licheng.school.records.operations.marks import put_borrowed, put_cadres, put_marks, put_terms
from licheng.school.rosters.models import RosterImport, RosterKind, RosterMode
from licheng.school.rosters.queries.contexts import BY_ID_NUMBER

type Write = Callable[[Actor, Roster], Written]

WRITE: Final = MappingProxyType[RosterKind, Write](
    {
        RosterKind.COURSE_CODES: put_courses,
        RosterKind.STAFF: put_staff,
        RosterKind.CLASSES: put_classes,
        RosterKind.STUDENTS: put_students,
        RosterKind.GUARDIANS: lambda _actor, roster: put_contacts(roster),
        RosterKind.ENROLMENTS: put_enrolments,
        RosterKind.TERMS: lambda _actor, roster: put_terms(roster),
        RosterKind.BORROWED: lambda _actor, roster: put_borrowed(roster),
        RosterKind.CADRES: lambda _actor, roster: put_cadres(roster),
        **dict.fromkeys(
            (
                RosterKind.MARKS,
                RosterKind.MAKE_UP,
                RosterKind.TRANSFER,
                RosterKind.RETAKE,
                RosterKind.REPEAT,
                RosterKind.EVENING_MARKS,
                RosterKind.EVENING_EXAMS,
                RosterKind.EVENING_TRANSFER,
            ),
            lambda _actor, roster: put_marks(roster),
        ),
    }
)
IN_ORDER: Final = tuple(RosterKind)  # of import: a sheet finds what an earlier one brought


def write_rows(actor: Actor, roster_import: RosterImport, reports: Sequence[RosterReport]) -> Written:
    """Write every accepted row of an import's sheets, inside the caller's transaction.

    Raises NotAllowed, StepUpNeeded or Invalid where only the database knows why a row may not come in.
    """
    total = Written()
    for kind, rows in _by_kind(reports):
        if roster_import.kind == RosterKind.WORKBOOK and kind not in BY_ID_NUMBER:
            raise Invalid(field=kind.label, reason=_("整本匯入只收教育部格式的名冊，這張請另外匯入。"))
        roster = Roster(
            kind=kind.value,
            rows=rows,
            school=roster_import.school,
            school_year=roster_import.school_year,
            semester=roster_import.semester,
            is_whole=roster_import.mode == RosterMode.REPLACE,
        )
        total += WRITE[kind](actor, roster)
    return total


def _by_kind(reports: Sequence[RosterReport]) -> Iterator[tuple[RosterKind, pl.DataFrame]]:
    """The rows of each kind, of all its sheets together, in the order of import."""

    def place(report: RosterReport) -> int:
        return IN_ORDER.index(RosterKind(report.kind))

    for number, same in groupby(sorted(reports, key=place), key=place):
        frames = [report.frame for report in same if not report.frame.is_empty()]
        if frames:
            yield IN_ORDER[number], pl.concat(frames, how="diagonal_relaxed")
