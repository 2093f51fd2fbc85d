"""People whose period is over: what told who they were goes, what counts stays, proofs of the log stay good."""

import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from axes.models import AccessAttempt, AccessFailureLog
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from licheng_exchange import parse_keys, verify_tlog_proof

from licheng.foundations.accounts.signing_in import attempt
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, StepUpNeeded
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.operations import sequence
from licheng.foundations.ledger.queries import proof_of
from licheng.foundations.ledger.views import keys_text
from licheng.foundations.retention import years_before
from licheng.school.frontdesk.models import HelpRequest
from licheng.school.outcomes.models import Outcome
from licheng.school.people.models import GuardianLink, Look, LookedAt, Person
from licheng.school.people.operations import note_look, record_class_leaving, record_leaving, undo_leaving
from licheng.school.people.operations.retention import anonymise_person, guardians_due, people_due
from licheng.school.receipts.models import ReceiptItem, StudentReceipt
from licheng.school.receipts.states import ReceiptState
from licheng.school.rosters.models import RosterImport
from licheng.school.submission.models import BatchItem
from licheng.school.submission.operations.sealing import package_path
from tests.factories import PersonFactory, StudentFactory, actor
from tests.world import make_world

CLOCK = Actor.system("test")
TODAY = timezone.localdate()  # yesterday, in a run over midnight
LONG_AGO = TODAY - timedelta(days=366 * 11)


@pytest.fixture
def here(db):
    made = make_world().here
    ReceiptItem.objects.update(answered_at=timezone.now(), answer="已更正")
    return made


def left(person, on=LONG_AGO):
    Person.objects.filter(pk=person.pk).update(left_on=on)


def retain(*arguments):
    out = io.StringIO()
    call_command("retain", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def everything_in_the_database():
    """Every value of every table as text, but the audit, which holds ids and codes."""
    from django.apps import apps

    said = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and model._meta.label != "django_ox.OxTask":
            said += [str(row) for row in model._default_manager.values_list()]
    return "\n".join(said)


def test_nothing_of_a_person_is_left_and_counts_stay(here):
    owner = here.cast["owner"]
    EmailAddress.objects.create(user=owner.user, email="owner@example.tw", verified=True)
    request = RequestFactory().post("/sign-in/")
    for password in ("wrong", "wrong again"):
        attempt(request, login=owner.user.login, password=password)
    assert (AccessAttempt.objects.count(), AccessFailureLog.objects.count()) == (1, 2)
    note_look(actor=here.actor("teacher"), student_id=owner.pk, what=LookedAt.OUTCOME)
    number, key = owner.student.id_number, owner.student.subject_key
    entry = here.own["Outcome"].document.entry
    items = ReceiptItem.objects.filter(student=owner).count()
    package = package_path(here.own["Batch"])
    package.parent.mkdir(parents=True, exist_ok=True)
    package.write_bytes(b"package")
    told = (owner.name, owner.account, owner.user.login, "owner@example.tw", number, key, "2010-03-15")
    before = everything_in_the_database()
    assert all(word in before for word in (owner.name, owner.account, "owner@example.tw", "心得"))
    left(owner)

    said = retain("--apply", "--only", "people")

    assert f"people {owner.pk} cleared" in said
    owner.refresh_from_db()
    owner.student.refresh_from_db()
    after = everything_in_the_database()
    assert [word for word in told if word in after] == []
    assert (owner.name, owner.email, owner.user.is_active) == ("已去識別", "", False)
    assert owner.anonymised_at is not None
    assert owner.student.id_number == ""
    assert Outcome.objects.filter(student=owner).count() == 0
    assert ReceiptItem.objects.filter(student=owner).count() == items > 0
    assert set(BatchItem.objects.filter(student=owner).values_list("record__note", flat=True)) == {None}
    assert {
        bytes(body) for body in StudentReceipt.objects.filter(student=owner).values_list("body", flat=True)
    } == {b""}
    assert not package.exists()
    assert (AccessAttempt.objects.count(), AccessFailureLog.objects.count()) == (0, 0)
    assert GuardianLink.objects.get(student=owner).ended_at is not None
    assert Look.objects.filter(student=owner).count() == 1
    assert LedgerEntry.objects.filter(pk=entry.pk).exists()
    assert AuditEntry.objects.filter(action="person.anonymised", subject_id=str(owner.pk)).count() == 1


def test_pages_of_batch_and_receipt_stay_when_a_student_in_them_was_anonymised(here, client, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    left(here.cast["owner"])
    retain("--apply", "--only", "people")

    for role, name, row in (
        ("outcome_submitter", "submission:batch", "Batch"),
        ("receipt_officer", "receipts:detail", "StudentReceipt"),
    ):
        client.force_login(here.cast[role].user)
        page = client.get(reverse(name, args=[here.own[row].pk]))
        assert (page.status_code, "已去識別" in page.content.decode()) == (200, True)


def test_proofs_of_the_log_stay_good(here):
    sequence()
    entry = here.own["Outcome"].document.entry
    entry.refresh_from_db()
    before, leaf = proof_of(entry), bytes(entry.leaf)
    left(here.cast["owner"])

    retain("--apply", "--only", "people")

    entry.refresh_from_db()
    assert (proof_of(entry), bytes(entry.leaf)) == (before, leaf)
    assert verify_tlog_proof(before, leaf, parse_keys(keys_text())).size >= 1


def test_a_dry_run_names_ids_only_and_changes_nothing(here):
    owner = here.cast["owner"]
    left(owner)
    before = everything_in_the_database()

    said = retain()

    assert f"people {owner.pk} due" in said
    assert owner.name not in said
    assert owner.account not in said
    assert everything_in_the_database() == before


@pytest.mark.parametrize("why", ["here", "recent", "dispute", "on the way"])
def test_people_with_something_open_are_left_alone(here, why):
    owner = here.cast["owner"]
    if why != "here":
        left(owner, TODAY if why == "recent" else LONG_AGO)
    if why == "dispute":
        ReceiptItem.objects.filter(student=owner).update(state=ReceiptState.DISPUTED, answered_at=None)
    if why == "on the way":
        type(here.own["Batch"]).objects.filter(pk=here.own["Batch"].pk).update(state="sent")

    assert str(owner.pk) not in people_due(TODAY)
    assert not anonymise_person(actor=CLOCK, today=TODAY, record_id=str(owner.pk))

    owner.refresh_from_db()
    assert owner.anonymised_at is None


def test_clearing_twice_is_clearing_once(db):
    student = StudentFactory()
    left(student)

    first = anonymise_person(actor=CLOCK, today=TODAY, record_id=str(student.pk))
    account = Person.objects.get(pk=student.pk).account
    second = anonymise_person(actor=CLOCK, today=TODAY, record_id=str(student.pk))

    assert (first, second) == (True, False)
    assert Person.objects.get(pk=student.pk).account == account


def test_a_failure_in_the_middle_leaves_the_person_whole_and_the_next_run_finishes(db, monkeypatch):
    from licheng.school.people.operations import retention

    first, second = StudentFactory(), StudentFactory()
    for student in (first, second):
        left(student)
    real = retention.anonymise_account

    def dies(*, actor, user):
        if user.pk == first.user_id:
            raise OSError(first.name)
        real(actor=actor, user=user)

    monkeypatch.setattr(retention, "anonymise_account", dies)
    with pytest.raises(CommandError):
        retain("--apply")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.anonymised_at, first.student.id_number[:1]) == (None, "A")
    assert second.anonymised_at is not None
    monkeypatch.undo()

    said = retain("--apply")

    assert f"people {first.pk} cleared" in said
    assert first.name not in said


def test_guardians_go_a_year_after_their_last_link(db):
    from tests.relations_world import guardian

    student = StudentFactory()
    person = guardian(student)
    link = GuardianLink.objects.filter(guardian=person)
    assert guardians_due(TODAY) == []
    link.update(ended_at=timezone.now())
    assert guardians_due(TODAY) == []
    link.update(ended_at=timezone.now() - timedelta(days=400))
    assert guardians_due(TODAY) == [str(person.pk)]

    retain("--apply")

    person.refresh_from_db()
    assert (person.name, person.user.is_active) == ("已去識別", False)
    assert link.get().relation == ""


def test_old_requests_and_old_findings_of_rosters_go(db):
    registrar = PersonFactory()
    old = timezone.now() - timedelta(days=400)
    request = HelpRequest.objects.create(
        school=registrar.school, name="小明", subject="忘記", digest="0" * 64
    )
    attempt = RosterImport.objects.create(
        school=registrar.school, kind="students", school_year=115, semester=1, file_name="a.csv", size_bytes=1,
        sha256="0" * 64, state="refused", rows=1, accepted=0, issues=[{"value": "王小明"}],
        content_sealed=b"sealed", keeps_until=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    waiting = RosterImport.objects.create(
        school=registrar.school, kind="students", school_year=115, semester=1, file_name="b.csv", size_bytes=1,
        sha256="0" * 64, state="ready", keeps_until=timezone.now() - timedelta(minutes=1), content_sealed=b"old",
    )  # fmt: skip
    waiting.effects.create(school=registrar.school, subject="1152001 王小明")
    applied = RosterImport.objects.create(
        school=registrar.school, kind="students", school_year=115, semester=1, file_name="c.csv", size_bytes=1,
        sha256="0" * 64, state="applied", applied_at=old, keeps_until=old,
    )  # fmt: skip
    applied.changes.create(
        school=registrar.school,
        act="changed",
        table_name="people_person",
        row_key=1,
        before={"name": "王大明"},
    )
    HelpRequest.objects.filter(pk=request.pk).update(moved_at=old)
    RosterImport.objects.update(imported_at=old)

    retain("--apply")

    assert not HelpRequest.objects.filter(pk=request.pk).exists()
    attempt.refresh_from_db()
    waiting.refresh_from_db()
    assert (attempt.issues, bytes(attempt.content_sealed), attempt.state) == ([], b"sealed", "refused")
    assert (waiting.content_sealed, waiting.state) == (None, "dropped")
    assert not waiting.effects.exists()
    assert not applied.changes.exists()


def test_people_do_not_anonymise_people(db):
    with pytest.raises(NotAllowed):
        anonymise_person(actor=actor(PersonFactory()), today=TODAY, record_id="1")


@pytest.mark.parametrize(
    ("today", "years", "day"),
    [(date(2028, 2, 29), 1, date(2027, 2, 28)), (date(2026, 11, 22), 10, date(2016, 11, 22))],
)
def test_years_are_counted_by_the_calendar(today, years, day):
    assert years_before(today, years) == day


def test_leaving_ends_access_and_can_be_taken_back(here, client, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    owner, registrar = here.cast["owner"], here.actor("registrar")
    client.force_login(owner.user)
    own_page = reverse("people:looks")
    assert client.get(own_page).status_code == 200

    record_leaving(actor=registrar, person_id=owner.pk, left_on=TODAY)

    assert client.get(own_page).status_code == 302
    with pytest.raises(StepUpNeeded):  # it opens an account again
        undo_leaving(actor=registrar, person_id=owner.pk)
    undo_leaving(actor=replace(registrar, is_fresh=True), person_id=owner.pk)
    owner.refresh_from_db()
    assert owner.left_on is None
    with pytest.raises(Invalid):
        record_leaving(actor=registrar, person_id=owner.pk, left_on=TODAY + timedelta(days=2))
    for role in ("owner", "homeroom", "receipt_officer"):
        with pytest.raises(NotAllowed):
            record_leaving(actor=here.actor(role), person_id=owner.pk, left_on=TODAY)


def test_who_was_anonymised_cannot_be_called_back(db):
    student = StudentFactory()
    left(student)
    anonymise_person(actor=CLOCK, today=TODAY, record_id=str(student.pk))
    from licheng.school.people.models import Role

    registrar = PersonFactory(school=student.school, roles=[Role.REGISTRAR])

    with pytest.raises(NotFound):
        undo_leaving(actor=replace(actor(registrar), is_fresh=True), person_id=student.pk)


def test_a_class_leaves_whole_or_not_at_all(db, client, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    first = StudentFactory()
    group = first.student.class_group
    StudentFactory(school=first.school, profile__class_group=group)
    stays = StudentFactory(school=first.school)
    registrar = PersonFactory(school=first.school, roles=["registrar"])
    client.force_login(registrar.user)
    address = reverse("people:class_leaving", args=[group.pk])
    gone = Person.objects.filter(is_student=True, left_on=TODAY)

    refused = client.post(address, {"left_on": "someday"})
    with pytest.raises(Invalid):
        record_class_leaving(actor=actor(registrar), class_id=group.pk, left_on=TODAY + timedelta(days=2))
    assert (refused.status_code, gone.count()) == (422, 0)

    done = client.post(address, {"left_on": TODAY.isoformat()})

    assert (done.status_code, gone.count()) == (302, 2)
    assert Person.objects.get(pk=stays.pk).left_on is None
