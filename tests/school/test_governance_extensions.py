"""A later end for a class or a person: who gets it, how far it reaches, and that it ends like any window."""

from datetime import timedelta

import pytest
from django.utils import timezone

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.errors import NotAllowed, NotFound, StepUpNeeded
from licheng.school.activities.operations import start_activity
from licheng.school.calendar.errors import WindowClosed
from licheng.school.calendar.models import Level, Window, WindowKind
from licheng.school.calendar.queries import openings
from licheng.school.governance.errors import (
    AlreadyWithdrawn,
    LaterThanAllowed,
    NobodyNamed,
    NotForThem,
    NotLater,
    ReasonMissing,
)
from licheng.school.governance.models import Extension
from licheng.school.governance.operations import extend_window, withdraw_extension
from licheng.school.governance.queries import openings_for, require_open_for
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.operations import hold_back_outcome, start_outcome, write_note
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from licheng.school.selection.operations import select_outcome
from tests.factories import (
    SEMESTER,
    YEAR,
    ClassGroupFactory,
    EnrolmentFactory,
    PersonFactory,
    SchoolFactory,
    StudentFactory,
    actor,
    fresh,
    fresh_actor,
    open_windows,
)
from tests.school.outcomes_cases import make_outcome

PAGE = "/working-group/extensions/"
K = WindowKind


def close_at_school(school, *kinds, ago=timedelta(hours=1)):
    """The school's own windows are over; ministry's go on for two weeks."""
    now = timezone.now()
    for kind in kinds or K:
        Window.objects.update_or_create(
            level=Level.SCHOOL, code=school.code, school_year=YEAR, semester=SEMESTER, kind=kind,
            defaults={"opens_at": now - timedelta(days=20), "closes_at": now - ago},
        )  # fmt: skip


@pytest.fixture
def school(db):
    open_windows()
    made = SchoolFactory()
    close_at_school(made)
    return made


@pytest.fixture
def registrar(school):
    return PersonFactory(school=school, roles=[Role.REGISTRAR])


@pytest.fixture
def enrolment(school):
    return EnrolmentFactory(school=school)


def later(days=3):
    return timezone.now() + timedelta(days=days)


def extend(registrar, kind=K.UPLOAD, **more):
    values = {"closes_at": later(), "reason": "住院"} | more
    return extend_window(actor=fresh_actor(registrar), kind=kind, **values)


def test_a_student_goes_on_after_the_others_have_to_stop(registrar, enrolment):
    student, classmate = enrolment.student, StudentFactory(school=enrolment.school)
    with pytest.raises(WindowClosed):
        start_outcome(actor=actor(student), enrolment_id=enrolment.pk)

    extension = extend(registrar, account=student.account)

    outcome = start_outcome(actor=actor(student), enrolment_id=enrolment.pk)
    write_note(actor=actor(student), outcome_id=outcome.pk, note="補上")
    start_activity(actor=actor(student), category="competition")
    with pytest.raises(WindowClosed):
        start_activity(actor=actor(classmate), category="competition")
    entry = AuditEntry.objects.get(action="extension.granted")
    assert (entry.person_id, entry.subject_id) == (registrar.pk, str(extension.pk))


def test_a_class_goes_on_and_no_other(registrar, enrolment, school):
    extend(registrar, class_id=enrolment.student.student.class_group_id)
    outsider = EnrolmentFactory(school=school)

    start_outcome(actor=actor(enrolment.student), enrolment_id=enrolment.pk)

    with pytest.raises(WindowClosed):
        start_outcome(actor=actor(outsider.student), enrolment_id=outsider.pk)


def test_selecting_is_extended_on_its_own(registrar, enrolment):
    outcome = make_outcome(S.CERTIFIED, enrolment)
    extend(registrar, account=enrolment.student.account)
    with pytest.raises(WindowClosed):
        select_outcome(actor=actor(enrolment.student), outcome_id=outcome.pk)

    extend(registrar, K.SELECT, account=enrolment.student.account)

    select_outcome(actor=actor(enrolment.student), outcome_id=outcome.pk)
    assert Outcome.objects.get(pk=outcome.pk).state == S.SELECTED


@pytest.mark.parametrize("whom", ["teacher", "student", "class"])
def test_certifying_goes_on_for_the_teacher_or_for_the_student_she_certifies(registrar, enrolment, whom):
    teacher = enrolment.offering.teachers.get()
    mine, other = make_outcome(S.WAITING, enrolment), make_outcome(S.WAITING, EnrolmentFactory(
        school=enrolment.school, offering=enrolment.offering
    ))  # fmt: skip
    target = {
        "teacher": {"account": teacher.account},
        "student": {"account": enrolment.student.account},
        "class": {"class_id": enrolment.student.student.class_group_id},
    }[whom]

    extend(registrar, K.CERTIFY, **target)

    hold_back_outcome(actor=actor(teacher), outcome_id=mine.pk, reason="請補上照片")
    if whom == "teacher":
        hold_back_outcome(actor=actor(teacher), outcome_id=other.pk, reason="請補上照片")
    else:
        with pytest.raises(WindowClosed):
            hold_back_outcome(actor=actor(teacher), outcome_id=other.pk, reason="請補上照片")


def test_a_student_s_extension_to_certify_opens_nothing_else(registrar, enrolment):
    extend(registrar, K.CERTIFY, account=enrolment.student.account)

    now = openings_for(enrolment.school.place, enrolment.student_id)

    assert [kind for kind, opening in now.items() if opening.is_open] == ["certify"]


def test_exactly_at_the_end_it_is_closed(registrar, enrolment, time_machine):
    ends = later(2).replace(microsecond=0)
    extend(registrar, account=enrolment.student.account, closes_at=ends)
    where = (enrolment.school.place, K.UPLOAD, enrolment.student_id)

    time_machine.move_to(ends - timedelta(microseconds=1), tick=False)
    assert require_open_for(*where).extended_to == ends
    time_machine.move_to(ends, tick=False)
    with pytest.raises(WindowClosed):
        require_open_for(*where)


def test_a_withdrawn_extension_closes_at_once_and_only_once(registrar, enrolment):
    extension = extend(registrar, account=enrolment.student.account)
    outcome = start_outcome(actor=actor(enrolment.student), enrolment_id=enrolment.pk)

    withdraw_extension(actor=fresh_actor(registrar), extension_id=extension.pk)

    with pytest.raises(WindowClosed):
        write_note(actor=actor(enrolment.student), outcome_id=outcome.pk, note="太晚")
    with pytest.raises(AlreadyWithdrawn):
        withdraw_extension(actor=fresh_actor(registrar), extension_id=extension.pk)
    assert AuditEntry.objects.filter(action="extension.withdrawn").count() == 1


def test_an_authority_that_closes_earlier_afterwards_closes_for_everybody(registrar, enrolment):
    extend(registrar, account=enrolment.student.account, closes_at=later(5))
    Window.objects.create(
        level=Level.AUTHORITY, code=enrolment.school.authority.code, school_year=YEAR, semester=SEMESTER,
        kind=K.UPLOAD, opens_at=later(-20), closes_at=later(1),
    )  # fmt: skip

    opening = openings_for(enrolment.school.place, enrolment.student_id)["upload"]

    assert opening.closes_at < later(2)
    assert opening.extended_to == opening.closes_at


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"closes_at": timedelta(days=15)}, LaterThanAllowed),
        ({"closes_at": timedelta(minutes=-1)}, NotLater),
        ({"reason": " "}, ReasonMissing),
        ({"reason": "字" * 201}, ReasonMissing),
        ({"account": ""}, NobodyNamed),
        ({"account": "nobody"}, NobodyNamed),
        ({"class_id": 1}, NobodyNamed),
        ({"kind": K.SUBMIT}, NotForThem),
    ],
)
def test_extensions_that_cannot_be(registrar, enrolment, more, refusal):
    given = {"account": enrolment.student.account} | more
    if isinstance(given.get("closes_at"), timedelta):
        given["closes_at"] = timezone.now() + given["closes_at"]

    with pytest.raises(refusal):
        extend(registrar, **given)

    assert not Extension.objects.exists()


def test_teachers_have_no_upload_and_a_class_of_last_year_is_over(registrar, school):
    teacher = PersonFactory(school=school, roles=[Role.TEACHER])
    old = ClassGroupFactory(school=school, school_year=YEAR - 1)

    with pytest.raises(NotForThem):
        extend(registrar, account=teacher.account)
    with pytest.raises(NobodyNamed):
        extend(registrar, class_id=old.pk)


def test_people_and_classes_of_another_school_are_not_there(registrar):
    stranger = StudentFactory()

    for target in ({"account": stranger.account}, {"class_id": stranger.student.class_group_id}):
        with pytest.raises(NobodyNamed):
            extend(registrar, **target)


def test_without_a_window_of_its_own_there_is_nothing_to_put_off(registrar, enrolment):
    Window.objects.filter(level=Level.SCHOOL).delete()

    with pytest.raises(NotLater):
        extend(registrar, account=enrolment.student.account)


def test_the_same_end_twice_is_refused(registrar, enrolment):
    ends = later()
    extend(registrar, account=enrolment.student.account, closes_at=ends)

    with pytest.raises(NotLater):
        extend(registrar, account=enrolment.student.account, closes_at=ends)


def test_who_may_and_who_must_show_identity_first(registrar, enrolment, school):
    teacher = PersonFactory(school=school, roles=[Role.TEACHER])
    given = {"kind": K.UPLOAD, "closes_at": later(), "reason": "住院", "account": enrolment.student.account}

    with pytest.raises(NotAllowed):
        extend_window(actor=fresh_actor(teacher), **given)
    with pytest.raises(StepUpNeeded):
        extend_window(actor=actor(registrar), **given)
    with pytest.raises(NotFound):
        extend_window(actor=actor(enrolment.student), **given)


def test_an_extension_of_another_school_is_not_there(registrar):
    elsewhere = SchoolFactory()
    close_at_school(elsewhere)
    other = PersonFactory(school=elsewhere, roles=[Role.REGISTRAR])
    extension = extend(other, account=StudentFactory(school=elsewhere).account)

    with pytest.raises(NotFound):
        withdraw_extension(actor=fresh_actor(registrar), extension_id=extension.pk)


def test_windows_and_extensions_are_one_question(registrar, enrolment, django_assert_num_queries):
    place = enrolment.school.place
    for days in (1, 2, 3):
        extend(registrar, account=enrolment.student.account, closes_at=later(days))

    with django_assert_num_queries(1):
        opening = openings_for(place, enrolment.student_id)["upload"]

    assert opening.closes_at > later(2)
    assert openings(place)["upload"].is_open is False


def test_pages_say_that_it_was_put_off(client, registrar, enrolment):
    extend(registrar, account=enrolment.student.account)
    client.force_login(enrolment.student.user)

    for page in ("/", "/outcomes/", "/activities/"):
        assert "已為您延長到" in client.get(page).content.decode(), page

    client.force_login(registrar.user)
    assert "已為您延長到" not in client.get("/").content.decode()


def test_the_page_extends_lists_and_takes_back(client, registrar, enrolment):
    client.force_login(registrar.user)
    fresh(client)
    ends = timezone.localtime(later()).strftime("%Y-%m-%dT%H:%M")
    sent = {"kind": "upload", "account": enrolment.student.account, "closes_at": ends, "reason": "住院"}

    assert client.post(PAGE, sent).status_code == 302
    shown = client.get(PAGE).content.decode()
    assert enrolment.student.name in shown
    extension = Extension.objects.get()
    assert client.post(f"{PAGE}{extension.pk}/withdraw/").status_code == 302
    assert "已取消" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "more",
    [{"closes_at": "never"}, {"closes_at": "2026-02-30T10:00"}, {"kind": "submit"}, {"class_id": "9999"}],
)
def test_the_page_says_what_is_wrong(client, registrar, enrolment, more):
    client.force_login(registrar.user)
    fresh(client)
    sent = {"kind": "upload", "account": enrolment.student.account, "closes_at": "", "reason": "住院"}

    assert client.post(PAGE, sent | more).status_code == 422
    assert not Extension.objects.exists()


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_takes_the_same_queries_however_long(
    client, registrar, school, count, django_assert_num_queries
):
    for _number in range(count):
        extend(registrar, account=StudentFactory(school=school).account)
    client.force_login(registrar.user)
    client.get(PAGE)  # the first request of a session asks about its steps too

    with django_assert_num_queries(QUERIES_OF_LIST):
        client.get(PAGE)


QUERIES_OF_LIST = 10
