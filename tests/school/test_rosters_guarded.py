"""What a roster must not do by a side way: unmake administrators, bring ended sessions back, leave data behind."""

import pytest
from django.utils import timezone

from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations import end_sessions
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotAllowed, StepUpNeeded
from licheng.school.people.models import GrantSource, Person, Role, RoleGrant
from licheng.school.rosters.models import RosterKind
from licheng.school.rosters.operations import drop_roster, hand_back, undo_roster
from licheng.school.rosters.operations.noting import notes_for
from licheng.school.rosters.queries.pages import undo_page
from licheng.school.rosters.states import ImportState as S
from tests import factories
from tests.school import roster_files as files

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    """An administrator, and a registrar who is none."""
    administrator = files.registrar()
    registrar = factories.PersonFactory(
        school=administrator.school, account="r2", roles=[Role.REGISTRAR], name="王組員"
    )
    return administrator, registrar


def by(person):
    return factories.fresh_actor(person)


def put(person, text):
    return files.import_whole(by(person), RosterKind.STAFF, f"帳號,姓名,職務\n{text}\n".encode(), "staff.csv")


def test_a_registrar_ends_no_administrator_by_a_roster(office):
    administrator, registrar = office
    other = factories.PersonFactory(school=registrar.school, account="a1", roles=[Role.ADMINISTRATOR])

    refused = put(registrar, "a1,管理員,任課教師")
    done = put(registrar, "a1,管理員,任課教師、系統管理員")

    assert (refused.state, refused.issues[-1]["severity"], done.state) == (S.REFUSED, "error", S.APPLIED)
    assert factories.actor(other).roles == {Role.ADMINISTRATOR, Role.TEACHER}
    assert put(administrator, "a1,管理員,任課教師").state == S.APPLIED
    assert factories.actor(other).roles == {Role.TEACHER}


def test_a_registrar_has_no_administrator_leave_by_undoing(office):
    administrator, registrar = office
    back = factories.PersonFactory(
        school=registrar.school, account="t9", roles=[Role.TEACHER], left_on=timezone.localdate()
    )
    roster = put(registrar, "t9,新主任,任課教師")
    back.refresh_from_db()
    assert (roster.state, back.left_on) == (S.APPLIED, None)
    RoleGrant.objects.create(
        school=back.school,
        person=back,
        role=Role.ADMINISTRATOR,
        source=GrantSource.GRANTED,
        until=timezone.localdate(),
        granted_by=administrator,
        reason="代理",
    )

    assert undo_page(by(registrar), roster.pk).is_somebody_elses
    with pytest.raises(NotAllowed):
        undo_roster(actor=by(registrar), import_id=roster.pk)
    assert undo_roster(actor=by(administrator), import_id=roster.pk).state == S.UNDONE


def test_a_registrar_undoes_her_own_roster_of_others(office):
    _administrator, registrar = office
    roster = put(registrar, "t9,新老師,任課教師")

    assert undo_roster(actor=by(registrar), import_id=roster.pk).state == S.UNDONE
    assert not Person.objects.filter(account="t9").exists()


def test_undoing_brings_no_ended_session_back(office):
    administrator, _registrar = office
    files.bring_in(administrator)
    user = User.objects.get(person__account="1152001")
    renamed = files.STUDENTS.replace("林宜", "林怡").encode()
    done = files.import_whole(by(administrator), RosterKind.STUDENTS, renamed)
    with notes_for(done):
        end_sessions(actor=Actor.system("test", administrator.school_id), user=user)
    end_sessions(actor=Actor.system("test", administrator.school_id), user=user)  # and once more since

    assert undo_roster(actor=by(administrator), import_id=done.pk).state == S.UNDONE
    user.refresh_from_db()
    assert (user.epoch, user.name) == (2, "林宜")


def test_a_dropped_file_leaves_no_cell_behind(office):
    administrator, _registrar = office
    refused = files.preview(by(administrator), RosterKind.STAFF, "帳號,姓名,職務\nt1,,不明職務\n".encode())
    assert (refused.state, bool(refused.issues)) == (S.REFUSED, True)

    dropped = drop_roster(actor=by(administrator), import_id=refused.pk)
    dropped.refresh_from_db()

    assert (dropped.issues, dropped.content_sealed, dropped.effects.count()) == ([], None, 0)
    act = AuditEntry.objects.get(action="roster.dropped")
    assert (act.person_id, act.subject_id) == (administrator.pk, str(refused.pk))


def test_a_file_of_somebody_else_is_handed_back_to_who_has_just_shown_who_she_is(office):
    administrator, registrar = office
    sent = files.preview(by(registrar), RosterKind.STUDENTS, files.STUDENTS.encode())
    take = {"import_id": sent.pk, "form": "csv"}

    assert hand_back(actor=factories.actor(registrar), **take)
    with pytest.raises(StepUpNeeded):
        hand_back(actor=factories.actor(administrator), **take)
    assert hand_back(actor=by(administrator), **take)


def test_a_header_of_a_mended_sheet_acts_as_no_formula(office):
    administrator, _registrar = office
    data = "帳號,姓名,職務,=cmd|'/c calc'!A0,@SUM(1)\nt1,,不明,1,2\n".encode()
    refused = files.preview(by(administrator), RosterKind.STAFF, data)

    head = (
        hand_back(actor=by(administrator), import_id=refused.pk, form="csv")
        .decode("utf-8-sig")
        .splitlines()[0]
    )

    assert [cell for cell in head.split(",") if cell.strip('"')[:1] in "=+-@"] == []
    assert "cmd|" in head
