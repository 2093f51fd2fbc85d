"""Administrators are let at records only inside a timed session with a reason, which others can read."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import allows
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, StepUpNeeded
from licheng.school.outcomes.permissions import SEE
from licheng.school.people.models import StaffSession
from licheng.school.people.operations import close_staff_session, open_staff_session
from tests.factories import actor, fresh, fresh_actor
from tests.relations_world import staff_session
from tests.world import complete_school

RUNNING = "管理工作階段進行中"


@pytest.fixture
def here(db):
    return complete_school()


def begin(person, reason="回覆求助：成果打不開"):
    return open_staff_session(actor=fresh_actor(person), reason=reason)


def test_records_are_there_from_opening_to_closing(here):
    person, outcome = here.cast["administrator"], here.own["Outcome"]
    before = allows(actor(person), SEE, outcome)

    session = begin(person)
    inside = allows(actor(person), SEE, outcome)
    close_staff_session(actor=actor(person), session_id=session.pk)

    assert (before, inside, allows(actor(person), SEE, outcome)) == (False, True, False)


def test_a_session_is_over_by_itself(here):
    begin(here.cast["administrator"])

    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert actor(here.cast["administrator"]).staff_session_id is None


def test_a_new_session_ends_the_one_before(here):
    first, second = begin(here.cast["administrator"]), begin(here.cast["administrator"], "另一件事")

    first.refresh_from_db()
    assert first.closed_at is not None
    assert actor(here.cast["administrator"]).staff_session_id == second.pk
    acts = AuditEntry.objects.filter(action__startswith="staff_session.").order_by("pk")
    assert list(acts.values_list("action", "subject_id")) == [
        ("staff_session.opened", str(first.pk)),
        ("staff_session.closed", str(first.pk)),
        ("staff_session.opened", str(second.pk)),
    ]


def test_only_administrators_who_showed_their_identity_and_say_why(here):
    with pytest.raises(NotAllowed):
        begin(here.cast["registrar"])
    with pytest.raises(StepUpNeeded):
        open_staff_session(actor=actor(here.cast["administrator"]), reason="查修")
    for reason in ("", " \u200b", "長" * 201):
        with pytest.raises(Invalid):
            begin(here.cast["administrator"], reason)
    assert not actor(here.cast["administrator"]).staff_session_id


def test_nobody_closes_somebody_elses_session(here):
    session = staff_session(here.cast["administrator"])

    with pytest.raises(NotAllowed):
        close_staff_session(actor=actor(here.cast["administrator_after_session"]), session_id=session.pk)
    with pytest.raises(NotFound):
        close_staff_session(actor=actor(here.cast["registrar"]), session_id=session.pk)


def test_a_role_that_ended_takes_its_session_along(here):
    person = here.cast["administrator"]
    begin(person)

    person.roles.update(
        until=timezone.localdate() - timedelta(days=1), since=timezone.localdate() - timedelta(days=9)
    )

    assert not allows(actor(person), SEE, here.own["Outcome"])


def test_the_working_group_reads_what_was_looked_at(here, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    administrator, reader = Client(), Client()
    administrator.force_login(here.cast["administrator"].user)
    reader.force_login(here.cast["working_group"].user)
    page = reverse("people:sessions")

    outside = administrator.get(reverse("outcomes:detail", args=[here.own["Outcome"].pk]))
    unproven = administrator.post(page, {"reason": "查修"})
    opened = fresh(administrator).post(page, {"reason": "回覆求助"})
    seen = administrator.get(reverse("outcomes:detail", args=[here.own["Outcome"].pk]))
    session = StaffSession.objects.get(person=here.cast["administrator"])
    told = reader.get(reverse("people:session", args=[session.pk]))

    assert (outside.status_code, opened.status_code, seen.status_code) == (404, 302, 200)
    assert unproven.headers["Location"].startswith(reverse("step_up"))
    assert here.cast["owner"].name in told.content.decode()
    assert "回覆求助" in reader.get(page).content.decode()
    assert reader.post(page, {"reason": "我也要"}).status_code == 403


def test_a_running_session_is_on_every_page_of_its_administrator_and_costs_nothing(here, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    person, page = here.cast["administrator"], reverse("people:grants")
    client, other = Client(), Client()
    client.force_login(person.user)
    other.force_login(here.cast["administrator_after_session"].user)
    client.get(page)
    with CaptureQueriesContext(connection) as before:
        outside = client.get(page)

    session = begin(person)
    with CaptureQueriesContext(connection) as during:
        inside = client.get(page)
    not_there, elsewhere = client.get(reverse("people:student", args=[0])), other.get(page)
    ended = client.post(reverse("people:close_session", args=[session.pk]), follow=True)

    until = f"{timezone.localtime(session.expires_at):%H:%M}"
    assert f"{RUNNING}，到 {until} 為止" in inside.content.decode()
    assert [link in inside.content.decode() for link in (
        reverse("people:session", args=[session.pk]), reverse("people:close_session", args=[session.pk]),
    )] == [True, True]  # fmt: skip
    assert RUNNING in not_there.content.decode()
    assert [RUNNING in one.content.decode() for one in (outside, elsewhere, ended)] == [False] * 3
    assert len(during) == len(before)
