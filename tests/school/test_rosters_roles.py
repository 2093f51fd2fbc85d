"""Rosters change who may do what: what they must not give, and what is written down."""

import pytest
from django.utils import timezone

from licheng.foundations.accounts.models import EnrolmentCode
from licheng.foundations.audit.models import AuditEntry
from licheng.school.people.models import ClassGroup, Person, Role
from licheng.school.people.operations import issue_person_code
from licheng.school.records.models import Offering
from licheng.school.rosters.models import RosterKind
from licheng.school.rosters.operations import undo_roster
from licheng.school.rosters.states import ImportState
from tests import factories
from tests.school import roster_files as files

pytestmark = pytest.mark.django_db
REFUSED = ImportState.REFUSED


def put(person, kind, text):
    return files.import_whole(factories.fresh_actor(person), kind, text.encode(), "名冊.csv")


def test_a_registrar_gives_herself_no_office_by_a_roster():
    files.registrar()
    person = factories.PersonFactory(school=files.only_school(), account="r2", roles=[Role.REGISTRAR])

    refused = put(person, RosterKind.STAFF, "帳號,姓名,職務\nr2,王組員,註冊組、課程學習成果提交人員\n")
    put(person, RosterKind.STAFF, "帳號,姓名,職務\nr2,王組員,註冊組、任課教師\n")

    assert (refused.state, "不能用名冊給自己加職務" in refused.issues[0]["text_zh"]) == (REFUSED, True)
    assert factories.actor(person).roles == {Role.REGISTRAR, Role.TEACHER}


@pytest.mark.parametrize("duty", ["系統管理員", "任課教師"])
def test_a_registrar_brings_no_administrator_back_by_a_roster(duty):
    files.registrar()
    person = factories.PersonFactory(school=files.only_school(), account="r2", roles=[Role.REGISTRAR])
    left = timezone.localdate()
    old = factories.PersonFactory(
        school=person.school, account="a1", roles=[Role.ADMINISTRATOR], left_on=left
    )

    refused = put(person, RosterKind.STAFF, f"帳號,姓名,職務\na1,舊管理員,{duty}\n")

    old.refresh_from_db()
    assert (refused.state, "已離校的系統管理員" in refused.issues[0]["text_zh"]) == (REFUSED, True)
    assert old.left_on == left


def test_whoever_is_back_by_a_roster_is_in_the_audit():
    person = files.registrar()
    files.bring_in(person)
    Person.objects.filter(account__in=["t2", "1152001"]).update(left_on=timezone.localdate())

    put(person, RosterKind.STAFF, files.STAFF)
    put(person, RosterKind.STUDENTS, files.STUDENTS)

    back = AuditEntry.objects.filter(action="person.returned").values_list("subject_id", flat=True)
    known = Person.objects.filter(account__in=["t2", "1152001"], left_on=None).values_list("pk", flat=True)
    assert sorted(back) == sorted(str(pk) for pk in known)
    assert len(back) == 2


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (RosterKind.STAFF, "帳號,姓名,職務\ngabc,家長,任課教師\n"),
        (RosterKind.CLASSES, "學年度,年級,班級,導師帳號\n115,1,商一甲,gabc\n"),
        (
            RosterKind.ENROLMENTS,
            files.ENROLMENT_HEAD + "115,1,115070406V2640101010101,國語文,商一甲,1152001,gabc\n",
        ),
    ],
)
def test_a_guardian_becomes_no_colleague_by_a_roster(kind, text):
    person = files.registrar()
    files.bring_in(person)
    factories.PersonFactory(school=person.school, account="gabc", is_guardian=True)

    assert put(person, kind, text).state == ImportState.REFUSED
    assert not ClassGroup.objects.filter(homeroom_teacher__is_guardian=True).exists()
    assert not Offering.objects.filter(teachers__is_guardian=True).exists()


@pytest.fixture
def colleague():
    """Somebody who has not enrolled, an administrator and a registrar of her school."""
    registrar = files.registrar()
    administrator = factories.PersonFactory(school=registrar.school, account="a9", roles=[Role.ADMINISTRATOR])
    person = factories.PersonFactory(school=registrar.school, account="t7", name="王老師")
    person.user.set_unusable_password()
    person.user.save()
    return person, registrar, administrator


def handed_out(person, registrar):
    issue_person_code(actor=factories.actor(registrar), person_id=person.pk)


def still_good(person):
    return EnrolmentCode.objects.filter(user=person.user, used_at=None, withdrawn_at=None).exists()


@pytest.mark.parametrize(("duty", "is_good"), [("任課教師、系統管理員", False), ("任課教師", True)])
def test_a_registrar_holds_no_code_of_somebody_whom_a_roster_makes_an_administrator(colleague, duty, is_good):
    person, registrar, administrator = colleague
    handed_out(person, registrar)

    done = put(administrator, RosterKind.STAFF, f"帳號,姓名,職務\nt7,王老師,{duty}\n")

    assert (done.state, still_good(person)) == (ImportState.APPLIED, is_good)
    withdrawn = AuditEntry.objects.filter(action="account.code_withdrawn", person_id=administrator.pk)
    assert withdrawn.exists() == (not is_good)


def test_a_roster_that_is_only_looked_at_leaves_the_code(colleague):
    person, registrar, administrator = colleague
    handed_out(person, registrar)
    text = "帳號,姓名,職務\nt7,王老師,系統管理員\n".encode()

    files.preview(factories.fresh_actor(administrator), RosterKind.STAFF, text)

    assert still_good(person)


def test_nor_of_somebody_who_is_one_again_when_a_roster_is_undone(colleague):
    person, registrar, administrator = colleague
    put(administrator, RosterKind.STAFF, "帳號,姓名,職務\nt7,王老師,系統管理員\n")
    taken = put(administrator, RosterKind.STAFF, "帳號,姓名,職務\nt7,王老師,任課教師\n")
    handed_out(person, registrar)
    assert still_good(person)

    undo_roster(actor=factories.fresh_actor(administrator), import_id=taken.pk)

    assert factories.actor(person).roles >= {Role.ADMINISTRATOR}
    assert not still_good(person)
