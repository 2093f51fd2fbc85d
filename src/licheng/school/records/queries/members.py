"""Who was in a class in which semester, and where a student sat then, as today's list says neither.

A rule lets the reader in before; class and seat are what whoever reads a semester's marks knows anyway.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.db.models import BooleanField, CharField, ExpressionWrapper, IntegerField, Q, QuerySet, Value
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.statements import Later, prepared
from licheng.school.people.models import ClassGroup, Person, School, Student
from licheng.school.records.models import Enrolment, StudentTerm
from licheng.school.records.queries.transcript import Term

type Source = Literal["roster", "enrolments", "now"]

SAYS: Final[Mapping[Source, Promise]] = {
    "roster": gettext_lazy("以這學期學生資料名冊上的班級列出。"),
    "enrolments": gettext_lazy("這學期沒有學生資料名冊，以這一班的修課名冊列出。"),
    "now": gettext_lazy("以現在的班級名單列出。"),
}
NOW: Final = 0  # stands for today among semesters, which begin at 1


@dataclass(frozen=True, slots=True)
class Place:
    """A student's class and seat in one semester; not `is_known` where today's class must stand for it."""

    grade: int
    class_name: str
    seat_no: int | None
    is_known: bool = True

    @property
    def class_text(self) -> str:
        """The class, said to be today's where no roster tells that of the semester."""
        return self.class_name if self.is_known else _("%(name)s（現在）") % {"name": self.class_name}

    @property
    def seat_text(self) -> str:
        """The seat; a dash where no roster tells it."""
        return "—" if self.seat_no is None else str(self.seat_no)

    @property
    def order(self) -> tuple[int, str, int]:
        """By class and seat."""
        return self.grade, self.class_name, self.seat_no or 0


@dataclass(frozen=True, slots=True)
class ClassLists:
    """The lists of one class, by semester of its school year and by what tells them; and today's."""

    group: ClassGroup
    lists: Mapping[tuple[int, Source], frozenset[int]]

    @property
    def everybody(self) -> frozenset[int]:
        """Everybody on any of the lists, by key."""
        return frozenset().union(*self.lists.values())

    def source_of(self, term: Term) -> Source:
        """By which list the class of that semester is told; today's for today, and for other school years."""
        if term == current_term(self.group.school) or term[0] != self.group.school_year:
            return "now"
        known: tuple[Source, ...] = ("roster", "enrolments")
        return next((source for source in known if (term[1], source) in self.lists), "now")

    def students_in(self, term: Term) -> frozenset[int]:
        """The students of that semester, by key."""
        source = self.source_of(term)
        return self.lists.get((NOW if source == "now" else term[1], source), frozenset())


def current_term(school: School) -> Term:
    """The school's current semester."""
    return school.active_year, school.active_semester


def class_lists(group: ClassGroup) -> ClassLists:
    """The lists of a class, in one query. A class that is over keeps those who were in it when they left."""
    rows = _listed(
        school=group.school_id, year=group.school_year, grade=group.grade, name=group.name, group=group.pk
    )
    is_over = group.school_year != group.school.active_year
    lists: defaultdict[tuple[int, Source], set[int]] = defaultdict(set)
    for semester, source, student, is_here in rows:
        if is_over or is_here:
            lists[semester, source].add(student)
    return ClassLists(group, {key: frozenset(students) for key, students in lists.items()})


@prepared
def _listed(
    school: Later, year: Later, grade: Later, name: Later, group: Later
) -> QuerySet[StudentTerm, Any]:
    """Everybody on a list: of which semester, by which list, and whether she counts today."""
    terms = StudentTerm.objects.filter(school=school, school_year=year, grade=grade, class_name=name)
    enrolments = Enrolment.objects.filter(
        school=school, offering__school_year=year, offering__section=name, grade=grade
    )
    now = Student.objects.filter(class_group=group)
    always, still = Value(True, BooleanField()), ExpressionWrapper(Q(person__left_on=None), BooleanField())
    return terms.values_list("semester", _source("roster"), "student", always).union(
        enrolments.values_list("offering__semester", _source("enrolments"), "student", always),
        now.values_list(Value(NOW, IntegerField()), _source("now"), "person", still),
    )


def places_of(
    students: Iterable[Person], term: Term, school: School, group: ClassGroup | None = None
) -> dict[int, Place]:
    """Where these students sat in that semester; they come with their class of today loaded.

    `group` is their class of that semester where the caller knows it better than today's.
    """
    people = list(students)
    if term == current_term(school):
        return {one.pk: Place(*_class_of(one), one.student.seat_no) for one in people}
    rows = StudentTerm.objects.filter(
        school=school, school_year=term[0], semester=term[1], student__in=[one.pk for one in people]
    )
    told = {
        pk: Place(grade, name, seat)
        for pk, grade, name, seat in rows.values_list("student", "grade", "class_name", "seat_no")
    }
    if group is not None:
        return {one.pk: told.get(one.pk) or Place(group.grade, group.name, None) for one in people}
    return {one.pk: told.get(one.pk) or Place(*_class_of(one), None, is_known=False) for one in people}


def _class_of(person: Person) -> tuple[int, str]:
    return person.student.class_group.grade, person.student.class_group.name


def _source(name: Source) -> Value:
    return Value(name, CharField())
