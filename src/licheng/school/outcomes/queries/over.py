"""How many students a lowered cap of outcomes would find above it."""

from django.db.models import Count, QuerySet

from licheng.school.calendar.queries import Place
from licheng.school.outcomes.models import Outcome


def students_over_semester(place: Place, cap: int) -> int:
    """Students with more outcomes in this semester than the cap."""
    return _students(_made(place), cap, "student")


def students_over_course(place: Place, cap: int) -> int:
    """Students with more outcomes of one course in this semester than the cap."""
    return _students(_made(place), cap, "student", "enrolment")


def _made(place: Place) -> QuerySet[Outcome]:
    return Outcome.objects.filter(
        school__code=place.school, school_year=place.school_year, semester=place.semester
    )


def _students(rows: QuerySet[Outcome], cap: int, *groups: str) -> int:
    above = rows.order_by().values(*groups).annotate(made=Count("pk")).filter(made__gt=cap)
    return int(above.values("student").distinct().count())
