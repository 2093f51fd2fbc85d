"""Schools and their first accounts: operations and commands."""

import io
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from licheng.foundations.accounts.models import CodePurpose, EnrolmentCode
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid, NotAllowed
from licheng.school.calendar.models import Level, Window, WindowKind
from licheng.school.people.models import Authority, Person, Role, School
from licheng.school.people.operations import (
    add_authority,
    add_first_administrator,
    add_school,
)
from licheng.school.people.queries import school_named
from tests import factories

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("command:test")
NEW_SCHOOL = {"code": "12M301", "name": "測試高中", "kind": "H", "school_year": 115, "semester": 1}


@pytest.fixture
def office():
    return factories.PersonFactory(roles=[Role.REGISTRAR])


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

    code, _name, account, secret = out.getvalue().split()
    person = Person.objects.get(school__code=code, account=account)
    assert factories.actor(person).roles == {Role.ADMINISTRATOR, Role.REGISTRAR}
    assert person.user.login == "12M301:admin"
    assert not person.user.has_usable_password()
    assert EnrolmentCode.objects.get(user=person.user).purpose == CodePurpose.ENROL
    assert len(secret) == 19
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
