"""Accepting a version happens once: double clicks, two tabs, a crash in between, bytes that changed meanwhile."""

import threading
import time

import pytest

from licheng.foundations.files.models import StoredFile
from licheng.school.uploads import errors, storage
from licheng.school.uploads.models import Preparation
from licheng.school.uploads.states import PreparationState
from tests.school import preparation_cases as cases

pytestmark = pytest.mark.django_db(transaction=True)


def test_accepting_twice_gives_the_same_file_once(student, outcome, ready):
    first, second = cases.accept(student, ready), cases.accept(student, ready)

    assert first.file_id == second.file_id
    assert StoredFile.objects.count() == 1
    assert not storage.prepared_path(ready.pk).exists()


def test_an_acceptance_that_was_cut_off_before_its_row_is_finished_not_repeated(student, outcome, ready):
    accepted = cases.accept(student, ready)
    Preparation.objects.filter(pk=ready.pk).update(state=PreparationState.READY, file=None)
    storage.prepared_path(ready.pk).write_bytes(accepted_bytes(accepted.file))

    again = cases.accept(student, ready)

    assert again.file == accepted.file
    assert StoredFile.objects.count() == 1


def accepted_bytes(stored):
    from licheng.foundations.custody.copies import good_path

    return good_path(stored.sha256).read_bytes()


def test_a_version_that_changed_on_disk_is_not_handed_in(student, outcome, ready):
    path = storage.prepared_path(ready.pk)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"\0")

    with pytest.raises(errors.ResultGone):
        cases.accept(student, ready)

    outcome.refresh_from_db()
    assert outcome.document is None
    assert Preparation.objects.get(pk=ready.pk).state == PreparationState.READY


def test_two_tabs_that_accept_at_once_make_one_file(student, ready):
    """The second waits for the first; the lock is PostgreSQL's, so it holds across processes."""
    from django.db import connection

    from licheng.school.uploads.operations.exclusive import ACCEPTERS

    key = (ACCEPTERS, ready.pk.int % 2**31)
    answers = []

    def tab():
        try:
            answers.append(cases.accept(student, ready).file_id)
        finally:
            connection.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
        tabs = [threading.Thread(target=tab) for _ in range(2)]
        for one in tabs:
            one.start()
        wait_for(lambda: waiters(cursor) == 2)
        assert answers == []
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
    for one in tabs:
        one.join(60)

    assert len(answers) == 2
    assert len(set(answers)) == 1
    assert StoredFile.objects.count() == 1
    assert [name for name, _data in cases.actions_of(ready)].count("preparation.accepted") == 1


def waiters(cursor):
    cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    return cursor.fetchone()[0]


def wait_for(ready_when, seconds=30):
    until = time.monotonic() + seconds
    while not ready_when():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)
