"""Roles by hand and deputies: who may give what to whom, for how long, and that they end by their date alone."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import allows
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, StepUpNeeded
from licheng.school.outcomes.permissions import CERTIFY, SEE
from licheng.school.people.errors import AlreadyHeld, NotToOneself
from licheng.school.people.models import GrantScope, GrantSource, Role, RoleGrant
from licheng.school.people.operations import deputise_class, end_grant, grant_role
from licheng.school.people.operations.grants import Reach, Term
from licheng.school.records.models import CourseDeputy
from licheng.school.records.operations import deputise_course, end_deputy
from tests.factories import PersonFactory, actor, fresh, fresh_actor
from tests.relations_world import deputy, grant
from tests.world import complete_school, make_world

DAY = timedelta(days=1)
WHOLE_SCHOOL = Reach()


def term(first=0, last=9, reason="請假"):
    today = timezone.localdate()
    return Term(today + first * DAY, today + last * DAY, reason)


@pytest.fixture
def here(db):
    return complete_school()


def give(by, to, role=Role.REGISTRAR, reach=WHOLE_SCHOOL, during=None):
    return grant_role(actor=fresh_actor(by), person_id=to.pk, role=role, reach=reach, term=during or term())


def test_an_administrator_gives_a_role_and_both_sides_are_written_down(here):
    giver, taker = here.cast["administrator"], here.cast["other_teacher"]

    made = give(giver, taker)

    assert Role.REGISTRAR in actor(taker).roles
    assert (made.source, made.granted_by, made.reason) == (GrantSource.GRANTED, giver, "請假")
    entry = AuditEntry.objects.get(action="role.granted")
    assert (entry.person_id, entry.subject_id, entry.data["role"]) == (giver.pk, str(taker.pk), "registrar")


def test_a_role_ends_by_its_date_and_begins_with_it(here):
    taker = here.cast["other_teacher"]
    give(here.cast["administrator"], taker, during=term(1, 2))

    held = []
    for days in range(4):
        with time_machine.travel(timezone.now() + days * DAY):
            held.append(Role.REGISTRAR in actor(taker).roles)

    assert held == [False, True, True, False]


@pytest.mark.parametrize("role", ["teacher", "homeroom", "registrar", "curriculum", "working_group", "owner"])
def test_nobody_else_gives_roles(here, role):
    with pytest.raises(NotAllowed if role != "owner" else NotFound):
        give(here.cast[role], here.cast["other_teacher"])

    assert not RoleGrant.objects.filter(source=GrantSource.GRANTED, role=Role.REGISTRAR).exists()


def test_identity_is_shown_again_first(here):
    giver, taker = actor(here.cast["administrator"]), here.cast["other_teacher"]

    with pytest.raises(StepUpNeeded):
        grant_role(actor=giver, person_id=taker.pk, role=Role.REGISTRAR, reach=WHOLE_SCHOOL, term=term())


def test_nobody_gives_to_herself(here):
    with pytest.raises(NotToOneself):
        give(here.cast["administrator"], here.cast["administrator"])


def test_students_guardians_those_who_left_and_other_schools_are_not_there(here):
    left = PersonFactory(school=here.school, left_on=timezone.localdate())
    guardian = PersonFactory(school=here.school, is_guardian=True)
    for stranger in (here.cast["owner"], guardian, left, PersonFactory()):
        with pytest.raises(NotFound):
            give(here.cast["administrator"], stranger)


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        (Role.STUDENT, GrantScope.SCHOOL),
        (Role.GUARDIAN, GrantScope.SCHOOL),
        (Role.HOMEROOM, GrantScope.SCHOOL),
        (Role.COUNSELLOR, GrantScope.SCHOOL),
        (Role.REGISTRAR, GrantScope.CLASS),
        (Role.ADMINISTRATOR, GrantScope.STUDENTS),
    ],
)
def test_a_role_is_given_only_in_its_scopes(here, role, scope):
    reach = Reach(scope, here.own["ClassGroup"].pk, (here.cast["owner"].pk,))

    with pytest.raises(Invalid):
        give(here.cast["administrator"], here.cast["other_teacher"], role, reach)


@pytest.mark.parametrize(
    "during",
    [
        *(term(-1, 5), term(3, 2), term(0, 366), term(368, 370)),
        *(term(0, 5, reason=" \u200b\n"), term(0, 5, reason="長" * 201)),
    ],
    ids=["since yesterday", "backwards", "too long", "too far ahead", "no reason", "long reason"],
)
def test_days_and_reasons_that_cannot_be(here, during):
    with pytest.raises(Invalid):
        give(here.cast["administrator"], here.cast["other_teacher"], during=during)


def test_the_same_role_is_not_given_twice_at_once(here):
    giver, taker = here.cast["administrator"], here.cast["other_teacher"]
    give(giver, taker, during=term(0, 5))

    with pytest.raises(AlreadyHeld):
        give(giver, taker, during=term(5, 9))
    with pytest.raises(AlreadyHeld):
        give(giver, here.cast["registrar"])  # by the roster
    assert give(giver, taker, during=term(6, 9)).pk


def test_rows_of_another_school_cannot_be_a_scope(db):
    world = make_world()
    giver, taker = world.here.cast["administrator"], world.here.cast["other_teacher"]
    for reach in (
        Reach(GrantScope.CLASS, world.there.own["ClassGroup"].pk),
        Reach(GrantScope.STUDENTS, None, (world.here.cast["owner"].pk, world.there.cast["owner"].pk)),
    ):
        with pytest.raises(NotFound):
            give(giver, taker, Role.COUNSELLOR, reach)


def test_a_grant_that_lost_its_students_reaches_nobody(here):
    reach = Reach(GrantScope.STUDENTS, None, (here.cast["owner"].pk,))
    made = give(here.cast["administrator"], here.cast["other_teacher"], Role.DATA_QUERY, reach)

    made.students.clear()

    assert Role.DATA_QUERY not in actor(here.cast["other_teacher"]).roles


def test_a_role_ends_at_once_and_once(here):
    administrator, taker = here.cast["administrator"], here.cast["other_teacher"]
    made, later = give(administrator, taker), give(administrator, taker, Role.CURRICULUM, during=term(2, 5))

    for one in (made, later, made):
        end_grant(actor=fresh_actor(administrator), grant_id=one.pk)

    made.refresh_from_db()
    later.refresh_from_db()
    assert Role.REGISTRAR not in actor(taker).roles
    assert made.until == timezone.localdate() - DAY
    assert later.until < later.since
    assert AuditEntry.objects.filter(action="role.ended").count() == 2


def test_roster_roles_are_not_ended_by_hand(here):
    roster_role = here.cast["registrar"].roles.get()

    with pytest.raises(NotAllowed):
        end_grant(actor=fresh_actor(here.cast["administrator"]), grant_id=roster_role.pk)


def test_a_homeroom_teacher_names_a_deputy_of_her_own_class_only(here):
    by, to = here.cast["homeroom"], here.cast["other_teacher"]
    own, other = here.own["ClassGroup"], here.other["ClassGroup"]

    made = deputise_class(actor=fresh_actor(by), person_id=to.pk, class_id=own.pk, term=term())

    assert allows(actor(to), SEE, here.own["Outcome"])
    with pytest.raises(NotAllowed):
        deputise_class(actor=fresh_actor(by), person_id=to.pk, class_id=other.pk, term=term())
    with pytest.raises(Invalid):
        deputise_class(actor=fresh_actor(by), person_id=to.pk, class_id=own.pk, term=term(0, 60))
    with pytest.raises(Invalid):  # a deputy for next year is not named today
        deputise_class(actor=fresh_actor(by), person_id=to.pk, class_id=own.pk, term=term(61, 70))
    end_grant(actor=fresh_actor(by), grant_id=made.pk)
    assert not allows(actor(to), SEE, here.own["Outcome"])


def test_a_deputy_names_no_deputies_and_a_former_homeroom_teacher_ends_none(here):
    stand_in = here.cast["homeroom_deputy"]
    group = here.own["ClassGroup"]
    with pytest.raises(NotAllowed):
        deputise_class(
            actor=fresh_actor(stand_in),
            person_id=here.cast["other_teacher"].pk,
            class_id=group.pk,
            term=term(),
        )
    group.homeroom_teacher = here.cast["other_teacher"]
    group.save()

    with pytest.raises(NotFound):
        end_grant(actor=fresh_actor(here.cast["homeroom"]), grant_id=here.own["RoleGrant"].pk)


def test_a_teacher_and_the_curriculum_section_name_who_certifies(here):
    to, offering = here.cast["other_teacher"], here.own["Offering"]

    made = deputise_course(
        actor=fresh_actor(here.cast["teacher"]), person_id=to.pk, offering_id=offering.pk, term=term()
    )

    assert allows(actor(to), CERTIFY, here.own["Outcome"])
    with pytest.raises(AlreadyHeld):
        deputise_course(
            actor=fresh_actor(here.cast["curriculum"]),
            person_id=to.pk,
            offering_id=offering.pk,
            term=term(9, 12),
        )
    end_deputy(actor=fresh_actor(here.cast["curriculum"]), deputy_id=made.pk)
    assert not allows(actor(to), CERTIFY, here.own["Outcome"])
    assert [
        entry.action for entry in AuditEntry.objects.filter(action__startswith="deputy.").order_by("pk")
    ] == [
        "deputy.named",
        "deputy.ended",
    ]


def test_the_curriculum_section_replaces_a_teacher_who_left(here):
    offering = here.own["Offering"]
    offering.teachers.clear()

    made = deputise_course(
        actor=fresh_actor(here.cast["curriculum"]),
        person_id=here.cast["other_teacher"].pk,
        offering_id=offering.pk,
        term=term(),
    )

    assert made.granted_by == here.cast["curriculum"]


def test_deputies_of_courses_are_refused_as_roles_are(db):
    world = make_world()
    cast, offering = world.here.cast, world.here.own["Offering"]

    def name(by, to, at=offering, during=None):
        deputise_course(actor=fresh_actor(by), person_id=to.pk, offering_id=at.pk, term=during or term())

    before = CourseDeputy.objects.count()
    for refusal, arguments in (
        (NotAllowed, (cast["other_teacher"], cast["homeroom"])),
        (NotAllowed, (cast["course_deputy"], cast["homeroom"])),
        (NotAllowed, (cast["administrator"], cast["homeroom"])),
        (NotToOneself, (cast["curriculum"], cast["curriculum"])),
        (Invalid, (cast["curriculum"], cast["teacher"])),
        (NotFound, (cast["curriculum"], cast["owner"])),
        (NotFound, (cast["curriculum"], world.there.cast["teacher"])),
        (NotFound, (cast["curriculum"], cast["homeroom"], world.there.own["Offering"])),
        (Invalid, (cast["teacher"], cast["homeroom"], offering, term(0, 60))),
    ):
        with pytest.raises(refusal):
            name(*arguments)
    assert CourseDeputy.objects.count() == before


def test_a_deputyship_is_over_the_day_after(here):
    stand_in = deputy(here.cast["other_teacher"], here.own["Offering"]).deputy
    homeroom = grant(here.cast["curriculum"], Role.HOMEROOM, group=here.own["ClassGroup"]).person
    reached = [
        allows(actor(stand_in), CERTIFY, here.own["Outcome"]),
        allows(actor(homeroom), SEE, here.own["Outcome"]),
    ]

    with time_machine.travel(timezone.now() + DAY):
        later = [
            allows(actor(stand_in), CERTIFY, here.own["Outcome"]),
            allows(actor(homeroom), SEE, here.own["Outcome"]),
        ]

    assert (reached, later) == ([True, True], [False, False])


def test_pages_give_tell_and_end(here, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    administrator, holder = Client(), Client()
    administrator.force_login(here.cast["administrator"].user)
    holder.force_login(here.cast["other_teacher"].user)
    today = timezone.localdate()
    form = {
        "person_id": here.cast["other_teacher"].pk,
        "role": "registrar",
        "scope": "school",
        "reason": "支援註冊",
    }
    form |= {"since": today.isoformat(), "until": (today + DAY).isoformat()}

    unproven = administrator.post(reverse("people:grant"), form)
    fresh(administrator)
    refused = administrator.post(reverse("people:grant"), form | {"until": (today - DAY).isoformat()})
    given = administrator.post(reverse("people:grant"), form)
    home, own = holder.get(reverse("home")), holder.get(reverse("records:duties"))
    board = administrator.get(reverse("people:grants"))
    grant_id = RoleGrant.objects.get(role=Role.REGISTRAR, source=GrantSource.GRANTED).pk
    ended = administrator.post(reverse("people:end_grant", args=[grant_id]))

    assert unproven.headers["Location"].startswith(reverse("step_up"))
    assert (refused.status_code, given.status_code, ended.status_code) == (422, 302, 302)
    assert "1 項新的職務或代理" in home.content.decode()
    assert "支援註冊" in own.content.decode()
    assert "支援註冊" in board.content.decode()
    assert holder.get(reverse("people:grants")).status_code == 403
    assert Role.REGISTRAR not in actor(here.cast["other_teacher"]).roles


def test_a_teacher_names_a_deputy_on_her_page(here, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    client = Client()
    client.force_login(here.cast["teacher"].user)
    today = timezone.localdate()
    form = {"person_id": here.cast["homeroom"].pk, "offering_id": here.own["Offering"].pk, "reason": "病假"}
    form |= {"since": today.isoformat(), "until": today.isoformat()}

    named = fresh(client).post(reverse("records:name_deputy"), form)
    again = client.post(reverse("records:name_deputy"), form)
    page = client.get(reverse("records:deputies")).content.decode()

    assert (named.status_code, again.status_code) == (302, 422)
    assert "病假" in page
    assert here.other["Offering"].course.name not in page


def test_those_whom_a_page_would_offer_nothing_are_refused(here, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    client = Client()
    client.force_login(here.cast["counsellor"].user)

    statuses = [
        client.get(reverse(name)).status_code
        for name in ("people:grants", "records:deputies", "people:sessions")
    ]

    assert statuses == [403, 403, 403]


@pytest.mark.parametrize(
    ("role", "name", "says"),
    [
        (Role.TEACHER, "records:deputies", "這學期還沒有您任課的課程"),
        (Role.HOMEROOM, "people:grants", "這學年還沒有您的班級"),
    ],
)
def test_what_the_menu_offers_opens_before_courses_and_classes_come_in(here, settings, role, name, says):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    client = Client()
    client.force_login(PersonFactory(school=here.school, roles=[role]).user)

    answer = client.get(reverse(name))

    assert answer.status_code == 200
    page = answer.content.decode()
    assert says in page
    assert "<select" not in page


@pytest.mark.django_db(transaction=True)
def test_two_at_once_give_it_once():
    school = complete_school()
    giver, taker = school.cast["administrator"], school.cast["other_teacher"]
    barrier, refused = threading.Barrier(2), []

    def attempt():
        try:
            barrier.wait()
            give(giver, taker)
        except AlreadyHeld as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (
        len(refused),
        RoleGrant.objects.filter(role=Role.REGISTRAR, source=GrantSource.GRANTED).count(),
    ) == (1, 1)
