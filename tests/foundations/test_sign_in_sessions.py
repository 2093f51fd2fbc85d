"""How long a session lasts, where an account is signed in, and ending what should end; and the gate's order."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.accounts import gate
from licheng.foundations.accounts.operations import end_sessions, forget_sign_ins
from licheng.foundations.accounts.queries import browser_in_words, sessions_of
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.school.people.models import Role
from tests.factories import PersonFactory, StudentFactory, actor
from tests.foundations.showing import proved
from tests.foundations.signing import PASSWORD, is_in, person_with_password, sign_in

pytestmark = pytest.mark.django_db
PAGE = "account"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.fixture
def person():
    return person_with_password()


def browser(person, **more):
    client = Client(**more)
    assert sign_in(client, person).status_code == 302
    return client


def opens(client):
    return client.get(reverse(PAGE)).status_code == 200


def leads_to(client, name):
    """Where the gate sends somebody, without the way back."""
    return client.get(reverse(name))["Location"].partition("?")[0]


def staff(client):
    member = PersonFactory(roles=[Role.TEACHER])
    client.force_login(member.user)
    assert opens(client)  # a session of `force_login` begins with its first request
    return client


@pytest.mark.parametrize(
    ("who", "idle", "absolute"), [("student", 60, 12 * 60), ("staff", 30, 9 * 60)], ids=["student", "staff"]
)
def test_a_session_ends_after_being_idle_and_in_any_case_after_some_hours(
    client, person, who, idle, absolute
):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        session = browser(person) if who == "student" else staff(client)
        clock.shift(timedelta(minutes=idle))
        assert opens(session)
        clock.shift(timedelta(minutes=idle, seconds=1))
        assert not opens(session)
        assert not is_in(session)

        again = browser(person) if who == "student" else staff(Client())
        for _part in range(absolute // idle):  # up to the last second
            clock.shift(timedelta(minutes=idle))
            assert opens(again)
        clock.shift(timedelta(seconds=61))
        assert not opens(again)


def test_words_sent_after_the_session_ran_out_are_given_back(person):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        session = browser(person)
        opens(session)
        clock.shift(timedelta(minutes=61))
        answer = session.post(reverse("email"), {"note": "寫了半小時的簡述"})

    assert (answer.status_code, "寫了半小時的簡述" in answer.content.decode()) == (401, True)


def test_a_session_is_written_at_most_once_a_minute(person):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        session = browser(person)
        opens(session)
        for seconds, is_seen in ((59, False), (2, True), (30, False)):
            before = UserSession.objects.get().last_seen_at
            clock.shift(timedelta(seconds=seconds))
            opens(session)
            assert (UserSession.objects.get().last_seen_at > before) is is_seen


def test_the_gate_asks_the_database_nothing_more_on_every_page(
    client, django_assert_num_queries, monkeypatch
):
    student = StudentFactory()
    client.force_login(student.user)
    opens(client)
    request, here = _request_of(client, student), actor(student)
    with django_assert_num_queries(0):
        assert not gate.end_when_over(request, here)
        assert gate.pending_step(request) is None


def _request_of(client, student):
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.session, request.user, request.actor = client.session, student.user, actor(student)
    request.session.items()
    return request


def test_a_raised_epoch_signs_every_session_out(person):
    one, two = browser(person), browser(person)
    assert opens(one)
    assert opens(two)

    end_sessions(actor=Actor.system("test"), user=person.user)

    assert not opens(one)
    assert not opens(two)
    assert not UserSession.objects.exists()


def test_a_session_without_row_dies_with_the_epoch_too(client, person):
    client.force_login(person.user)
    assert opens(client)

    end_sessions(actor=Actor.system("test"), user=person.user)

    assert not opens(client)


def test_one_session_is_kept_while_the_others_end(person):
    here, there = browser(person), browser(person)
    opens(here)

    ended = end_sessions(actor=actor(person), user=person.user, keep_session_key=here.session.session_key)

    assert (ended, opens(here), opens(there)) == (1, True, False)
    entry = AuditEntry.objects.filter(action="account.sessions_ended").latest("pk")
    assert entry.data["ended"] == 1


def test_the_list_names_browsers_in_plain_words_and_marks_this_one(person):
    here = browser(person, headers={"user-agent": CHROME}, REMOTE_ADDR="192.0.2.7")
    browser(person, headers={"user-agent": "curl/8"}, REMOTE_ADDR="2001:db8::5")

    page = here.get(reverse("sessions")).content.decode()

    for words in ("Windows 電腦，Chrome", "這個裝置", "192.0.2.7", "不認得的程式", "2001:db8::", "12 小時"):
        assert words in page


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Windows 電腦，Chrome"),
        (f"{CHROME} Edg/140.0", "Windows 電腦，Edge"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "iPhone，Safari",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Android 手機或平板，Chrome"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Linux 電腦，Firefox"),
        ("<script>alert(1)</script>", "不認得的程式"),
        ("", "不認得的程式"),
    ],
)
def test_browsers_in_words(agent, words):
    assert browser_in_words(agent) == words


def test_the_list_costs_the_same_for_one_session_and_for_six(person, django_assert_num_queries):
    for number in (1, 6):
        while UserSession.objects.filter(user=person.user).count() < number:
            browser(person)
        with django_assert_num_queries(2):
            assert len(sessions_of(person.user, "")) == number


def test_one_ends_one_of_ones_own_sessions(person):
    here, there = browser(person), browser(person)
    other = UserSession.objects.get(session_key=there.session.session_key)

    answer = here.post(reverse("session_end", args=[other.pk]))

    assert (answer["Location"], opens(here), opens(there)) == (reverse("sessions"), True, False)


def test_ending_this_session_leads_to_the_sign_in_page(person):
    here = browser(person)
    own = UserSession.objects.get()

    answer = here.post(reverse("session_end", args=[own.pk]))

    assert (answer["Location"], is_in(here)) == (reverse("sign_in"), False)


def test_the_session_of_somebody_else_is_not_there(person):
    classmate = person_with_password(StudentFactory(school=person.school))
    here, theirs = browser(person), browser(classmate)
    row = UserSession.objects.get(user=classmate.user)

    assert here.post(reverse("session_end", args=[row.pk])).status_code == NotFound.status
    assert opens(theirs)


def test_ending_others_and_ending_all(person):
    here, there = browser(person), browser(person)
    here.post(reverse("sessions_end_others"))
    assert (opens(here), opens(there)) == (True, False)

    third = browser(person)
    answer = here.post(reverse("sessions_end_all"))
    assert (answer["Location"], opens(here), opens(third)) == (reverse("sign_in"), False, False)


def test_a_session_left_open_ends_itself_and_no_other(person):
    here, there = proved(browser(person), person, "password", ago=660), browser(person)
    other = UserSession.objects.get(session_key=there.session.session_key)
    own = UserSession.objects.get(session_key=here.session.session_key)

    for address in (
        reverse("session_end", args=[other.pk]),
        reverse("sessions_end_others"),
        reverse("sessions_end_all"),
    ):
        assert here.post(address).url.startswith(reverse("step_up"))
    assert opens(there)
    assert here.post(reverse("session_end", args=[own.pk])).url == reverse("sign_in")


def test_sessions_are_ended_by_buttons_only(person):
    here = browser(person)
    own = UserSession.objects.get()

    for address in (reverse("session_end", args=[own.pk]), reverse("sessions_end_all")):
        assert here.get(address).status_code == 405
    assert opens(here)


def test_another_password_ends_the_other_sessions_and_is_written_to_the_owner(person):
    EmailAddress.objects.create(user=person.user, email="a@example.tw", verified=True, primary=True)
    here, there = browser(person), browser(person)
    new = "quite another sentence 2026"

    answer = here.post(reverse("password"), {"old": PASSWORD, "new": new, "again": new})

    assert (answer.status_code, opens(here), opens(there)) == (302, True, False)
    assert [letter.to for letter in mail.outbox] == [["a@example.tw"]]
    assert [line.is_here for line in sessions_of(person.user, here.session.session_key)] == [True]
    assert sign_in(Client(), person, new).status_code == 302


@pytest.mark.parametrize(
    "sent",
    [
        {"old": "wrong"},
        {"new": "short", "again": "short"},
        {"again": "other"},
        {"new": PASSWORD, "again": PASSWORD},
    ],
)
def test_a_refused_password_changes_nothing(person, sent):
    here, there = browser(person), browser(person)
    good = {"old": PASSWORD, "new": "quite another sentence", "again": "quite another sentence"}

    assert here.post(reverse("password"), {**good, **sent}).status_code == 422
    assert opens(there)
    assert sign_in(Client(), person).status_code == 302


def test_the_gate_asks_step_by_step_and_lets_nobody_past(person):
    user = person.user
    user.without_email_at = None
    user.save()
    session = browser(person)

    assert [leads_to(session, name) for name in ("sessions", "password")] == [reverse("email")] * 2
    assert session.get(reverse("email")).status_code == 200
    user.without_email_at = timezone.now()
    user.save()
    assert opens(session)


def test_staff_set_up_a_second_factor_before_anything_else():
    teacher = person_with_password(PersonFactory(roles=[Role.TEACHER]))
    session = browser(teacher)

    for name in ("account", "sessions", "home", "people:classes"):
        assert leads_to(session, name) == reverse("factors")


def test_sessions_that_are_over_leave_no_rows(person):
    browser(person)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert sessions_of(person.user, "") == []
    forget_sign_ins(actor=Actor.system("clock"))
    assert (Session.objects.count(), UserSession.objects.count()) == (0, 0)
