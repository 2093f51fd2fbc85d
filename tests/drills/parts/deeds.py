"""What the offices and clocks of a site do, one call each, for `hands`. Imports wait: a site has only its own apps."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from uuid import UUID

STUDENTS = 4


def sow():
    """A school whose students have selected certified outcomes and activities; its code, name and numbers."""
    from licheng.school.people.models import Role, School
    from tests.factories import PersonFactory, SchoolFactory, StudentFactory, open_windows
    from tests.school.items import activity_of, certified_outcome, enrolment_of

    open_windows()
    school = SchoolFactory(code=f"{School.objects.count():05d}D")
    submitter = PersonFactory(school=school, roles=[Role.OUTCOME_SUBMITTER], account="submitter")
    for number in range(STUDENTS):
        student = StudentFactory(school=school, account=f"115{number:04d}")
        certified_outcome(student, enrolment_of(student, code=f"115{school.code}H11101A10101{number:02d}"))
        activity_of(student)
    return {"school": school.pk, "code": school.code, "name": school.name, "submitter": submitter.pk}


def _person(person_id):
    from licheng.school.people.actors import actor_for
    from licheng.school.people.models import Person

    return replace(actor_for(Person.objects.get(pk=person_id)), is_fresh=True)


def _clock(batch=None):
    """The clock of the batch's school, as its tasks act; the archive's clocks belong to no school."""
    from licheng.foundations.authz import Actor

    if batch is None:
        return Actor.system("drill")
    from licheng.school.submission.models import Batch

    return Actor.system("drill", Batch.objects.values_list("school_id", flat=True).get(pk=batch))


def seal(submitter):
    """The submitter seals what is selected."""
    from licheng.school.submission.operations import seal_batch

    return str(seal_batch(actor=_person(submitter), open_matters_known=True).pk)


def batch_of(school):
    """The school's only batch: id and state; None before there is one."""
    from licheng.school.submission.models import Batch

    rows = Batch.objects.filter(school_id=school)
    return [(str(row.pk), row.state) for row in rows]


def build(batch):
    """The worker builds the package."""
    from licheng.school.submission.operations import build_package

    return build_package(actor=_clock(batch), batch_id=batch).state


def submit(submitter, batch):
    """The submitter sends it off."""
    from licheng.school.submission.operations import submit_batch

    return submit_batch(actor=_person(submitter), batch_id=batch).state


def send(batch):
    """The worker announces and sends the package."""
    from licheng.school.submission.operations import send_package

    return send_package(actor=_clock(batch), batch_id=batch).state


def check(batch):
    """The archive checks, holds, signs and issues."""
    from licheng.archive.receipts.operations import check_deposit

    return check_deposit(actor=_clock(), deposit_id=UUID(batch)).state


def ask(batch):
    """The worker asks for the verdict."""
    from licheng.school.submission.operations import ask_archive

    return ask_archive(actor=_clock(batch), batch_id=batch).state


def fetch(batch):
    """The worker brings the receipts back."""
    from licheng.school.receipts.operations import fetch_receipts

    return fetch_receipts(actor=_clock(batch), batch_id=batch)


def queue_again():
    """What the runbook says after a lost worker, on either site."""
    from django.conf import settings

    if settings.SITE == "school":
        from licheng.school.submission.operations import queue_under_way as again
    else:
        from licheng.archive.intake.operations import queue_undecided as again
    return again(actor=_clock())


def school_counts(batch):
    """What the school has of a batch: items sent, receipts that verify offline, acts that were recorded."""
    from django.conf import settings
    from licheng_exchange import parse_keys, verify_receipt

    from licheng.foundations.audit.models import AuditEntry
    from licheng.school.receipts.models import ReceiptItem, StudentReceipt
    from licheng.school.submission.models import Batch

    row = Batch.objects.get(pk=batch)
    vkeys = parse_keys(Path(settings.ARCHIVE_KEYS).read_text(encoding="utf-8"))
    receipts = StudentReceipt.objects.filter(batch=row)
    acts = AuditEntry.objects.filter(subject_id=batch).values_list("action", flat=True)
    return {
        "batches": Batch.objects.filter(school=row.school_id).count(),
        "state": row.state,
        "items": row.items.count(),
        "receipts": receipts.count(),
        "verified": sum(verify_receipt(bytes(one.body), vkeys, {}).ok for one in receipts),
        "receipt_items": ReceiptItem.objects.filter(receipt__batch=row).count(),
        "acts": Counter(act for act in acts if act != "batch.queued_again"),
    }


def archive_counts(batch):
    """What the archive has of a batch, and its log as a whole."""
    from licheng.archive.holdings.models import HeldItem
    from licheng.archive.intake.models import Deposit
    from licheng.archive.receipts.models import IssuedReceipt
    from licheng.foundations.audit.models import AuditEntry
    from licheng.foundations.ledger import store
    from licheng.foundations.ledger.models import LedgerEntry

    items = HeldItem.objects.filter(deposit_id=batch)
    acts = AuditEntry.objects.filter(subject_id=batch).values_list("action", flat=True)
    return {
        "state": Deposit.objects.get(pk=batch).state,
        "items": items.count(),
        "leaves": items.values("entry__leaf_hash").distinct().count(),
        "receipts": IssuedReceipt.objects.filter(deposit_id=batch).count(),
        "acts": Counter(act for act in acts if act != "deposit.queued_again"),
        "log": store.head().size,
        "entries": LedgerEntry.objects.filter(index__isnull=False).count(),
        "all_entries": LedgerEntry.objects.count(),
        "all_items": HeldItem.objects.count(),
    }


def naive_hold(items):
    """The control: items held one by one, each in its own commit, without asking whether they are there."""
    from licheng.foundations.ledger.operations import note_leaf, sequence

    for number in range(items):
        note_leaf(b"naive %d" % number)
    return sequence()


def naive_duplicates():
    """How many leaves of the control stand in the log more than once."""
    from licheng.foundations.ledger.models import LedgerEntry

    leaves = Counter(bytes(leaf) for leaf in LedgerEntry.objects.values_list("leaf", flat=True))
    return sum(count - 1 for leaf, count in leaves.items() if leaf.startswith(b"naive"))
