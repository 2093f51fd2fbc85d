"""Checked rows of courses, staff, classes and students into their tables."""

from django.db.models import Q

from licheng.foundations.authz import Actor
from licheng.foundations.bulk import Written
from licheng.school.people.models import Role
from licheng.school.people.operations import (
    ClassRow,
    StaffRow,
    StudentRow,
    import_classes,
    import_staff,
    import_students,
)
from licheng.school.people.operations.incoming import Roster, put_lines
from licheng.school.records.models import Course

# The words of the rosters, which stay Chinese whatever language the page is in.
ROLE_OF_DUTY = {
    "任課教師": Role.TEACHER,
    "導師": Role.HOMEROOM,
    "課程諮詢教師": Role.COUNSELLOR,
    "註冊組": Role.REGISTRAR,
    "課程學習成果提交人員": Role.OUTCOME_SUBMITTER,
    "多元表現提交人員": Role.ACTIVITY_SUBMITTER,
    "收訖管理員": Role.RECEIPT_OFFICER,
    "系統管理員": Role.ADMINISTRATOR,
}


def put_courses(_actor: Actor, roster: Roster) -> Written:
    """Take over course codes; a whole file takes away courses of its entry years that nothing hangs on.

    Those that stay although it leaves them out are named. Raises Invalid for a code that stands there twice.
    """
    rows = roster.rows.rename({"course_code": "code"})
    years = Q(pk__in=())
    for year in rows["code"].str.slice(0, 3).unique().to_list():
        years |= Q(code__startswith=year)
    there = Course.objects.filter(years, school=roster.school)
    written = put_lines(roster.with_rows(rows), Course, ("school_id", "code"), there)
    if not roster.is_whole:
        return written
    kept = there.exclude(code__in=rows["code"].to_list()).order_by("code")
    return written + Written(kept=tuple(map(str, kept)))


def put_staff(actor: Actor, roster: Roster) -> Written:
    """Take over staff and their roles; see `import_staff`."""
    rows = [
        StaffRow(
            account=row["account"],
            name=row["name"],
            roles=frozenset(ROLE_OF_DUTY[duty] for duty in row["duties"]),
            email=row.get("email"),
        )
        for row in roster.rows.iter_rows(named=True)
    ]
    return import_staff(actor=actor, school=roster.school, rows=rows, is_whole=roster.is_whole)


def put_classes(actor: Actor, roster: Roster) -> Written:
    """Take over classes and their homeroom teachers; see `import_classes`."""
    rows = [
        ClassRow(
            school_year=row["school_year"],
            grade=row["grade"],
            name=row["class_name"],
            homeroom_account=row.get("homeroom_account"),
        )
        for row in roster.rows.iter_rows(named=True)
    ]
    return import_classes(actor=actor, school=roster.school, rows=rows, is_whole=roster.is_whole)


def put_students(actor: Actor, roster: Roster) -> Written:
    """Take over the school's own list of students; see `import_students`."""
    rows = [
        StudentRow(
            account=row["student_no"],
            name=row["name"],
            national_id=row["national_id"],
            birth_date=row["birth_date"],
            gender=row["gender_code"],
            grade=row["grade"],
            class_name=row["class_name"],
            seat_no=row["seat_no"],
            email=row.get("email"),
            pass_mark=row.get("pass_mark"),
        )
        for row in roster.rows.iter_rows(named=True)
    ]
    return import_students(actor=actor, school=roster.school, rows=rows, is_whole=roster.is_whole)
