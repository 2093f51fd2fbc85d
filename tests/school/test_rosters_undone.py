"""Taking an import back: what only speaks of its rows goes with them, what is built on them does not, and for how long."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.accounts.models import EnrolmentCode, User
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.school.people.models import GuardianCode, GuardianLink, Look, LookedAt, Person, Role, Student
from licheng.school.rosters.errors import CannotUndo
from licheng.school.rosters.models import RosterKind
from licheng.school.rosters.operations import undo_roster
from licheng.school.rosters.operations.retention import clear_import, clear_notes, imports_due, notes_due
from licheng.school.rosters.queries.pages import import_page, undo_page
from licheng.school.rosters.states import ImportState as S
from tests import factories
from tests.school import roster_files as files

pytestmark = pytest.mark.django_db
ALL_BUT_ENROLMENTS = files.KINDS[:-1]


@pytest.fixture
def office():
    return files.registrar()


@pytest.fixture
def students(office):
    """The import of two students, and one of them."""
    *_others, roster = files.bring_in(office, *ALL_BUT_ENROLMENTS)
    return roster, Person.objects.get(account="1152001")


def by(person):
    return factories.fresh_actor(person)


def looked_at(student, viewer):
    return Look.objects.create(
        school=student.school,
        student=student,
        viewer=viewer,
        capacity=Role.REGISTRAR,
        what=LookedAt.PERSON,
        on_day=timezone.localdate(),
    )


def coded(student, maker):
    """Codes that the school handed out and nobody has used."""
    ends = timezone.now() + timedelta(days=1)
    EnrolmentCode.objects.create(
        user=student.user, purpose="enrol", digest="1" * 64, issued_by="office", expires_at=ends
    )
    return GuardianCode.objects.create(
        school=student.school, student=student, digest="2" * 64, made_by=maker, expires_at=ends
    )


def test_looks_and_unused_codes_go_with_the_students_and_are_told_before(office, students):
    roster, student = students
    known = factories.StudentFactory(school=office.school)
    looked_at(student, office)
    looked_at(known, office)
    coded(student, office)

    page = undo_page(by(office), roster.pk)
    undo_roster(actor=by(office), import_id=roster.pk)

    assert (page.may_undo, page.obstacles) == (True, [])
    assert page.traces == {"查閱紀錄": 1, "家長連結碼": 1, "啟用碼": 1}
    assert list(Student.objects.values_list("person", flat=True)) == [known.pk]
    assert list(Look.objects.values_list("student", flat=True)) == [known.pk]
    assert (EnrolmentCode.objects.count(), GuardianCode.objects.count()) == (0, 0)
    told = AuditEntry.objects.get(action="roster.undone").data
    assert [told[table] for table in ("people_look", "people_guardiancode", "accounts_enrolmentcode")] == [
        1
    ] * 3


def test_a_code_that_somebody_used_stands_in_the_way(office, students):
    roster, student = students
    guardian = factories.PersonFactory(school=office.school, is_guardian=True)
    coded(student, office)
    GuardianLink.objects.create(school=office.school, guardian=guardian, student=student, relation="母")
    User.objects.filter(pk=student.user_id).update(password="chosen")

    with pytest.raises(CannotUndo) as refused:
        undo_roster(actor=by(office), import_id=roster.pk)

    assert "「家長連結」" in refused.value.sentence
    assert "1 個帳號在匯入之後登入過" in refused.value.sentence
    assert GuardianCode.objects.count() == EnrolmentCode.objects.count() == 1


def test_looks_of_staff_are_their_work_and_stay(office):
    [staff] = files.bring_in(office, RosterKind.STAFF)
    student = factories.StudentFactory(school=office.school)
    looked_at(student, Person.objects.get(account="t1"))

    with pytest.raises(CannotUndo, match="查閱紀錄"):
        undo_roster(actor=by(office), import_id=staff.pk)


def test_nothing_of_an_undone_import_is_kept_but_that_it_was(office, students):
    roster, _student = students
    assert (roster.changes.count(), roster.effects.count()) == (6, 2)

    undone = undo_roster(actor=by(office), import_id=roster.pk)

    assert (undone.state, undone.added) == (S.UNDONE, 2)
    assert (undone.changes.count(), undone.effects.count()) == (0, 0)


def test_an_import_can_be_undone_for_its_time_and_its_notes_go_then(office, students, client):
    roster, _student = students
    clock, days = Actor.system("test"), timedelta(days=settings.ROSTER_UNDO_DAYS)
    last = roster.applied_at + days - timedelta(minutes=1)
    with time_machine.travel(last, tick=False):
        assert undo_page(by(office), roster.pk).may_undo
        assert notes_due(timezone.localdate()) == []
    with time_machine.travel(last + timedelta(days=2), tick=False):
        today = timezone.localdate()
        due = notes_due(today)
        assert (
            undo_page(by(office), roster.pk).is_forgotten,
            import_page(by(office), roster.pk).may_undo,
        ) == (
            True,
            False,
        )
        with pytest.raises(CannotUndo, match="保留期限"):
            undo_roster(actor=by(office), import_id=roster.pk)
        client.force_login(office.user)
        text = client.get(reverse("rosters:import_detail", args=[roster.pk])).content.decode()

        assert (len(due), imports_due(today)) == (4, [])
        assert "這次匯入不能再復原" in text
        assert clear_notes(actor=clock, today=today, record_id=str(roster.pk))
        assert not clear_notes(actor=clock, today=today, record_id=str(roster.pk))
        assert (roster.changes.count(), roster.effects.count()) == (0, 2)
    with time_machine.travel(roster.applied_at + timedelta(days=settings.KEEP_DAYS + 2), tick=False):
        assert clear_import(actor=clock, today=timezone.localdate(), record_id=str(roster.pk))
        assert roster.effects.count() == 0
    assert AuditEntry.objects.filter(action="roster.notes_cleared").count() == 1


def test_the_rule_says_who_undoes_what_moves_administrators(office):
    other = factories.PersonFactory(school=office.school, roles=[Role.REGISTRAR])
    [staff] = files.bring_in(office, RosterKind.STAFF)

    page = undo_page(by(other), staff.pk)

    assert page.is_somebody_elses
    assert "會改到系統管理員的，只有系統管理員可以復原" in str(page.whose)
