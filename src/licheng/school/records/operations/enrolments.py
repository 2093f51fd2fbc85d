"""Who takes which course with whom: offerings, their teachers, and the students in them, in whole tables."""

from collections.abc import Iterable, Mapping

import polars as pl
from django.utils.translation import gettext as _
from licheng_exchange import parse_credits

from licheng.foundations.audit.operations import record_all
from licheng.foundations.authz import Actor
from licheng.foundations.bulk import Written, put_rows, remove_rows, rows_of, unheld
from licheng.school.people.models import Person, School, Student
from licheng.school.people.operations import confirm_own_duty
from licheng.school.people.operations.incoming import Roster, in_term, once_each, refuse, with_students
from licheng.school.records.models import Course, Enrolment, Offering

SEMESTERS_A_YEAR = 2  # the credit field has six characters: two for each grade
OFFERING_KEY = ("school_id", "course_id", "school_year", "semester", "section")
ENROLMENT_KEY = ("offering_id", "student_id")
TEACHERS = {"teacher_accounts": "teachers", "co_teacher_accounts": "co_teachers"}


def put_enrolments(actor: Actor, roster: Roster) -> Written:
    """Take over a semester's enrolments; offerings have exactly the teachers that their rows name together.

    A whole roster takes away enrolments and offerings of the semester that it does not name and nothing hangs
    on. Raises Invalid for rows of nobody here, of an unknown course, of another semester, or twice;
    StepUpNeeded when it gives the importing person a course.
    """
    rows = _with_offerings(with_students(in_term(roster)))
    once_each(rows, ENROLMENT_KEY)
    offerings = Offering.objects.in_bulk(rows["offering_id"].unique().to_list())
    for column, field in TEACHERS.items():
        if column in rows.columns:
            _put_teachers(actor, roster.school, offerings, _wanted(rows, column), field)
    enrolments = _with_worth(roster, rows).select(
        pl.lit(roster.school.pk).alias("school_id"), "offering_id", "student_id", "grade", "credits"
    )
    written = put_rows(Enrolment, enrolments, key=ENROLMENT_KEY)
    return written + Written(kept=_take_away(roster, rows)) if roster.is_whole else written


def _with_offerings(roster: Roster) -> pl.DataFrame:
    """The rows with `offering_id` and the course's credits; offerings that are not there yet are made."""
    courses = rows_of(
        Course.objects.filter(school=roster.school), "code", pk="course_id", credits="credit_text"
    )
    rows = roster.rows.join(
        courses, left_on="course_code", right_on="code", how="left", maintain_order="left"
    )
    unknown = rows["course_id"].is_null()
    refuse(rows, unknown, reason=_("課程代碼檔裡沒有這門課程，請先匯入課程代碼檔。"))
    rows = rows.with_columns(pl.lit(roster.school.pk).alias("school_id"), section=pl.col("course_class"))
    put_rows(Offering, rows.select(OFFERING_KEY).unique(), key=OFFERING_KEY)
    term = Offering.objects.filter(
        school=roster.school, school_year=roster.school_year, semester=roster.semester
    )
    known = rows_of(term, "course_id", "section", pk="offering_id")
    return rows.join(known, on=["course_id", "section"], how="left", maintain_order="left")


def _with_worth(roster: Roster, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with each student's own grade, and what the course gives in that semester of hers."""
    students = Student.objects.filter(school=roster.school)
    grades = rows_of(students, person_id="student_id", class_group__grade="grade")
    rows = rows.drop("grade", strict=False).join(grades, on="student_id", how="left", maintain_order="left")
    pairs = rows.select("credit_text", "grade").unique()
    worth = [credits_of(text, grade, roster.semester) for text, grade in pairs.iter_rows()]
    pairs = pairs.with_columns(pl.Series("credits", worth, dtype=pl.Int64))
    return rows.join(pairs, on=["credit_text", "grade"], how="left", maintain_order="left")


def _wanted(rows: pl.DataFrame, column: str) -> dict[int, set[str]]:
    """The accounts that an offering's rows name together."""
    named = rows.group_by("offering_id").agg(pl.col(column).explode().drop_nulls().unique())
    return {offering: set(accounts) for offering, accounts in named.iter_rows()}


def _take_away(roster: Roster, rows: pl.DataFrame) -> tuple[str, ...]:
    """Remove enrolments and offerings of the semester that are not named; those that stay, in words."""
    term = {"school_year": roster.school_year, "semester": roster.semester}
    there = Enrolment.objects.filter(
        school=roster.school, **{f"offering__{name}": value for name, value in term.items()}
    )
    standing = rows_of(unheld(there), "pk", *ENROLMENT_KEY)
    remove_rows(Enrolment, standing.join(rows, on=list(ENROLMENT_KEY), how="anti")["pk"].to_list())
    left = rows_of(there, "pk", *ENROLMENT_KEY).join(rows, on=list(ENROLMENT_KEY), how="anti")
    kept = there.filter(pk__in=left["pk"].to_list()).order_by("student__account", "offering__course__code")
    own = [Offering.teachers.through, Offering.co_teachers.through]
    empty = unheld(Offering.objects.filter(school=roster.school, **term), own=own)
    gone = list(empty.values_list("pk", flat=True))
    for through in own:
        links = through._default_manager.filter(offering__in=gone)  # noqa: SLF001 -- Django's documented name
        remove_rows(through, list(links.values_list("pk", flat=True)))
    remove_rows(Offering, gone)
    named = kept.values_list("student__account", "student__name", "offering__course__name")
    return tuple(" ".join(words) for words in named)


def credits_of(credits_text: str, grade: int, semester: int) -> int:
    """What a course gives in one semester of a student's own three years; 0 outside the six."""
    place = (grade - 1) * SEMESTERS_A_YEAR + semester - 1
    worth = parse_credits(credits_text)
    if semester > SEMESTERS_A_YEAR or place >= len(worth):
        return 0
    return worth[place].credits


def _put_teachers(
    actor: Actor,
    school: School,
    offerings: Mapping[int, Offering],
    wanted: Mapping[int, set[str]],
    field: str,
) -> None:
    """Give offerings exactly these teachers, or co-teachers, each change an act by itself.

    Raises StepUpNeeded when it gives the importing person a course.
    """
    staff = dict(Person.objects.filter(school=school, is_student=False).values_list("account", "pk"))
    through = getattr(Offering, field).through
    links = {(row.offering_id, row.person_id): row.pk for row in through.objects.filter(offering__in=wanted)}
    right = {(offering, staff[account]) for offering, accounts in wanted.items() for account in accounts}
    new, gone = right - links.keys(), links.keys() - right
    if any(person == actor.person_id for _offering, person in new):
        confirm_own_duty(actor=actor, school=school)
    through.objects.bulk_create(through(offering_id=offering, person_id=person) for offering, person in new)
    through.objects.filter(pk__in=[links[pair] for pair in gone]).delete()
    touched = {offering for offering, _person in new | gone}
    before, after = _people_of(links), _people_of(right)
    record_all(
        actor=actor,
        action="offering.teachers_changed",
        acts=(
            (offerings[pk], {"as": field, "before": before.get(pk, []), "after": after.get(pk, [])})
            for pk in sorted(touched)
        ),
    )


def _people_of(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """The teachers of each offering, by key."""
    people: dict[int, list[int]] = {}
    for offering, person in sorted(pairs):
        people.setdefault(offering, []).append(person)
    return people
