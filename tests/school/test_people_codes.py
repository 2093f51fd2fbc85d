"""Codes from the office: class sheets, letters, single cards, and letting people in again."""

import io
import re
import socket

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.accounts.errors import AlreadyEnrolled, CodeRefused
from licheng.foundations.accounts.models import CodePurpose, EnrolmentCode, User
from licheng.foundations.accounts.operations import redeem_code
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, StepUpNeeded
from licheng.school.people.errors import ListChanged
from licheng.school.people.models import Person, Role
from licheng.school.people.operations import (
    IdentityCheck,
    grant_role,
    issue_class_codes,
    issue_person_code,
    mail_class_codes,
    recover_by_command,
    recover_person,
    sign_person_out,
    withdraw_person_code,
)
from licheng.school.people.operations.grants import Reach, Term
from licheng.school.people.queries.accounts import AccountState, mailing_page, person_page
from tests import factories, relations_world

pytestmark = pytest.mark.django_db
PASSWORD = "her own long sentence"
PAGE = "https://school.example.tw/enrol/?school=070406"
SEEN = {"check": IdentityCheck.STUDENT_CARD, "detail": "", "reason": "手機遺失"}


@pytest.fixture
def office():
    return factories.PersonFactory(roles=[Role.REGISTRAR])


@pytest.fixture
def class_of_three(office):
    """Two who wait, the second with an address, and one who has enrolled."""
    group = factories.ClassGroupFactory(school=office.school, name="仁班")
    students = [factories.StudentFactory(school=office.school, profile__class_group=group) for _n in range(3)]
    for student in students[:2]:
        close(student)
    Person.objects.filter(pk=students[1].pk).update(email="second@example.tw")
    own = students[2].user
    own.set_password(PASSWORD)
    own.save()
    return group, students


def close(person):
    """An account as a roster opens it."""
    person.user.set_unusable_password()
    person.user.save()
    return person


def redeem(person, code):
    return redeem_code(
        actor=Actor.system("enrolment", person.school_id),
        login=person.user.login,
        code=code,
        password="河邊有三隻白鷺鷥在散步呢",
        address="192.0.2.1",
    )


def ids(cards):
    return sorted(person.pk for person, _code in cards)


def test_a_class_sheet_is_for_those_who_have_not_enrolled(office, class_of_three):
    group, students = class_of_three
    issue_person_code(actor=factories.actor(office), person_id=students[1].pk)

    issued = issue_class_codes(actor=factories.actor(office), class_id=group.pk)

    assert ids(issued) == sorted(person.pk for person in students[:2])
    for person, code in issued:
        redeem(person, code)
    assert User.objects.get(pk=students[2].user_id).check_password(PASSWORD)
    assert AuditEntry.objects.filter(action="account.code_issued", person_id=office.pk).count() == 3
    assert AuditEntry.objects.get(action="class.codes_issued").data == {"students": 2}
    told = str(list(AuditEntry.objects.values()))
    assert not any(code in told for _person, code in issued)


def test_a_class_sheet_leaves_out_those_who_left_and_other_classes(office, class_of_three):
    group, students = class_of_three
    close(factories.StudentFactory(school=office.school))
    Person.objects.filter(pk=students[0].pk).update(left_on=timezone.localdate())

    issued = issue_class_codes(actor=factories.actor(office), class_id=group.pk)

    assert ids(issued) == [students[1].pk]


@pytest.mark.parametrize(
    "role",
    [
        Role.TEACHER,
        Role.HOMEROOM,
        Role.COUNSELLOR,
        Role.OUTCOME_SUBMITTER,
        Role.RECEIPT_OFFICER,
        Role.DATA_QUERY,
    ],
)
def test_codes_are_refused_to_other_roles(office, class_of_three, role):
    group, students = class_of_three
    other = factories.fresh_actor(factories.PersonFactory(school=office.school, roles=[role]))

    for act in (
        lambda: issue_class_codes(actor=other, class_id=group.pk),
        lambda: mail_class_codes(actor=other, class_id=group.pk, shown="", address=PAGE),
        lambda: issue_person_code(actor=other, person_id=students[0].pk),
        lambda: withdraw_person_code(actor=other, person_id=students[0].pk),
        lambda: recover_person(actor=other, person_id=students[2].pk, **SEEN),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            act()

    assert EnrolmentCode.objects.count() == 0


def test_another_schools_class_and_people_are_not_there(class_of_three):
    group, students = class_of_three
    stranger = factories.fresh_actor(factories.PersonFactory(roles=[Role.ADMINISTRATOR, Role.REGISTRAR]))

    for act in (
        lambda: issue_class_codes(actor=stranger, class_id=group.pk),
        lambda: mail_class_codes(actor=stranger, class_id=group.pk, shown="", address=PAGE),
        lambda: issue_person_code(actor=stranger, person_id=students[0].pk),
        lambda: withdraw_person_code(actor=stranger, person_id=students[0].pk),
        lambda: recover_person(actor=stranger, person_id=students[0].pk, **SEEN),
    ):
        with pytest.raises(NotFound):
            act()

    assert AuditEntry.objects.count() == EnrolmentCode.objects.count() == 0


def test_letters_go_to_the_list_that_was_shown(office, class_of_three):
    group, students = class_of_three
    mailing = mailing_page(factories.actor(office), group.pk)

    mailed = mail_class_codes(
        actor=factories.actor(office), class_id=group.pk, shown=mailing.fingerprint, address=PAGE
    )

    assert ([line.person_id for line in mailing.receivers], [line.person_id for line in mailing.without]) == (
        [students[1].pk],
        [students[0].pk],
    )
    assert (mailed.sent, mailed.failed) == (1, 0)
    [letter] = mail.outbox
    assert letter.to == ["second@example.tw"]
    assert PAGE in letter.body
    [code] = re.findall(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", letter.body)
    redeem(students[1], code)
    assert EnrolmentCode.objects.count() == 1


def test_no_letter_goes_out_when_the_list_is_another_one(office, class_of_three):
    group, students = class_of_three
    shown = mailing_page(factories.actor(office), group.pk).fingerprint
    Person.objects.filter(pk=students[1].pk).update(email="elsewhere@example.tw")

    with pytest.raises(ListChanged):
        mail_class_codes(actor=factories.actor(office), class_id=group.pk, shown=shown, address=PAGE)

    assert mail.outbox == []
    assert EnrolmentCode.objects.count() == 0


def test_a_mail_server_that_is_away_is_said(office, class_of_three, settings, unused_port):
    group, _students = class_of_three
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": unused_port},
        }
    }
    shown = mailing_page(factories.actor(office), group.pk).fingerprint

    mailed = mail_class_codes(actor=factories.actor(office), class_id=group.pk, shown=shown, address=PAGE)

    assert (mailed.sent, mailed.failed) == (0, 1)


@pytest.fixture
def unused_port():
    """A port at which nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_states_of_an_account(office, class_of_three):
    _group, students = class_of_three
    actor = factories.actor(office)

    def state(person):
        return person_page(actor, person.pk).line.account_state

    before = state(students[0])
    issue_person_code(actor=actor, person_id=students[0].pk)
    given = state(students[0])
    withdraw_person_code(actor=actor, person_id=students[0].pk)

    assert (before, given) == (AccountState.CLOSED, AccountState.CODE)
    assert (state(students[0]), state(students[2])) == (AccountState.CLOSED, AccountState.OWN)


def test_a_first_code_is_not_for_those_who_have_enrolled(office, class_of_three):
    _group, students = class_of_three

    with pytest.raises(AlreadyEnrolled):
        issue_person_code(actor=factories.actor(office), person_id=students[2].pk)


def test_a_registrar_gives_no_code_to_an_administrator_who_stands_above(office):
    administrator = close(factories.PersonFactory(school=office.school, roles=[Role.ADMINISTRATOR]))
    other = close(factories.PersonFactory(school=office.school, roles=[Role.ADMINISTRATOR]))

    with pytest.raises(NotAllowed):
        issue_person_code(actor=factories.actor(office), person_id=administrator.pk)
    issued, _code = issue_person_code(actor=factories.actor(administrator), person_id=other.pk)

    assert issued.pk == other.pk


@pytest.mark.parametrize(
    ("asker", "asked", "refusal"),
    [
        ("registrar", "student", None),
        ("registrar", "guardian", None),
        ("registrar", "teacher", NotAllowed),
        ("registrar", "administrator", NotAllowed),
        ("registrar", "registrar", NotAllowed),
        ("administrator", "teacher", None),
        ("administrator", "registrar", None),
        ("administrator", "other administrator", None),
        ("administrator", "administrator", NotAllowed),
        ("administrator", "student", NotAllowed),
        ("teacher", "student", NotFound),
        ("student", "other student", NotFound),
        ("student", "student", NotAllowed),
    ],
)
def test_who_lets_whom_in_again(asker, asked, refusal):
    school = factories.SchoolFactory()
    people = {
        "registrar": factories.PersonFactory(school=school, roles=[Role.REGISTRAR]),
        "administrator": factories.PersonFactory(school=school, roles=[Role.ADMINISTRATOR]),
        "other administrator": factories.PersonFactory(school=school, roles=[Role.ADMINISTRATOR]),
        "teacher": factories.PersonFactory(school=school, roles=[Role.TEACHER]),
        "guardian": factories.PersonFactory(school=school, is_guardian=True),
        "student": factories.StudentFactory(school=school),
        "other student": factories.StudentFactory(school=school),
    }
    arguments = {"actor": factories.fresh_actor(people[asker]), "person_id": people[asked].pk, **SEEN}

    if refusal is None:
        person, code = recover_person(**arguments)
        redeem(person, code)
        assert [row.purpose for row in EnrolmentCode.objects.all()] == [CodePurpose.RECOVER]
        assert AuditEntry.objects.get(action="person.recovery_issued").data == {"checked_by": "student-card"}
    else:
        with pytest.raises(refusal):
            recover_person(**arguments)
        assert EnrolmentCode.objects.count() == 0


def test_the_office_ends_a_stolen_phones_session_at_once(office, class_of_three):
    student = class_of_three[1][2]
    thief = Client()
    thief.force_login(student.user)

    sign_person_out(actor=factories.actor(office), person_id=student.pk)

    thief.get(reverse("account"))
    assert "_auth_user_id" not in thief.session
    student.user.refresh_from_db()
    assert student.user.epoch == 1
    assert AuditEntry.objects.filter(action="person.signed_out", subject_id=str(student.pk)).count() == 1
    teacher = factories.PersonFactory(school=office.school, roles=[Role.TEACHER])
    for refused, who in ((office, teacher), (office, office), (teacher, student)):
        with pytest.raises((NotAllowed, NotFound)):
            sign_person_out(actor=factories.actor(refused), person_id=who.pk)


def test_letting_in_again_wants_identity_shown_again(office, class_of_three):
    _group, students = class_of_three

    with pytest.raises(StepUpNeeded):
        recover_person(actor=factories.actor(office), person_id=students[2].pk, **SEEN)


@pytest.mark.parametrize(
    "wrong",
    [{"check": "because"}, {"check": ""}, {"check": IdentityCheck.OTHER, "detail": " "}, {"reason": " "}],
)
def test_a_recovery_says_how_identity_was_seen_and_why(office, class_of_three, wrong):
    _group, students = class_of_three

    with pytest.raises(Invalid):
        recover_person(actor=factories.fresh_actor(office), person_id=students[2].pk, **{**SEEN, **wrong})

    assert EnrolmentCode.objects.count() == 0


def test_a_recovery_keeps_its_words_with_the_code_and_out_of_the_audit(office, class_of_three):
    _group, students = class_of_three
    words = {"check": IdentityCheck.OTHER, "detail": "王導師當面指認", "reason": "忘記密碼"}

    recover_person(actor=factories.fresh_actor(office), person_id=students[2].pk, **words)

    assert EnrolmentCode.objects.get().identity_check == "王導師當面指認；忘記密碼"
    assert "王導師" not in str(list(AuditEntry.objects.values()))
    assert User.objects.get(pk=students[2].user_id).check_password(PASSWORD)


def test_an_administrator_is_let_in_by_the_command():
    administrator = factories.PersonFactory(roles=[Role.ADMINISTRATOR])
    out = io.StringIO()
    named = {"school": administrator.school.code, "account": administrator.account}

    call_command("recover_account", **named, identity_check="身分證正本", reason="手機遺失", stdout=out)

    code, account, secret = out.getvalue().split()
    assert (code, account) == (administrator.school.code, administrator.account)
    redeem(administrator, secret)
    entry = AuditEntry.objects.get(action="person.recovery_issued")
    assert (entry.actor_label, entry.school_id) == ("command:recover_account", administrator.school_id)
    for wrong in ({"account": "nobody"}, {"identity_check": ""}, {"reason": " "}, {"school": "000000"}):
        with pytest.raises(CommandError):
            call_command(
                "recover_account",
                **{**named, "identity_check": "正本", "reason": "遺失", **wrong},
                stdout=out,
            )


def test_people_do_not_use_the_command_s_way(office):
    with pytest.raises(NotAllowed):
        recover_by_command(
            actor=factories.fresh_actor(office),
            school=office.school.code,
            account=office.account,
            identity_check="正本",
            reason="遺失",
        )


def test_a_registrar_holds_no_code_of_somebody_who_becomes_an_administrator(office):
    administrator = factories.PersonFactory(school=office.school, roles=[Role.ADMINISTRATOR])
    colleague, later = (close(factories.PersonFactory(school=office.school)) for _one in range(2))
    _person, code = issue_person_code(actor=factories.actor(office), person_id=colleague.pk)
    relations_world.grant(later, Role.ADMINISTRATOR, relations_world.FUTURE)

    today = timezone.localdate()
    grant_role(
        actor=factories.fresh_actor(administrator),
        person_id=colleague.pk,
        role=Role.ADMINISTRATOR,
        reach=Reach(),
        term=Term(today, today, "代理"),
    )

    with pytest.raises(CodeRefused):
        redeem(colleague, code)
    for person in (colleague, later):
        with pytest.raises(NotAllowed):
            issue_person_code(actor=factories.actor(office), person_id=person.pk)
        assert issue_person_code(actor=factories.actor(administrator), person_id=person.pk)
