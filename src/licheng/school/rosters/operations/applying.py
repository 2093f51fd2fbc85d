"""Which rows a kind of roster writes, through the operations of the apps that own them."""

from collections.abc import Callable, Sequence

from licheng.foundations.authz import Actor
from licheng.school.people.models import School
from licheng.school.people.operations import Counts
from licheng.school.records.operations.applying import (
    Record,
    put_classes,
    put_courses,
    put_enrolments,
    put_staff,
    put_students,
)
from licheng.school.rosters.models import RosterKind

APPLY: dict[RosterKind, Callable[[Actor, School, Sequence[Record]], Counts]] = {
    RosterKind.COURSE_CODES: put_courses,
    RosterKind.STAFF: put_staff,
    RosterKind.CLASSES: put_classes,
    RosterKind.STUDENTS: put_students,
    RosterKind.ENROLMENTS: put_enrolments,
}
