"""Roster files for tests: the sample country's, and the smallest of each kind."""

from pathlib import Path

from licheng.foundations.authz import Actor
from licheng.school.people.models import ClassGroup, Person, Role, RoleGrant, School, Student
from licheng.school.records.models import Course, Enrolment, Offering
from licheng.school.rosters.models import RosterKind
from licheng.school.rosters.operations import apply_roster, check_roster_file, receive_roster, write_roster
from licheng.school.rosters.states import ImportState
from tests import factories

COUNTRY = Path(__file__).resolve().parents[2] / "samples" / "country"
CODE = "070406"
KINDS = [
    RosterKind.COURSE_CODES,
    RosterKind.STAFF,
    RosterKind.CLASSES,
    RosterKind.STUDENTS,
    RosterKind.ENROLMENTS,
]
THINGS = ["course", "person", "class", "person", "enrolment"]  # what a row of each kind is
STEMS = {
    RosterKind.COURSE_CODES: "course_codes",
    RosterKind.STAFF: "staff",
    RosterKind.CLASSES: "classes",
    RosterKind.STUDENTS: "students",
    RosterKind.ENROLMENTS: "enrolments",
}
KEPT = (Person, RoleGrant, ClassGroup, Student, Course, Offering, Offering.teachers.through, Enrolment)

COURSES = "115070406V2640101010101, 國語文, 340000\n115070406V2640101010102, 英語文, 220000\n"
STAFF = "帳號,姓名,職務,電子郵件\nt1,林老師,任課教師、導師,t1@example.invalid\nt2,吳主任,註冊組,\n"
CLASSES = "學年度,年級,班級,導師帳號\n115,1,商一甲,t1\n115,2,商二甲,\n"
STUDENT_HEAD = "身分證號,出生日期,學號,姓名,性別,年級,班級,座號,學校代碼\n"
STUDENTS = (
    STUDENT_HEAD + "N200020015,0991118,1152001,林宜,女,1,商一甲,01,070406\n"
    "M100020021,1000811,1152002,周廷,男,1,商一甲,02,070406\n"
)
ENROLMENT_HEAD = "學年度,學期,課程代碼,科目名稱,開課班級,學號,任課教師帳號\n"
ENROLMENTS = (
    ENROLMENT_HEAD + "115,1,115070406V2640101010101,國語文,商一甲,1152001,t1\n"
    "115,1,115070406V2640101010101,國語文,商一甲,1152002,t1\n"
)
SMALLEST = {
    RosterKind.COURSE_CODES: COURSES,
    RosterKind.STAFF: STAFF,
    RosterKind.CLASSES: CLASSES,
    RosterKind.STUDENTS: STUDENTS,
    RosterKind.ENROLMENTS: ENROLMENTS,
}


def registrar(code=CODE):
    """A registrar of a school with this code, which is made now."""
    school = factories.SchoolFactory(code=code)
    return factories.PersonFactory(
        school=school, account="office", name="註冊組長", roles=[Role.REGISTRAR, Role.ADMINISTRATOR]
    )


def clock(school_id):
    """The worker of a school."""
    return Actor.system("task:test", school_id)


def preview(actor, kind, data, name="roster.csv", **more):
    """Hand a file in and check it, as page and worker do; the import, ready or refused."""
    roster = receive_roster(actor=actor, kind=kind, data=data, file_name=name, **more)
    check_roster_file(actor=clock(actor.school_id), import_id=roster.pk)
    roster.refresh_from_db()
    return roster


def confirm(actor, roster):
    """Confirm a preview and write it, as page and worker do."""
    apply_roster(actor=actor, import_id=roster.pk)
    write_roster(actor=clock(actor.school_id), import_id=roster.pk)
    roster.refresh_from_db()
    return roster


def import_whole(actor, kind, data, name="roster.csv", **more):
    """Hand a file in, check it and, if nothing is wrong with it, write it."""
    roster = preview(actor, kind, data, name, **more)
    return confirm(actor, roster) if roster.state == ImportState.READY else roster


def bring_in(person, *kinds):
    """Import the smallest rosters of these kinds, or of all."""
    actor = factories.fresh_actor(person)
    return [import_whole(actor, kind, SMALLEST[kind].encode(), f"{kind}.csv") for kind in kinds or KINDS]


def sample(code, kind):
    """A sample country's roster: its bytes and file name."""
    path = next((COUNTRY / "schools" / code).glob(f"{STEMS[kind]}.*"))
    return path.read_bytes(), path.name


def counts():
    """How many rows there are of everything a roster could change."""
    return {model.__name__: model._default_manager.count() for model in KEPT}


def school_codes():
    """The codes of the sample country's schools."""
    return sorted(path.name for path in (COUNTRY / "schools").iterdir())


def only_school():
    """The one school of a test."""
    return School.objects.get(code=CODE)
