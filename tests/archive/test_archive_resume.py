"""The check stops at each of its steps, as a kill or a failing disk would, and the next run goes on from there."""

import threading
import time

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from licheng_exchange import parse_keys, verify_receipt

from licheng.archive.holdings.models import HeldItem
from licheng.archive.intake.models import Deposit
from licheng.archive.intake.operations import begin_check, locked_deposit, queue_undecided
from licheng.archive.intake.packages import package_path
from licheng.archive.receipts.models import IssuedReceipt
from licheng.archive.receipts.operations import check_deposit, take_in
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import copies
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.operations import LedgerRolledBack, sequence
from licheng.foundations.ledger.views import keys_text
from tests.archive.packages import Package, arrived, small_package

pytestmark = pytest.mark.django_db(transaction=True)
CHECKER = Actor.system("task:check_deposit")


@pytest.fixture
def deposit(depositor):
    package = small_package()
    return arrived(depositor, package, package.sealed())


def facts():
    """State, items held, entries in the log, entries waiting, receipts."""
    entries = LedgerEntry.objects
    waiting = entries.filter(index__isnull=True).count()
    return (
        Deposit.objects.get().state,
        HeldItem.objects.count(),
        entries.count(),
        waiting,
        IssuedReceipt.objects.count(),
    )


def assert_accepted(deposit):
    """Everything is there exactly once, and the receipts verify."""
    assert facts() == ("accepted", 3, 3, 0, 2)
    vkeys = parse_keys(keys_text())
    assert all(verify_receipt(bytes(one.body), vkeys, {}).ok for one in deposit.receipts.all())


def test_after_the_check_began(deposit):
    begin_check(actor=CHECKER, deposit_id=deposit.pk)
    assert facts() == ("checking", 0, 0, 0, 0)

    check_deposit(actor=CHECKER, deposit_id=deposit.pk)

    assert_accepted(deposit)


def test_while_the_second_copy_fails(deposit, settings):
    blocked = settings.COPY_ROOTS[1]
    blocked.write_text("a file where the folder should be")

    with pytest.raises(OSError, match="copy-b"):
        check_deposit(actor=CHECKER, deposit_id=deposit.pk)

    assert facts() == ("checking", 0, 0, 0, 0)
    blocked.unlink()
    check_deposit(actor=CHECKER, deposit_id=deposit.pk)
    assert_accepted(deposit)
    assert all(
        copy.holds(file.sha256)
        for copy in copies()
        for item in HeldItem.objects.all()
        for file in item.files.all()
    )


def test_after_the_items_were_held_before_the_log_has_them(deposit):
    begun = begin_check(actor=CHECKER, deposit_id=deposit.pk)
    assert take_in(actor=CHECKER, deposit=begun) == []
    assert facts() == ("checking", 3, 3, 3, 0)

    check_deposit(actor=CHECKER, deposit_id=deposit.pk)

    assert_accepted(deposit)


def test_after_the_log_has_them_before_the_receipts(deposit):
    begun = begin_check(actor=CHECKER, deposit_id=deposit.pk)
    take_in(actor=CHECKER, deposit=begun)
    sequence()
    assert facts() == ("checking", 3, 3, 0, 0)

    check_deposit(actor=CHECKER, deposit_id=deposit.pk)

    assert_accepted(deposit)


def test_while_the_log_cannot_be_written(deposit, settings):
    settings.LEDGER_ROOT.write_text("a file where the folder should be")

    with pytest.raises(OSError, match="ledger"):
        check_deposit(actor=CHECKER, deposit_id=deposit.pk)

    assert facts() == ("checking", 3, 3, 3, 0)
    settings.LEDGER_ROOT.unlink()
    check_deposit(actor=CHECKER, deposit_id=deposit.pk)
    assert_accepted(deposit)


def test_after_the_verdict_nothing_changes(deposit):
    check_deposit(actor=CHECKER, deposit_id=deposit.pk)
    before = [bytes(one.body) for one in deposit.receipts.order_by("pk")]

    check_deposit(actor=CHECKER, deposit_id=deposit.pk)

    assert_accepted(deposit)
    assert [bytes(one.body) for one in deposit.receipts.order_by("pk")] == before


def test_a_package_that_our_own_disk_lost_is_not_refused(deposit):
    package_path(deposit.pk).rename(package_path(deposit.pk).with_suffix(".away"))

    with pytest.raises(FileNotFoundError):
        check_deposit(actor=CHECKER, deposit_id=deposit.pk)

    assert facts()[0] == "checking"
    package_path(deposit.pk).with_suffix(".away").rename(package_path(deposit.pk))
    check_deposit(actor=CHECKER, deposit_id=deposit.pk)
    assert_accepted(deposit)


def test_a_refusal_that_stopped_before_the_package_was_deleted_deletes_it_later(depositor):
    package = Package()
    package.student("1150001", package.outcome(certified_at=None))
    data = package.sealed()
    refused = arrived(depositor, package, data)
    check_deposit(actor=CHECKER, deposit_id=refused.pk)
    package_path(refused.pk).write_bytes(data)

    check_deposit(actor=CHECKER, deposit_id=refused.pk)

    assert not package_path(refused.pk).exists()
    assert facts() == ("refused", 0, 0, 0, 0)


def test_a_log_that_lost_entries_issues_no_receipts(deposit, settings, depositor):
    check_deposit(actor=CHECKER, deposit_id=deposit.pk)
    settings.LEDGER_ROOT = settings.LEDGER_ROOT.with_name("older-ledger")
    package = small_package()
    second = arrived(depositor, package, package.sealed())

    with pytest.raises(LedgerRolledBack):
        check_deposit(actor=CHECKER, deposit_id=second.pk)

    assert not second.receipts.exists()


def test_lost_checks_are_queued_again(deposit):
    assert queue_undecided(actor=Actor.system("test")) == 1
    check_deposit(actor=CHECKER, deposit_id=deposit.pk)
    assert queue_undecided(actor=Actor.system("test")) == 0


def waiters():
    """How many sessions of this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]


def run_in_thread(action):
    def body():
        try:
            results.append(action())
        finally:
            connections.close_all()

    results = []
    thread = threading.Thread(target=body)
    thread.start()
    return thread, results


def test_two_checks_of_one_deposit_hold_it_once(deposit):
    """Both start together when the lock is let go; whoever comes second finds the work done."""
    begin_check(actor=CHECKER, deposit_id=deposit.pk)
    with transaction.atomic():
        locked_deposit(deposit.pk)
        runs = [run_in_thread(lambda: check_deposit(actor=CHECKER, deposit_id=deposit.pk)) for _n in range(2)]
        deadline = time.monotonic() + 20
        while waiters() < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert waiters() == 2
    for thread, _results in runs:
        thread.join(30)

    assert [results[0].state for _thread, results in runs] == ["accepted", "accepted"]
    assert_accepted(deposit)


def test_the_next_package_can_be_announced_while_one_is_judged(deposit):
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        locked_deposit(deposit.pk)

    locks = [one["sql"] for one in asked if "registeredschool" in one["sql"] and "FOR " in one["sql"][-30:]]
    assert [sql.endswith("FOR NO KEY UPDATE") for sql in locks][:1] == [True]


def test_two_packages_that_together_pass_the_quota_are_not_both_taken(depositor):
    """Both start together; the one that holds second counts what the first one holds."""
    made = []
    for _n in range(2):
        package = Package()
        package.student("1150001", *(package.outcome() for _m in range(4)))
        made.append(arrived(depositor, package, package.sealed()))
    for one in made:
        begin_check(actor=CHECKER, deposit_id=one.pk)
    with transaction.atomic():
        locked_deposit(made[0].pk)
        runs = [run_in_thread(lambda pk=one.pk: check_deposit(actor=CHECKER, deposit_id=pk)) for one in made]
        deadline = time.monotonic() + 20
        while waiters() < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert waiters() == 2
    for thread, _results in runs:
        thread.join(30)

    assert sorted(results[0].state for _thread, results in runs) == ["accepted", "refused"]
    refused = Deposit.objects.get(state="refused")
    assert [one["rule"] for one in refused.problems] == ["quota-year"]
    assert HeldItem.objects.count() == 4
