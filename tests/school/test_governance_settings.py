"""What the working group decides: bounds from above, minutes, preview, history, undo, and one cap a course."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.errors import NotAllowed, NotFound, StepUpNeeded
from licheng.school.calendar.models import Level, Policy, Window
from licheng.school.calendar.queries import limits, openings
from licheng.school.governance.errors import (
    BadValue,
    EndsBeforeItBegins,
    LooserThanAllowed,
    MinutesMissing,
    NothingChanges,
    SettingMoved,
)
from licheng.school.governance.models import SettingChange
from licheng.school.governance.operations import change_settings, undo_change
from licheng.school.governance.queries import history_page, settings_of, settings_page
from licheng.school.governance.queries.proposals import proposal
from licheng.school.governance.values import window_value
from licheng.school.outcomes.errors import TooManyForCourse
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.operations import start_outcome
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from tests.factories import (
    SEMESTER,
    YEAR,
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

PAGE = "/working-group/"
MINUTES = "115年9月3日 第1次會議"
CAP = "outcomes_per_semester"
UPLOAD = f"window.upload.{SEMESTER}"


@pytest.fixture
def school(db):
    open_windows()
    return SchoolFactory()


@pytest.fixture
def group(school):
    return PersonFactory(school=school, roles=[Role.WORKING_GROUP])


def decide(person, wanted, seen=None, minutes=MINUTES):
    return change_settings(actor=fresh_actor(person), minutes=minutes, wanted=wanted, seen=seen or {})


def own_window(days_open=-5, days_left=5):
    now = timezone.now()
    return window_value(now + timedelta(days=days_open), now + timedelta(days=days_left))


def test_a_decision_counts_at_once_and_leaves_history_and_audit(school, group):
    changes = decide(group, {CAP: 3, UPLOAD: own_window()})

    assert limits(school.place).outcomes_per_semester == 3
    assert openings(school.place)["upload"].closes_at < timezone.now() + timedelta(days=6)
    assert [(row.setting, row.old, row.minutes, row.changed_by) for row in changes] == [
        (CAP, None, MINUTES, group),
        (UPLOAD, None, MINUTES, group),
    ]
    entries = AuditEntry.objects.filter(action="setting.changed").order_by("pk")
    assert [(entry.person_id, entry.data["setting"], entry.data["new"]) for entry in entries] == [
        (group.pk, CAP, 3),
        (group.pk, UPLOAD, changes[1].new),
    ]


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ({"outcomes_selected_per_year": 7}, LooserThanAllowed),
        ({"activities_selected_per_year": 11}, LooserThanAllowed),
        ({"outcomes_per_course": 4}, LooserThanAllowed),
        ({CAP: 0}, BadValue),
        ({CAP: -1}, BadValue),
        ({CAP: 1000}, BadValue),
        ({CAP: True}, BadValue),
        ({CAP: "3"}, BadValue),
        ({CAP: {"opens_at": "x", "closes_at": "y"}}, BadValue),
        ({UPLOAD: 3}, BadValue),
        ({UPLOAD: {"opens_at": "2026-09-01T08:00"}}, BadValue),
        ({UPLOAD: {"opens_at": "2026-13-01T08:00", "closes_at": "2026-09-01T08:00"}}, BadValue),
        ({UPLOAD: {"opens_at": "9999-12-31T23:59", "closes_at": "9999-12-31T23:59"}}, BadValue),
        ({UPLOAD: own_window(1, -1)}, EndsBeforeItBegins),
        ({UPLOAD: own_window(-31, 5)}, LooserThanAllowed),
        ({UPLOAD: own_window(-5, 15)}, LooserThanAllowed),
        ({"window.upload.9": own_window()}, BadValue),
        ({"__class__": 3}, BadValue),
        ({CAP: None}, NothingChanges),
        ({}, NothingChanges),
    ],
)
def test_what_is_looser_or_unreadable_is_refused_and_nothing_is_written(school, group, wanted, refusal):
    code = school.authority.code
    Policy.objects.create(
        level=Level.AUTHORITY, code=code, school_year=YEAR, outcomes_per_course=3, source="x"
    )

    with pytest.raises(refusal):
        decide(group, wanted)

    assert not SettingChange.objects.exists()
    assert not Policy.objects.filter(level=Level.SCHOOL).exists()
    assert not Window.objects.filter(level=Level.SCHOOL).exists()


def test_the_refusal_names_whose_bound_it_is(school, group):
    with pytest.raises(LooserThanAllowed) as refused:
        decide(group, {"outcomes_selected_per_year": 7})

    assert refused.value.sentence == "「每學年勾選課程學習成果」不能訂成 7 件：教育部訂的是 6 件。"


@pytest.mark.parametrize("minutes", ["", "  \n ", "字" * 201])
def test_no_decision_without_minutes(group, minutes):
    with pytest.raises(MinutesMissing):
        decide(group, {CAP: 3}, minutes=minutes)


def test_one_bad_value_keeps_the_others_out(school, group):
    with pytest.raises(LooserThanAllowed):
        decide(group, {CAP: 3, "outcomes_selected_per_year": 7})

    assert limits(school.place).outcomes_per_semester is None
    assert not AuditEntry.objects.filter(action="setting.changed").exists()


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.ADMINISTRATOR, Role.TEACHER])
def test_others_of_the_staff_look_only(school, role):
    person = PersonFactory(school=school, roles=[role])

    assert settings_page(actor(person)).may_set is False
    with pytest.raises(NotAllowed):
        decide(person, {CAP: 3})


def test_students_do_not_see_it_and_the_group_proves_itself_first(school, group):
    with pytest.raises(NotFound):
        settings_page(actor(StudentFactory(school=school)))
    with pytest.raises(StepUpNeeded):
        change_settings(actor=actor(group), minutes=MINUTES, wanted={CAP: 3}, seen={})


def test_a_setting_that_moved_meanwhile_is_not_overwritten(school, group):
    decide(group, {CAP: 3})

    with pytest.raises(SettingMoved):
        decide(group, {CAP: 5}, seen={CAP: None})

    assert limits(school.place).outcomes_per_semester == 3


def test_a_decision_is_undone_by_a_new_one_once(school, group):
    (first,) = decide(group, {CAP: 3})

    back = undo_change(actor=fresh_actor(group), change_id=first.pk, minutes="第2次會議")

    assert (back.old, back.new, back.minutes) == (3, None, "第2次會議")
    assert limits(school.place).outcomes_per_semester is None
    with pytest.raises(SettingMoved):
        undo_change(actor=fresh_actor(group), change_id=first.pk, minutes=MINUTES)


def test_a_window_is_taken_away_again(school, group):
    (first,) = decide(group, {UPLOAD: own_window()})

    undo_change(actor=fresh_actor(group), change_id=first.pk, minutes=MINUTES)

    assert not Window.objects.filter(level=Level.SCHOOL).exists()


def test_undo_is_refused_where_those_above_became_stricter(school, group):
    decide(group, {CAP: 5})
    (second,) = decide(group, {CAP: 3}, seen={CAP: 5})
    code = school.authority.code
    Policy.objects.create(
        level=Level.AUTHORITY, code=code, school_year=YEAR, outcomes_per_semester=4, source="x"
    )

    with pytest.raises(LooserThanAllowed):
        undo_change(actor=fresh_actor(group), change_id=second.pk, minutes=MINUTES)


def test_history_of_another_school_is_out_of_sight(school, group):
    elsewhere = SchoolFactory()
    other = PersonFactory(school=elsewhere, roles=[Role.WORKING_GROUP])
    (row,) = decide(other, {CAP: 3})

    assert history_page(actor(group), "").lines == ()
    assert settings_of(school.place)[CAP].value is None
    with pytest.raises(NotFound):
        undo_change(actor=fresh_actor(group), change_id=row.pk, minutes=MINUTES)


def test_the_preview_counts_students_who_are_above_a_lowered_cap(school, group):
    one, two = EnrolmentFactory(school=school), EnrolmentFactory(school=school)
    for state in (S.DRAFT, S.CERTIFIED, S.SELECTED):
        make_outcome(state, one)
    make_outcome(S.SELECTED, two)
    for state in (S.SELECTED, S.SUBMITTED):  # another school's, who must not be counted
        make_outcome(state, EnrolmentFactory())

    wanted = {CAP: 2, "outcomes_per_course": 1, "activities_per_year": 1}
    wanted |= dict.fromkeys(("outcomes_selected_per_semester", "outcomes_selected_per_year"), 1)
    affected = {change.setting: change.affected for change in proposal(school.place, wanted)}

    assert affected == {
        CAP: 1,
        "outcomes_per_course": 1,
        "activities_per_year": 0,
        "outcomes_selected_per_semester": 0,
        "outcomes_selected_per_year": 0,
    }


def test_a_cap_a_course_lets_no_second_one_begin_but_leaves_what_is_there(school, group):
    enrolment = EnrolmentFactory(school=school)
    another = EnrolmentFactory(school=school, student=enrolment.student)
    decide(group, {"outcomes_per_course": 1})
    student = actor(enrolment.student)
    start_outcome(actor=student, enrolment_id=enrolment.pk)

    with pytest.raises(TooManyForCourse):
        start_outcome(actor=student, enrolment_id=enrolment.pk)

    start_outcome(actor=student, enrolment_id=another.pk)
    assert Outcome.objects.filter(student=enrolment.student).count() == 2


def form_of(client):
    """The page's own values, as a browser would send them back."""
    form = client.get(PAGE).context["form"]
    return {name: form[name].initial or "" for name in form.fields}


def test_the_page_previews_and_applies(client, school, group):
    client.force_login(group.user)
    fresh(client)
    sent = form_of(client) | {CAP: "4", "minutes": MINUTES}

    preview = client.post(PAGE, sent)

    assert preview.status_code == 200
    assert "4 件" in preview.content.decode()
    assert limits(school.place).outcomes_per_semester is None
    fields = {name: preview.context[name] for name in ("minutes", "wanted", "seen")}
    assert client.post(f"{PAGE}apply/", fields).status_code == 302
    assert limits(school.place).outcomes_per_semester == 4
    assert MINUTES in client.get(f"{PAGE}history/").content.decode()


@pytest.mark.parametrize("text", ["７", "3.5", "abc", "99999", "１"])
def test_the_page_says_what_it_cannot_read(client, group, text):
    client.force_login(group.user)
    fresh(client)

    answer = client.post(PAGE, form_of(client) | {CAP: text, "minutes": MINUTES})

    assert answer.status_code == 422
    assert "看不懂" in answer.content.decode()


@pytest.mark.parametrize("wanted", ["", "[]", "null", "{", '{"x": 1}', json.dumps({CAP: [1]})])
def test_a_forged_preview_is_refused(client, school, group, wanted):
    client.force_login(group.user)
    fresh(client)

    answer = client.post(f"{PAGE}apply/", {"minutes": MINUTES, "wanted": wanted, "seen": "{}"})

    assert answer.status_code == 422
    assert not SettingChange.objects.exists()


@pytest.mark.parametrize("count", [1, 20])
def test_the_history_takes_the_same_queries_however_long(
    client, school, group, count, django_assert_max_num_queries
):
    for number in range(count):
        decide(group, {CAP: number + 1}, seen={CAP: number or None})
    client.force_login(group.user)
    client.get(PAGE)  # the first request of a session asks about its steps too

    with django_assert_max_num_queries(QUERIES_OF_HISTORY):
        client.get(f"{PAGE}history/")


QUERIES_OF_HISTORY = 10
