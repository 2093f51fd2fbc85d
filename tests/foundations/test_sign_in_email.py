"""An account's address, and opening the account again by it; neither tells a stranger anything."""

import re
import smtplib
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_ox.models import OxTask

from licheng.foundations.accounts import tasks
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.queries import email_of
from licheng.foundations.audit.models import AuditEntry
from licheng.school.people.models import Person
from tests import factories
from tests.factories import StudentFactory
from tests.foundations.signing import fail, is_in, person_with_password, sign_in

pytestmark = pytest.mark.django_db
ADDRESS = "mei@example.tw"
NEW = "quite another sentence 2026"


@pytest.fixture
def person():
    made = person_with_password(StudentFactory(email="from-the-roster@example.tw"))
    made.user.without_email_at = None
    made.user.save()
    return made


@pytest.fixture
def signed_in(client, person):
    sign_in(client, person)
    return client


def with_address(person, address=ADDRESS):
    EmailAddress.objects.create(user=person.user, email=address, verified=True, primary=True)
    return person


def code_of_last_letter():
    return re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]


def link_of_last_letter():
    return re.search(r"http://127\.0\.0\.1:8000(/\S+)", mail.outbox[-1].body)[1]


def give_address(client, address=ADDRESS, code=None):
    client.post(reverse("email"), {"email": address})
    return client.post(reverse("email_code"), {"code": code or code_of_last_letter()})


def ask(person, client=None):
    """The answer to asking for a link."""
    sent = {"school": person.school.code, "account": person.account}
    return (client or Client()).post(reverse("forgot"), sent)


def letter_for(person):
    """How many letters the worker writes when it is asked to."""
    before = len(mail.outbox)
    tasks.send_reset_link.func(user_id=person.user.pk)
    return len(mail.outbox) - before


def test_after_signing_in_an_address_is_asked_for_and_the_rosters_is_offered(signed_in):
    assert signed_in.get(reverse("account"))["Location"].startswith(reverse("email"))
    assert 'value="from-the-roster@example.tw"' in signed_in.get(reverse("email")).content.decode()


def test_the_step_of_the_address_leads_on_inside_this_site_alone(signed_in):
    ways = {"/sessions/?a=1": "/sessions/?a=1"}
    ways |= dict.fromkeys(
        ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:a()"), "/"
    )

    for asked, led in ways.items():
        signed_in.get(reverse("email"), {"next": asked})
        assert signed_in.post(reverse("email_none"))["Location"] == led, asked


def test_a_code_confirms_the_address(signed_in, person):
    answer = give_address(signed_in, "Mei@Example.tw")

    assert (answer.status_code, email_of(person.user)) == (302, ADDRESS)
    assert mail.outbox[0].to == [ADDRESS]
    assert signed_in.get(reverse("account")).status_code == 200
    entry = AuditEntry.objects.get(action="account.email_verified")
    assert ADDRESS not in str(entry.data)
    assert code_of_last_letter() not in str(dict(signed_in.session.items()))


@pytest.mark.parametrize("code", ["000000", "abc", "", "0000000", "１２３４５６"])
def test_a_wrong_code_confirms_nothing(signed_in, person, code):
    signed_in.post(reverse("email"), {"email": ADDRESS})
    if code == code_of_last_letter():
        pytest.fail("one in a million")

    assert signed_in.post(reverse("email_code"), {"code": code}).status_code == 422
    assert email_of(person.user) == ""


def test_five_wrong_codes_close_the_letter(signed_in, person):
    signed_in.post(reverse("email"), {"email": ADDRESS})
    right = code_of_last_letter()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _time in range(5):
        assert signed_in.post(reverse("email_code"), {"code": wrong}).status_code == 422

    assert signed_in.post(reverse("email_code"), {"code": right}).status_code == 429
    assert email_of(person.user) == ""


def test_a_code_is_good_for_a_quarter_of_an_hour_and_one_address(signed_in, person):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        signed_in.post(reverse("email"), {"email": ADDRESS})
        code = code_of_last_letter()
        clock.shift(timedelta(minutes=16))
        assert signed_in.post(reverse("email_code"), {"code": code})["Location"] == reverse("email")

    signed_in.post(reverse("email"), {"email": "other@example.tw"})
    if code != code_of_last_letter():
        assert signed_in.post(reverse("email_code"), {"code": code}).status_code == 422


def test_six_letters_an_hour_and_no_more(signed_in):
    statuses = [signed_in.post(reverse("email"), {"email": ADDRESS}).status_code for _time in range(7)]

    assert statuses == [302] * 6 + [429]


def test_a_mail_server_that_is_away_is_said_and_nothing_is_kept(signed_in, monkeypatch):
    def away(*_given):
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(EmailBackend, "send_messages", away)

    answer = signed_in.post(reverse("email"), {"email": ADDRESS})

    assert (answer.status_code, "寄不出信" in answer.content.decode()) == (503, True)
    assert "email_waiting" not in signed_in.session


def test_brothers_and_sisters_share_an_address(signed_in, person):
    with_address(person_with_password())

    assert give_address(signed_in).status_code == 302
    assert EmailAddress.objects.filter(email=ADDRESS, verified=True).count() == 2


def test_somebody_without_address_says_so_once_and_can_add_one_later(signed_in, person):
    signed_in.post(reverse("email_none"))

    page = signed_in.get(reverse("account"))
    assert (page.status_code, "表明沒有電子郵件" in page.content.decode()) == (200, True)
    assert AuditEntry.objects.filter(action="account.without_email").count() == 1
    give_address(factories.fresh(signed_in))
    person.user.refresh_from_db()
    assert (email_of(person.user), person.user.without_email_at) == (ADDRESS, None)


def test_who_has_an_address_cannot_say_there_is_none(signed_in, person):
    with_address(person)

    assert signed_in.post(reverse("email_none")).status_code == 422


@pytest.mark.parametrize("has", ["address", "none"])
def test_an_open_session_alone_does_not_change_the_way_back_in(client, person, has):
    if has == "address":
        with_address(person)
    else:
        User.objects.filter(pk=person.user.pk).update(without_email_at=timezone.now())
    client.force_login(person.user)

    answer = client.post(reverse("email"), {"email": "thief@example.tw"})

    assert answer.status_code in {302, 403}
    assert reverse("email_code") not in answer.headers.get("Location", "")
    assert mail.outbox == []


def test_a_changed_address_is_told_to_the_old_and_the_new(client, person, django_capture_on_commit_callbacks):
    with_address(person, "old@example.tw")
    client.force_login(person.user)
    factories.fresh(client)
    with django_capture_on_commit_callbacks(execute=True):
        give_address(client)

    assert email_of(person.user) == ADDRESS
    assert [letter.to for letter in mail.outbox[1:]] == [["old@example.tw"], [ADDRESS]]


def becomes_unknown(person):
    person.account = "nobody"


def becomes_without_address(person):
    EmailAddress.objects.all().delete()


def becomes_left(person):
    Person.objects.filter(pk=person.pk).update(left_on="2026-06-30")


def becomes_closed(person):
    User.objects.filter(pk=person.user.pk).update(is_active=False)


def becomes_without_password(person):
    person.user.set_unusable_password()
    person.user.save()


NOBODY = [becomes_unknown, becomes_without_address, becomes_left, becomes_closed, becomes_without_password]


@pytest.mark.parametrize("becomes", [None, *NOBODY])
def test_asking_answers_the_same_with_the_same_work(
    person, becomes, django_capture_on_commit_callbacks, monkeypatch
):
    with_address(person)
    if becomes:
        becomes(person)
    client = Client()
    client.get(reverse("forgot"))
    with CaptureQueriesContext(connection) as asked, django_capture_on_commit_callbacks(execute=True):
        answer = ask(person, client)

    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    assert (answer.status_code, "如果這個帳號存在" in page, person.account in page) == (200, True, False)
    assert OxTask.objects.filter(task_path__contains="send_reset_link").count() == 1
    assert len(asked) == 8
    assert letter_for(person) == (0 if becomes and becomes is not becomes_unknown else 1)


def test_a_link_sets_a_password_once_and_ends_everything_else(person, django_capture_on_commit_callbacks):
    with_address(person)
    known = Client()
    sign_in(known, person)
    fail(Client(), person, 5)
    letter_for(person)
    link, stranger = link_of_last_letter(), Client()

    assert stranger.get(link)["Location"] == reverse("reset_password")
    assert stranger.get(reverse("reset_password")).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        answer = stranger.post(reverse("reset_password"), {"new": NEW, "again": NEW})

    assert (answer["Location"], is_in(stranger)) == (reverse("sign_in"), False)
    assert known.get(reverse("account")).status_code == 302
    assert sign_in(Client(), person, NEW).status_code == 302
    assert "重新設定" in mail.outbox[-1].subject
    again = Client()
    again.get(link)
    assert again.post(reverse("reset_password"), {"new": f"{NEW}!", "again": f"{NEW}!"}).status_code == 422
    person.user.refresh_from_db()
    assert person.user.check_password(NEW)
    assert person.user.epoch == 1


def test_looking_at_a_link_uses_nothing_up_and_a_bad_password_neither(person):
    with_address(person)
    letter_for(person)
    link, stranger = link_of_last_letter(), Client()
    for _look in range(3):
        stranger.get(link)
        stranger.get(reverse("reset_password"))

    for bad in ("short", "password1234", ""):
        assert stranger.post(reverse("reset_password"), {"new": bad, "again": bad}).status_code == 422
    assert stranger.post(reverse("reset_password"), {"new": NEW, "again": NEW}).status_code == 302


def changed_password(person):
    person.user.set_password("somebody was faster")
    person.user.save()


def changed_address(person):
    EmailAddress.objects.filter(user=person.user).update(email="other@example.tw")


def raised_epoch(person):
    User.objects.filter(pk=person.user.pk).update(epoch=7)


@pytest.mark.parametrize(
    "then", [changed_password, changed_address, raised_epoch, becomes_left, becomes_closed, None]
)
def test_a_link_dies_with_what_it_was_made_for(person, then):
    with_address(person)
    stranger = Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        letter_for(person)
        clock.shift(timedelta(minutes=29 if then else 31))
        if then:
            then(person)
        stranger.get(link_of_last_letter())
        answer = stranger.post(reverse("reset_password"), {"new": NEW, "again": NEW})

    assert (answer.status_code, "已經用過或過期" in answer.content.decode()) == (422, True)
    person.user.refresh_from_db()
    assert not person.user.check_password(NEW)


@pytest.mark.parametrize(("minutes", "status"), [(29, 302), (31, 422)])
def test_a_link_is_good_until_its_window_is_over(person, minutes, status):
    with_address(person)
    stranger = Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        letter_for(person)
        stranger.get(link_of_last_letter())  # opened in time: the window ends on the page too
        clock.shift(timedelta(minutes=minutes))
        answer = stranger.post(reverse("reset_password"), {"new": NEW, "again": NEW})

    assert answer.status_code == status
    person.user.refresh_from_db()
    assert person.user.check_password(NEW) is (status == 302)


def test_opening_made_up_links_makes_no_sessions_without_bound(db):
    statuses = [Client().head(reverse("reset", args=["1-x"])).status_code for _time in range(322)]

    assert statuses == [302] * 320 + [429] * 2
    assert Session.objects.count() == 320
    assert Client(REMOTE_ADDR="198.51.100.1").get(reverse("reset", args=["1-x"])).status_code == 302


@pytest.mark.parametrize("token", ["x", "1-x", "zzzzzzzzzzzzzz-x-y", "-", "1", "%00-a", "9" * 300])
def test_made_up_links_are_refused_in_the_same_words(client, db, token):
    client.get(f"/forgotten/{token}/")

    answer = client.post(reverse("reset_password"), {"new": NEW, "again": NEW})

    assert (answer.status_code, "已經用過或過期" in answer.content.decode()) == (422, True)


def test_asking_is_limited_for_accounts_that_do_not_exist_too(person):
    for account in (person.account, "nobody"):
        person.account = account
        assert [ask(person).status_code for _time in range(4)] == [200, 200, 200, 429]


def test_the_outbox_shows_letters_newest_first_as_text(client, settings):
    settings.MAIL_ROOT.mkdir()
    for number, body in ((1, "first"), (2, "<script>alert(1)</script>")):
        path = settings.MAIL_ROOT / f"2026112{number}-000000-1.log"
        message = mail.EmailMessage(f"題目{number}", body, "a@example.tw", ["b@example.tw"]).message()
        path.write_bytes(message.as_bytes() + b"\n" + b"-" * 79 + b"\n")

    page = client.get(reverse("outbox")).content.decode()

    assert "<script>alert" not in page
    assert page.index("題目2") < page.index("題目1")
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"EMBEDDED": False},
        {"PUBLIC_URL": "https://school.example.tw"},
        {"LICHENG_MAIL": "smtps://mail.example.tw"},
    ],
)
def test_the_outbox_is_not_there_anywhere_else(client, settings, elsewhere):
    for name, value in elsewhere.items():
        setattr(settings, name, value)

    assert client.get(reverse("outbox")).status_code == 404
    assert reverse("outbox") not in client.get(reverse("sign_in")).content.decode()
