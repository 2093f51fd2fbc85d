"""Schools, first passwords and sign-in: operations and commands."""

import io
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from licheng.foundations.accounts.models import User
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid, NotAllowed, NotFound
from licheng.school.calendar.models import Level, Window, WindowKind
from licheng.school.people.models import Authority, Person, Role, RoleGrant, School
from licheng.school.people.operations import (
    add_authority,
    add_first_administrator,
    add_school,
    grant_role,
    issue_class_passwords,
    issue_person_password,
)
from licheng.school.people.queries import AccountState, account_state, school_named
from tests import factories

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("command:test")
NEW_SCHOOL = {"code": "12M301", "name": "測試高中", "kind": "H", "school_year": 115, "semester": 1}


@pytest.fixture
def office():
    return factories.PersonFactory(roles=[Role.REGISTRAR])


@pytest.fixture
def class_of_three(office):
    group = factories.ClassGroupFactory(school=office.school, name="仁班")
    students = [factories.StudentFactory(school=office.school, profile__class_group=group) for _n in range(3)]
    own = students[2].user
    own.set_password("her own long sentence")
    own.save()
    return group, students


def close(person):
    """An account as a roster opens it."""
    person.user.set_unusable_password()
    person.user.save()


def test_class_passwords_are_for_those_without_one_of_their_own(office, class_of_three):
    group, students = class_of_three
    close(students[0])
    User.objects.filter(pk=students[1].user_id).update(must_change_password=True)

    issued = issue_class_passwords(actor=factories.actor(office), class_id=group.pk)

    assert sorted(person.pk for person, _password in issued) == sorted(person.pk for person in students[:2])
    for person, password in issued:
        user = User.objects.get(pk=person.user_id)
        assert user.check_password(password)
        assert user.must_change_password
    assert User.objects.get(pk=students[2].user_id).check_password("her own long sentence")
    assert AuditEntry.objects.filter(action="account.password_issued", person_id=office.pk).count() == 2
    assert AuditEntry.objects.get(action="class.passwords_issued").data == {"students": 2}
    assert not any(
        password in str(AuditEntry.objects.values_list("data", flat=True)) for _p, password in issued
    )


def test_class_passwords_leave_out_those_who_left_and_other_classes(office, class_of_three):
    group, students = class_of_three
    elsewhere = factories.StudentFactory(school=office.school)
    for person in (*students, elsewhere):
        close(person)
    Person.objects.filter(pk=students[0].pk).update(left_on=timezone.localdate())

    issued = issue_class_passwords(actor=factories.actor(office), class_id=group.pk)

    assert sorted(person.pk for person, _password in issued) == sorted(person.pk for person in students[1:])


@pytest.mark.parametrize(
    "role",
    [
        Role.TEACHER,
        Role.HOMEROOM,
        Role.COUNSELLOR,
        Role.OUTCOME_SUBMITTER,
        Role.ACTIVITY_SUBMITTER,
        Role.RECEIPT_OFFICER,
    ],
)
def test_class_passwords_are_refused_to_other_roles(office, class_of_three, role):
    group, students = class_of_three
    close(students[0])
    other = factories.PersonFactory(school=office.school, roles=[role])

    with pytest.raises(NotAllowed):
        issue_class_passwords(actor=factories.actor(other), class_id=group.pk)

    assert not User.objects.get(pk=students[0].user_id).has_usable_password()


def test_another_schools_class_and_people_are_not_there(office, class_of_three):
    group, students = class_of_three
    stranger = factories.actor(factories.PersonFactory(roles=[Role.ADMINISTRATOR, Role.REGISTRAR]))

    for act in (
        lambda: issue_class_passwords(actor=stranger, class_id=group.pk),
        lambda: issue_person_password(actor=stranger, person_id=students[0].pk),
        lambda: grant_role(actor=stranger, person_id=office.pk, role=Role.TEACHER),
    ):
        with pytest.raises(NotFound):
            act()

    assert AuditEntry.objects.count() == 0


def test_person_password_replaces_the_one_she_has(office, class_of_three):
    _group, students = class_of_three

    person, password = issue_person_password(actor=factories.actor(office), person_id=students[2].pk)

    user = User.objects.get(pk=person.user_id)
    assert user.check_password(password)
    assert account_state(user) == AccountState.FIRST


def test_person_password_is_refused_to_herself_and_her_homeroom_teacher(office, class_of_three):
    group, students = class_of_three
    teacher = factories.PersonFactory(school=office.school, roles=[Role.HOMEROOM])
    group.homeroom_teacher = teacher
    group.save()

    for other in (students[2], teacher):
        with pytest.raises(NotAllowed):
            issue_person_password(actor=factories.actor(other), person_id=students[2].pk)
    with pytest.raises(NotFound):
        issue_person_password(actor=factories.actor(students[0]), person_id=students[2].pk)

    assert User.objects.get(pk=students[2].user_id).check_password("her own long sentence")


def test_grant_role_gives_back_an_ended_role(office):
    teacher = factories.PersonFactory(school=office.school, roles=[Role.TEACHER])
    RoleGrant.objects.update(since="2025-08-01", until="2026-01-31")
    RoleGrant.objects.filter(person=office).update(until=None)

    grant_role(actor=factories.actor(office), person_id=teacher.pk, role=Role.TEACHER)
    grant_role(actor=factories.actor(office), person_id=teacher.pk, role=Role.HOMEROOM)

    assert factories.actor(teacher).roles == {Role.TEACHER, Role.HOMEROOM}
    assert AuditEntry.objects.filter(action="role.granted").count() == 2


def test_grant_role_is_refused_to_others_and_for_students(office):
    teacher = factories.PersonFactory(school=office.school, roles=[Role.TEACHER])
    student = factories.StudentFactory(school=office.school)

    with pytest.raises(NotAllowed):
        grant_role(actor=factories.actor(teacher), person_id=teacher.pk, role=Role.ADMINISTRATOR)
    with pytest.raises(NotFound):
        grant_role(actor=factories.actor(office), person_id=student.pk, role=Role.ADMINISTRATOR)

    assert factories.actor(teacher).roles == {Role.TEACHER}


def test_add_school_command_starts_a_school():
    out = io.StringIO()
    arguments = {
        "code": "12M301",
        "name": "測試高中",
        "kind": "H",
        "authority_code": "k12ea",
        "authority_name": "國教署",
    }

    call_command("add_school", **arguments, year=115, semester=1, administrator="admin", stdout=out)

    code, _name, account, password = out.getvalue().split()
    person = Person.objects.get(school__code=code, account=account)
    assert factories.actor(person).roles == {Role.ADMINISTRATOR, Role.REGISTRAR}
    assert person.user.login == "12M301:admin"
    assert person.user.check_password(password)
    assert person.user.must_change_password
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "authority.added",
        "school.added",
        "school.first_account_added",
    }

    with pytest.raises(CommandError, match="已經在系統裡"):
        call_command("add_school", **arguments, year=115, semester=1, administrator="other", stdout=out)

    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"code": "12m301"}, {"code": "1234567"}, {"kind": "X"}, {"school_year": 2026}, {"semester": 9}]
)
def test_add_school_refuses_what_cannot_be(wrong):
    authority = add_authority(actor=SYSTEM, code="a", name="甲")

    with pytest.raises(Invalid):
        add_school(actor=SYSTEM, authority=authority, **{**NEW_SCHOOL, **wrong})

    assert School.objects.count() == 0


def test_first_account_must_be_free_and_well_formed(office):
    for account in (office.account, "有 空白", "x" * 21):
        with pytest.raises(Invalid):
            add_first_administrator(actor=SYSTEM, school=office.school, account=account)

    assert Person.objects.count() == 1


def test_people_cannot_set_up_schools(office):
    actor = factories.actor(office)

    with pytest.raises(NotAllowed):
        add_authority(actor=actor, code="x", name="x")
    with pytest.raises(NotAllowed):
        add_school(actor=actor, authority=office.school.authority, **NEW_SCHOOL)
    with pytest.raises(NotAllowed):
        add_first_administrator(actor=actor, school=office.school, account="mine")

    assert (Authority.objects.count(), School.objects.count(), Person.objects.count()) == (1, 1, 1)


def test_a_school_is_found_by_code_name_or_both():
    school = factories.SchoolFactory(code="12M301", name="測試高中")

    assert [school_named(text) for text in ("12M301", "12m301 ", "測試高中", "12M301 測試高中")] == [
        school
    ] * 4
    assert [school_named(text) for text in ("", "測試", "999999")] == [None] * 3


def test_set_windows_command_sets_every_kind_and_replaces():
    out = io.StringIO()
    semester = {"school_year": 115, "semester": 1}

    call_command(
        "set_windows", "--opens=2026-09-01T08:00", "--closes=2026-12-31T17:00", **semester, stdout=out
    )
    call_command(
        "set_windows", "--opens=2026-10-01", "--closes=2026-12-31", "--kind=upload", **semester, stdout=out
    )

    assert Window.objects.filter(level=Level.MINISTRY, code="", **semester).count() == len(WindowKind)
    upload = Window.objects.get(kind=WindowKind.UPLOAD)
    assert upload.opens_at == timezone.make_aware(datetime(2026, 10, 1))
    assert Window.objects.get(kind=WindowKind.CERTIFY).opens_at == timezone.make_aware(
        datetime(2026, 9, 1, 8)
    )
    assert AuditEntry.objects.filter(action="window.set").count() == len(WindowKind) + 1


def test_set_windows_command_refuses_an_end_before_its_start():
    with pytest.raises(CommandError):
        call_command("set_windows", "--opens=2026-12-01", "--closes=2026-09-01", school_year=115, semester=1)

    assert Window.objects.count() == 0
