"""From a sealed batch over the archive's real API to receipts that verify, and what people do with them."""

import io
import json
import zipfile
from uuid import uuid4

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.urls import clear_url_caches, reverse
from licheng_exchange import parse_keys, verify_kit, verify_receipt

from licheng.archive.holdings.models import HeldItem
from licheng.archive.intake.models import Deposit
from licheng.archive.intake.operations import register_school, renew_token
from licheng.archive.receipts.operations import check_deposit
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, WrongState
from licheng.foundations.ledger.views import keys_text
from licheng.foundations.machines import bearer
from licheng.school.activities.states import ActivityState
from licheng.school.calendar.errors import WindowClosed
from licheng.school.calendar.models import WindowKind
from licheng.school.outcomes.states import OutcomeState
from licheng.school.people.models import Role
from licheng.school.receipts.errors import ReceiptRefused
from licheng.school.receipts.models import ReceiptItem, StudentReceipt
from licheng.school.receipts.operations import answer_dispute, confirm_item, dispute_item, fetch_receipts
from licheng.school.receipts.states import ReceiptState
from licheng.school.submission import archive_client
from licheng.school.submission.errors import ArchiveUnreachable
from licheng.school.submission.operations import (
    ask_archive,
    build_package,
    seal_batch,
    send_package,
    submit_batch,
)
from licheng.school.submission.states import BatchState
from tests.factories import PersonFactory, SchoolFactory, StudentFactory, actor, fresh_actor, open_windows
from tests.school.items import activity_of, certified_outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(settings):
    """The way to the archive's own API, in this process and under its addresses; `breaks_at` cuts it once.

    `parts` are the offsets of the parts that were sent, in order.
    """

    class Line(httpx.WSGITransport):
        parts, breaks_at = [], None

        def handle_request(self, request):
            before = settings.ROOT_URLCONF
            settings.ROOT_URLCONF = "licheng.config.urls_archive"
            try:
                answer = super().handle_request(request)
            finally:
                settings.ROOT_URLCONF = before
            if request.method == "PATCH":
                self.parts.append(int(request.headers["Upload-Offset"]))
                if len(self.parts) == self.breaks_at:
                    raise httpx.ReadError("the line broke after the archive had kept the part")
            return answer

    return Line(app=get_wsgi_application())


@pytest.fixture
def archive(settings, monkeypatch, line):
    """The archive answers the school's client."""
    monkeypatch.setattr(
        archive_client,
        "_client",
        lambda: httpx.Client(transport=line, base_url="http://127.0.0.1/api/v1"),
    )
    settings.ARCHIVE_KEYS.write_text(keys_text())
    settings.ARCHIVE_TOKENS.mkdir()
    # A request in this process must not close the connection that holds the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield settings
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    clear_url_caches()


@pytest.fixture
def school(archive):
    open_windows()
    school = SchoolFactory()
    token = archive.ARCHIVE_TOKENS / school.code
    registration = register_school(
        actor=Actor.system("test"),
        code=school.code,
        name=school.name,
        keys=keys_text(),
    )
    token.write_text(registration.token, encoding="utf-8")
    return school


@pytest.fixture
def items(school):
    student = StudentFactory(school=school)
    return certified_outcome(student), activity_of(student)


@pytest.fixture
def accepted(school, items):
    """A batch that the archive has taken in."""
    submitter = fresh_actor(PersonFactory(school=school, roles=[Role.OUTCOME_SUBMITTER]))
    clock = Actor.system("task", school.pk)
    batch = build_package(actor=clock, batch_id=seal_batch(actor=submitter, open_matters_known=True).pk)
    submit_batch(actor=submitter, batch_id=batch.pk)
    send_package(actor=clock, batch_id=batch.pk)
    check_deposit(actor=Actor.system("task:check"), deposit_id=batch.pk)
    return ask_archive(actor=clock, batch_id=batch.pk)


@pytest.fixture
def received(accepted):
    fetch_receipts(actor=Actor.system("task", accepted.school_id), batch_id=accepted.pk)
    return StudentReceipt.objects.get(batch=accepted)


def test_a_package_goes_on_from_where_the_line_broke(school, items, line, monkeypatch):
    submitter = fresh_actor(PersonFactory(school=school, roles=[Role.OUTCOME_SUBMITTER]))
    clock = Actor.system("task", school.pk)
    batch = build_package(actor=clock, batch_id=seal_batch(actor=submitter, open_matters_known=True).pk)
    submit_batch(actor=submitter, batch_id=batch.pk)
    piece = batch.package_bytes // 3
    monkeypatch.setattr(archive_client, "PIECE_BYTES", piece)
    line.breaks_at = 2

    with pytest.raises(ArchiveUnreachable):
        send_package(actor=clock, batch_id=batch.pk)
    assert Deposit.objects.get().state == "announced"
    batch = send_package(actor=clock, batch_id=batch.pk)

    assert line.parts == [0, piece, 2 * piece, 3 * piece][: len(line.parts)]
    assert len(line.parts) == -(-batch.package_bytes // piece)
    assert (batch.state, Deposit.objects.get().state) == (BatchState.SENT, "arrived")


@pytest.mark.parametrize("why", ["token-unknown", "too-many"])
def test_a_token_that_ended_and_a_full_limit_are_no_verdict_on_the_package(school, items, monkeypatch, why):
    submitter = fresh_actor(PersonFactory(school=school, roles=[Role.OUTCOME_SUBMITTER]))
    clock = Actor.system("task", school.pk)
    batch = build_package(actor=clock, batch_id=seal_batch(actor=submitter, open_matters_known=True).pk)
    submit_batch(actor=submitter, batch_id=batch.pk)
    if why == "too-many":
        monkeypatch.setattr(bearer, "PER_TOKEN", bearer.Limit(0, 600))
    else:
        renew_token(actor=Actor.system("test"), code=school.code)

    with pytest.raises(ArchiveUnreachable, match=why):
        send_package(actor=clock, batch_id=batch.pk)

    batch.refresh_from_db()
    assert (batch.state, batch.problems) == (BatchState.SENDING, [])


def test_the_archive_takes_the_package_in_and_the_receipt_verifies(received, items):
    outcome, activity = items
    for item in items:
        item.refresh_from_db()

    verdict = verify_receipt(
        bytes(received.body),
        parse_keys(keys_text()),
        {outcome.document.original_name: (outcome.document.sha256, outcome.document.size_bytes)},
    )

    assert verdict.ok
    assert (outcome.state, activity.state) == (OutcomeState.RECEIVED, ActivityState.RECEIVED)
    assert {one.pk for one in HeldItem.objects.all()} == {outcome.pk, activity.pk}
    received.batch.refresh_from_db()
    assert received.batch.state == BatchState.RECEIVED
    assert AuditEntry.objects.filter(action="receipts.fetched").count() == 1


def test_fetching_again_changes_nothing(received):
    assert fetch_receipts(actor=Actor.system("task", received.school_id), batch_id=received.batch_id) == 1
    assert StudentReceipt.objects.count() == 1


def test_a_receipt_signed_by_somebody_else_is_not_kept(accepted, archive):
    lines = archive.ARCHIVE_KEYS.read_text().splitlines()
    archive.ARCHIVE_KEYS.write_text(lines[0] + "\n")

    with pytest.raises(ReceiptRefused):
        fetch_receipts(actor=Actor.system("task", accepted.school_id), batch_id=accepted.pk)

    accepted.refresh_from_db()
    assert (accepted.state, StudentReceipt.objects.count()) == (BatchState.ACCEPTED, 0)


def test_a_refused_package_names_file_and_rule_and_frees_the_items(school, items, monkeypatch):
    submitter = fresh_actor(PersonFactory(school=school, roles=[Role.OUTCOME_SUBMITTER]))
    clock = Actor.system("task", school.pk)
    batch = build_package(actor=clock, batch_id=seal_batch(actor=submitter, open_matters_known=True).pk)
    submit_batch(actor=submitter, batch_id=batch.pk)
    send_package(actor=clock, batch_id=batch.pk)
    packages = list((archive_home() / "packages").rglob(f"*{batch.pk}*"))
    arrived = next(path for path in packages if path.is_file() and school.code not in str(path.parent))
    data = bytearray(arrived.read_bytes())
    data[len(data) // 2] ^= 1
    arrived.chmod(0o640)
    arrived.write_bytes(bytes(data))
    check_deposit(actor=Actor.system("task:check"), deposit_id=batch.pk)

    refused = ask_archive(actor=clock, batch_id=batch.pk)

    assert refused.state == BatchState.REFUSED
    assert all(problem["rule"] and problem["text_zh"] for problem in refused.problems)
    items[0].refresh_from_db()
    assert items[0].state == OutcomeState.SELECTED
    assert HeldItem.objects.count() == 0
    assert Deposit.objects.get().state == "refused"


def archive_home():
    from django.conf import settings

    return settings.HOME


def item_of(received, kind):
    return ReceiptItem.objects.get(receipt=received, kind=kind)


def test_confirm_and_dispute(received, items):
    student = actor(received.student)

    confirm_item(actor=student, item_id=item_of(received, "outcome").pk)
    dispute_item(actor=student, item_id=item_of(received, "activity").pk, comment="獎項寫錯")

    for item in items:
        item.refresh_from_db()
    assert (items[0].state, items[1].state) == (OutcomeState.CONFIRMED, ActivityState.DISPUTED)
    assert item_of(received, "activity").comment == "獎項寫錯"


def test_a_dispute_is_answered_and_then_confirmed(received, items):
    student, item = actor(received.student), item_of(received, "activity")
    officer = actor(PersonFactory(school=received.school, roles=[Role.RECEIPT_OFFICER]))
    dispute_item(actor=student, item_id=item.pk, comment="獎項寫錯")

    answer_dispute(actor=officer, item_id=item.pk, answer="已查明，證書寫的是佳作。")
    confirm_item(actor=student, item_id=item.pk)

    item.refresh_from_db()
    assert (item.state, item.answer) == (ReceiptState.CONFIRMED, "已查明，證書寫的是佳作。")


@pytest.mark.parametrize("comment", ["", "   ", "字" * 301])
def test_a_dispute_needs_a_reason_of_at_most_300(received, comment):
    with pytest.raises(Invalid):
        dispute_item(actor=actor(received.student), item_id=item_of(received, "outcome").pk, comment=comment)

    assert item_of(received, "outcome").state == ReceiptState.OPEN


def test_confirming_ends_with_the_window(received):
    open_windows(WindowKind.CONFIRM, closed=True)

    with pytest.raises(WindowClosed):
        confirm_item(actor=actor(received.student), item_id=item_of(received, "outcome").pk)


def test_confirming_twice_and_answering_nothing_are_refused(received):
    student, item = actor(received.student), item_of(received, "outcome")
    confirm_item(actor=student, item_id=item.pk)

    with pytest.raises(WrongState):
        confirm_item(actor=student, item_id=item.pk)
    with pytest.raises(WrongState):
        answer_dispute(
            actor=actor(PersonFactory(school=received.school, roles=[Role.RECEIPT_OFFICER])),
            item_id=item.pk,
            answer="無",
        )


def test_nobody_else_decides(received):
    item = item_of(received, "outcome")
    classmate = StudentFactory(school=received.school)
    officer = PersonFactory(school=received.school, roles=[Role.RECEIPT_OFFICER])
    stranger = PersonFactory(roles=[Role.RECEIPT_OFFICER])

    for person, refusal in ((classmate, NotFound), (officer, NotAllowed), (stranger, NotFound)):
        with pytest.raises(refusal):
            confirm_item(actor=actor(person), item_id=item.pk)
    item.refresh_from_db()
    assert item.state == ReceiptState.OPEN


def test_the_kit_verifies_offline_and_one_changed_byte_fails(client, received, tmp_path):
    client.force_login(received.student.user)

    answer = client.get(reverse("receipts:kit", args=[received.pk]))
    folder = tmp_path / "kit"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as kit:
        kit.extractall(folder)

    assert verify_kit(folder).ok
    for path in folder.iterdir():
        before = path.read_bytes()
        changed = bytearray(before)
        changed[len(changed) // 2] ^= 1
        path.write_bytes(bytes(changed))
        assert not _holds(folder), path.name
        path.write_bytes(before)
    assert verify_kit(folder).ok


def _holds(folder):
    from licheng_exchange import KitError

    try:
        return verify_kit(folder).ok
    except KitError:
        return False


def test_pages_of_the_student_and_of_the_office(client, received, django_assert_max_num_queries):
    item = item_of(received, "activity")
    dispute_item(actor=actor(received.student), item_id=item.pk, comment="獎項寫錯")
    client.force_login(received.student.user)

    with django_assert_max_num_queries(12):
        detail = client.get(reverse("receipts:detail", args=[received.pk])).content.decode()
    assert "正確，確認" in detail
    assert client.get(reverse("receipts:mine")).status_code == 200
    body = client.get(reverse("receipts:receipt_file", args=[received.pk])).content
    assert json.loads(body)["receipt"]["student"]["no"] == received.student.account

    client.force_login(PersonFactory(school=received.school, roles=[Role.RECEIPT_OFFICER]).user)
    with django_assert_max_num_queries(12):
        office = client.get(reverse("receipts:office")).content.decode()
    assert "獎項寫錯" in office
    assert client.get(reverse("receipts:kit", args=[received.pk])).status_code == 403


@pytest.mark.parametrize("rows", [3, 300])
def test_lists_cost_the_same_queries(client, received, rows, django_assert_num_queries):
    record = item_of(received, "activity").record
    ReceiptItem.objects.bulk_create(
        ReceiptItem(
            school=received.school,
            receipt=received,
            student=received.student,
            kind="activity",
            item_id=uuid4(),
            title=f"第{n}項",
            record=record,
            state=ReceiptState.DISPUTED,
            comment="有誤",
            decided_at=received.fetched_at,
        )
        for n in range(rows)
    )
    officer = PersonFactory(school=received.school, roles=[Role.RECEIPT_OFFICER])

    for person, name, count in ((received.student, "mine", 6), (officer, "office", 5)):
        client.force_login(person.user)
        with django_assert_num_queries(count):
            assert client.get(reverse(f"receipts:{name}")).status_code == 200
    client.force_login(received.student.user)
    with django_assert_num_queries(7):
        assert (
            f"第{rows - 1}項" in client.get(reverse("receipts:detail", args=[received.pk])).content.decode()
        )
