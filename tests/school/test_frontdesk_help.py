"""The help desk: whoever asks follows a secret address, staff answer, and nothing personal is asked or told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from licheng.foundations import keys
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotAllowed, NotFound, WrongState
from licheng.school.frontdesk.addresses import digest_of, secret_of
from licheng.school.frontdesk.errors import HoldsIdNumber, HoldsPassword, TextMissing
from licheng.school.frontdesk.models import HelpReply, HelpRequest
from licheng.school.frontdesk.operations import (
    answer_question,
    ask_question,
    close_own_question,
    close_question,
    discard_question,
    follow_question,
    reopen_question,
)
from licheng.school.frontdesk.reading import refuse_secrets
from licheng.school.frontdesk.tasks import tell_asker
from licheng.school.people.models import Role
from tests.factories import PersonFactory, SchoolFactory, StudentFactory, actor

QUESTION = {"name": "王同學", "email": "w@example.org", "subject": "不能登入", "body": "換了手機"}
SENT = QUESTION | {"proof": "not checked"}


@pytest.fixture
def school(db):
    return SchoolFactory()


@pytest.fixture
def desk(school):
    return PersonFactory(school=school, roles=[Role.REGISTRAR])


@pytest.fixture
def stranger(school):
    return Actor.system("stranger:help", school.pk)


def asked(who, school, **more):
    return ask_question(actor=who, school_id=school.pk, **(QUESTION | more))


@pytest.fixture
def proven(settings):
    """No proof of work is checked here; the proof itself is tested where it lives."""
    settings.ALTCHA_VERIFICATION_ENABLED = False


def test_a_stranger_follows_the_thread_by_a_secret_that_the_database_does_not_hold(
    school, desk, stranger, client
):
    question = asked(stranger, school)
    secret = secret_of(question.pk)

    answer_question(actor=actor(desk), question_id=question.pk, body="請到註冊組")

    page = client.get(f"/help/thread/{secret}/")
    assert "請到註冊組" in page.content.decode()
    assert desk.name not in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    stored = "".join(
        str(value) for value in HelpRequest.objects.filter(pk=question.pk).values().get().values()
    )
    assert secret not in stored
    assert question.digest == digest_of(secret)


@pytest.mark.parametrize("tail", ["", "x", "A" * 43, "A" * 500])
def test_a_wrong_secret_finds_nothing(school, stranger, client, tail):
    question = asked(stranger, school)
    wrong = (secret_of(question.pk) + tail) if tail == "x" else (tail or secret_of(uuid4()))

    assert client.get(f"/help/thread/{wrong}/").status_code == 404
    assert client.post(f"/help/thread/{wrong}/", {"act": "close"}).status_code == 404


def test_the_asker_says_more_and_ends_it_and_the_desk_may_open_it_again(school, desk, stranger):
    question = asked(stranger, school)
    secret = secret_of(question.pk)
    answer_question(actor=actor(desk), question_id=question.pk, body="請再試")

    assert (
        follow_question(actor=stranger, question_id=question.pk, secret=secret, body="還是不行").state
        == "open"
    )
    assert close_own_question(actor=stranger, question_id=question.pk, secret=secret).state == "closed"
    with pytest.raises(WrongState):
        follow_question(actor=stranger, question_id=question.pk, secret=secret, body="又")
    with pytest.raises(WrongState):
        answer_question(actor=actor(desk), question_id=question.pk, body="晚了")
    assert reopen_question(actor=actor(desk), question_id=question.pk).state == "open"
    assert close_question(actor=actor(desk), question_id=question.pk).state == "closed"


def test_an_id_without_its_secret_opens_nothing(school, stranger):
    question, other = asked(stranger, school), asked(stranger, school)

    for secret in (secret_of(other.pk), "", "wrong"):
        with pytest.raises(NotFound):
            follow_question(actor=stranger, question_id=question.pk, secret=secret, body="補充")
    elsewhere = Actor.system("stranger:help", SchoolFactory().pk)
    with pytest.raises(NotFound):
        close_own_question(actor=elsewhere, question_id=question.pk, secret=secret_of(question.pk))


def test_people_see_their_own_questions_and_staff_those_of_their_school(school, desk):
    student, classmate = StudentFactory(school=school), StudentFactory(school=school)
    question = asked(actor(student), school)
    there = PersonFactory(roles=[Role.REGISTRAR])

    follow_question(actor=actor(student), question_id=question.pk, body="補充")
    with pytest.raises(NotFound):
        follow_question(actor=actor(classmate), question_id=question.pk, body="補充")
    with pytest.raises(NotAllowed):
        answer_question(actor=actor(student), question_id=question.pk, body="自答")
    for act in (close_question, reopen_question, discard_question):
        with pytest.raises(NotFound):
            act(actor=actor(there), question_id=question.pk)
    with pytest.raises(NotFound):
        asked(actor(there), school)


def test_what_is_no_question_is_deleted_and_the_audit_says_so(school, desk, stranger):
    question = asked(stranger, school)

    discard_question(actor=actor(desk), question_id=question.pk)

    assert not HelpReply.objects.exists()
    entry = AuditEntry.objects.get(action="help.discarded")
    assert (entry.subject_id, entry.data) == (str(question.pk), {"state": "open", "messages": 1})
    with pytest.raises(NotFound):
        discard_question(actor=actor(desk), question_id=question.pk)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("我的身分證是A123456789", HoldsIdNumber),
        ("a 123 456 789 幫我查", HoldsIdNumber),
        ("Ａ１２３４５６７８９", HoldsIdNumber),
        ("居留證 A800000014", HoldsIdNumber),
        ("我的密碼是 hunter2hunter", HoldsPassword),
        ("password: Secret-1234", HoldsPassword),
        ("啟用碼：ABCD-EFGH", HoldsPassword),
        ("", TextMissing),
        ("\u200b\u0000", TextMissing),
        ("字" * 2001, TextMissing),
    ],
)
def test_texts_that_the_desk_does_not_take(school, stranger, text, refusal):
    with pytest.raises(refusal):
        asked(stranger, school, body=text)

    assert not HelpRequest.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "學號 1150123 登不進去",
        "A123456788 不是證號",
        "忘記密碼怎麼辦",
        "密碼是不是要 12 個字",
        "訂單 AB1234567890",
    ],
)
def test_texts_that_only_look_alike_pass(text):
    refuse_secrets(text)


def test_the_letter_names_the_address_and_nothing_of_the_thread(school, desk, stranger, settings):
    settings.PUBLIC_URL = "https://school.example"
    question = asked(stranger, school)
    answer_question(actor=actor(desk), question_id=question.pk, body="請到註冊組")

    assert tell_asker.func(school_id=school.pk, question_id=str(question.pk)) == "sent"

    (letter,) = mail.outbox
    assert letter.to == ["w@example.org"]
    assert f"https://school.example/help/thread/{secret_of(question.pk)}/" in letter.body
    assert not {word for word in ("註冊組", "王同學", "不能登入") if word in letter.body + letter.subject}


def test_the_letter_still_names_the_address_after_the_index_key_was_changed(school, desk, stranger, client):
    question = asked(stranger, school)
    address = f"/help/thread/{secret_of(question.pk)}/"
    keys.add_key("index")
    answer_question(actor=actor(desk), question_id=question.pk, body="請到註冊組")

    assert tell_asker.func(school_id=school.pk, question_id=str(question.pk)) == "sent"

    assert address in mail.outbox[0].body
    assert client.get(address).status_code == 200


def test_nobody_is_written_to_who_left_no_address(school, stranger):
    question = asked(stranger, school, email="")

    assert tell_asker.func(school_id=school.pk, question_id=str(question.pk)) == "nobody"
    assert tell_asker.func(school_id=school.pk, question_id=str(uuid4())) == "nobody"
    assert mail.outbox == []


def test_a_stranger_asks_on_the_page(client, school, proven):
    answer = client.post(f"/at/{school.code}/help/", SENT)

    question = HelpRequest.objects.get()
    assert answer.url == f"/help/thread/{secret_of(question.pk)}/"
    assert (question.name, question.person_id, question.school_id) == ("王同學", None, school.pk)
    assert client.post(answer.url, {"act": "follow", "body": "補充"}).status_code == 302
    assert client.post(answer.url, {"act": "close"}).status_code == 302
    assert HelpRequest.objects.get().state == "closed"


def test_without_a_proof_of_work_nothing_is_taken(client, school):
    answer = client.post(f"/at/{school.code}/help/", QUESTION)

    assert answer.status_code == 422
    assert "我不是機器人" in answer.content.decode()
    assert not HelpRequest.objects.exists()


def test_one_address_cannot_flood_a_desk(client, school, proven, time_machine):
    where = f"/at/{school.code}/help/"
    answers = [client.post(where, SENT).status_code for _number in range(31)]

    assert answers == [302] * 30 + [429]
    time_machine.move_to(timezone.now() + timedelta(hours=1, seconds=1))
    assert client.post(where, SENT).status_code == 302


def test_the_page_refuses_files_and_numbers_and_keeps_what_was_typed(client, school, proven, tmp_path):
    where = f"/at/{school.code}/help/"
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")

    with (tmp_path / "a.pdf").open("rb") as file:
        refused = [
            client.post(where, SENT | {"file": file}),
            client.post(where, SENT | {"body": "A123456789"}),
        ]

    assert [answer.status_code for answer in refused] == [422, 422]
    assert "不收檔案" in refused[0].content.decode()
    assert "A123456789" in refused[1].content.decode()
    assert not HelpRequest.objects.exists()


def test_a_name_longer_than_strangers_may_give_keeps_nobody_from_asking(client, school):
    client.force_login(StudentFactory(school=school, name="Maria " * 20).user)

    assert client.post(f"/at/{school.code}/help/", SENT).status_code == 302


def test_somebody_signed_in_asks_by_name_without_proof(client, school):
    student = StudentFactory(school=school)
    client.force_login(student.user)

    answer = client.post(f"/at/{school.code}/help/", {"subject": "選課", "body": "看不到課程"})

    question = HelpRequest.objects.get()
    assert answer.url == f"/help/{question.pk}/"
    assert (question.person, question.name, question.email) == (student, student.name, "")
    assert "選課" in client.get("/help/").content.decode()
    assert client.post(f"/help/{question.pk}/", {"body": "補充"}).status_code == 302
    assert client.post(f"/help/{question.pk}/close/").status_code == 302


def test_at_another_school_s_desk_one_is_a_stranger(client, school, proven):
    student = StudentFactory()
    client.force_login(student.user)

    assert client.post(f"/at/{school.code}/help/", SENT).status_code == 302
    assert HelpRequest.objects.get().person_id is None


def test_the_desk_answers_on_the_page(client, school, desk, stranger):
    question = asked(stranger, school, body="<script>alert(1)</script> http://example.org")
    client.force_login(desk.user)

    assert question.subject in client.get("/help/desk/").content.decode()
    assert "&lt;script&gt;" in client.get(f"/help/{question.pk}/").content.decode()
    assert client.post(f"/help/{question.pk}/", {"body": ""}).status_code == 422
    assert client.post(f"/help/{question.pk}/", {"body": "請到註冊組"}).status_code == 302
    assert question.subject in client.get("/help/desk/?state=answered").content.decode()
    assert client.post(f"/help/{question.pk}/close/").status_code == 302
    assert client.post(f"/help/{question.pk}/reopen/").status_code == 302
    assert client.post(f"/help/{question.pk}/discard/").status_code == 302
    assert client.get(f"/help/{question.pk}/").status_code == 404


def test_the_desk_is_for_the_office(client, school):
    client.force_login(PersonFactory(school=school, roles=[Role.TEACHER]).user)

    assert client.get("/help/desk/").status_code == 403


@pytest.mark.parametrize("count", [1, 25])
def test_the_list_takes_the_same_queries_however_long(
    client, school, desk, stranger, count, django_assert_max_num_queries
):
    for _number in range(count):
        asked(stranger, school)
    client.force_login(desk.user)
    client.get("/help/desk/")

    with django_assert_max_num_queries(10):
        client.get("/help/desk/")
