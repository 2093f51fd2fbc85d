"""Nothing is taken away on one person's or one run's word, and no copy before those that stay were read."""

import hashlib
import io
import os
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.custody import references
from licheng.foundations.custody.copies import copies, put_everywhere
from licheng.foundations.custody.errors import CopyLost, CopyReductionRefused, StillKept
from licheng.foundations.custody.models import Content, CustodyRun, Job, KeptCopy
from licheng.foundations.custody.operations import note_kept, reduce_copy, remove_content
from licheng.foundations.custody.operations.running import Tally
from licheng.foundations.files.models import StoredFile
from tests.codebase import SRC, calls, python_files, short
from tests.foundations.kept import ACTOR, keep, path, rot, run, speak

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def three(settings, places):
    """A site with three copies: only there can one of them be reduced."""
    settings.COPY_ROOTS = (places / "copy-a", places / "copy-b", places / "copy-c")


def naive_reduction(sha256, copy):
    """What storage engines do: believe that the others are good, and take the one away."""
    copies()[copy].remove(sha256)


def alive(sha256, count=3):
    """In how many copies the very bytes are."""
    return sum(copies()[number].holds(sha256) for number in range(count))


def test_a_copy_is_reduced_once_two_others_gave_the_bytes_back(three):
    sha256 = keep(b"work")

    reduce_copy(actor=ACTOR, sha256=sha256, copy="a")

    assert [copies()[n].holds(sha256) for n in range(3)] == [False, True, True]
    assert set(KeptCopy.objects.values_list("copy", flat=True)) == {"b", "c"}
    entry = AuditEntry.objects.get(action="copy.reduced")
    assert entry.data == {"copy": "a", "sha256": sha256, "others": 2}


@pytest.mark.parametrize("fault", [rot, os.unlink], ids=["changed", "missing"])
def test_no_copy_is_reduced_while_one_that_stays_is_bad_although_the_rows_call_it_good(three, fault):
    sha256 = keep(b"work")
    fault(path(1, sha256))

    with pytest.raises(CopyReductionRefused) as refusal:
        reduce_copy(actor=ACTOR, sha256=sha256, copy="a")

    assert refusal.value.data["good"] == 1
    assert (alive(sha256), path(0, sha256).exists()) == (2, True)
    assert AuditEntry.objects.count() == 0


def test_the_naive_reduction_would_have_lost_the_file():
    """The control: the same fault, and the bytes are gone for good."""
    sha256 = keep(b"work")
    rot(path(1, sha256))

    with pytest.raises(CopyReductionRefused):
        reduce_copy(actor=ACTOR, sha256=sha256, copy="a")
    assert alive(sha256, 2) == 1
    naive_reduction(sha256, 0)

    assert alive(sha256, 2) == 0


def test_with_two_copies_none_is_ever_reduced():
    sha256 = keep(b"work")

    with pytest.raises(CopyReductionRefused):
        reduce_copy(actor=ACTOR, sha256=sha256, copy="b")

    assert alive(sha256, 2) == 2


def test_a_copy_that_does_not_answer_is_no_copy_that_stays(three, settings):
    sha256 = keep(b"work")
    settings.COPY_ROOTS[2].rename(settings.COPY_ROOTS[2].with_name("away"))
    settings.COPY_ROOTS[2].write_text("no folder")

    with pytest.raises(CopyReductionRefused):
        reduce_copy(actor=ACTOR, sha256=sha256, copy="a")


def set_aside(sha256, ago):
    Content.objects.filter(pk=sha256).update(set_aside_at=timezone.now() - ago)


def test_what_nobody_speaks_of_goes_after_two_runs_a_week_apart():
    spoken, unspoken = keep(b"spoken"), keep(b"unspoken", spoken=False)

    assert run("sweep").figures["set-aside"] == 1
    assert run("sweep").figures.get("removed", 0) == 0
    set_aside(unspoken, WEEK - timedelta(minutes=1))
    assert run("sweep").figures.get("removed", 0) == 0
    set_aside(unspoken, WEEK)
    last = run("sweep")

    assert (last.is_good, last.figures["removed"]) == (True, 1)
    assert (alive(spoken, 2), alive(unspoken, 2)) == (2, 0)
    assert list(Content.objects.values_list("pk", flat=True)) == [spoken]
    assert Content.every.get(pk=unspoken).removed_at is not None
    assert sorted(AuditEntry.objects.values_list("data__copy", flat=True)) == ["a", "b"]


def test_what_somebody_speaks_of_again_is_taken_back():
    sha256 = keep(b"work", spoken=False)
    run("sweep")
    set_aside(sha256, WEEK)
    speak(sha256, 4)

    assert run("sweep").figures["taken-back"] == 1

    assert Content.objects.get(pk=sha256).set_aside_at is None
    assert alive(sha256, 2) == 2


def test_a_removal_asks_again_by_itself():
    """Between the list of a run and the removal somebody handed the same file in."""
    sha256 = keep(b"work", spoken=False)
    set_aside(sha256, WEEK)
    speak(sha256, 4)

    with pytest.raises(StillKept):
        remove_content(actor=ACTOR, sha256=sha256)

    assert alive(sha256, 2) == 2


def test_somebody_who_hands_the_same_file_in_again_keeps_it():
    sha256 = keep(b"work", spoken=False)
    set_aside(sha256, WEEK)

    keep(b"work")
    run("sweep")

    assert (Content.objects.get(pk=sha256).set_aside_at, alive(sha256, 2)) == (None, 2)


def test_bytes_that_were_removed_between_the_copies_answer_and_the_commit_are_not_acknowledged():
    data, sha256 = b"work", keep(b"work", spoken=False)
    set_aside(sha256, WEEK)
    stored = put_everywhere(io.BytesIO(data), sha256)  # there already: the copies read it and say so
    run("sweep")

    with pytest.raises(CopyLost), transaction.atomic():
        note_kept(sha256=sha256, size_bytes=len(data), stored=stored)

    assert keep(data) == sha256  # the next try writes it again
    assert (alive(sha256, 2), Content.objects.get(pk=sha256).reads_done) == (2, 0)


def test_copies_that_stored_something_else_are_not_believed():
    sha256 = keep(b"work")
    other = put_everywhere(io.BytesIO(b"work"), sha256)

    for size, stored in ((5, other), (4, other[:1]), (4, ())):
        with pytest.raises(ValueError, match="do not agree"), transaction.atomic():
            note_kept(sha256=sha256, size_bytes=size, stored=stored)


def test_without_a_table_that_names_files_nothing_is_set_aside(monkeypatch):
    keep(b"work")
    monkeypatch.setattr(references, "_speakers", [])

    with pytest.raises(references.NobodySpeaks):
        run("sweep")

    assert Content.objects.get().set_aside_at is None
    broken = CustodyRun.objects.get()
    assert (broken.is_good, broken.figures["error"]) == (False, "NobodySpeaks")


def test_files_and_held_files_are_asked():
    labels = {model._meta.label for model in references.speakers()}

    assert labels == {"files.StoredFile", "holdings.HeldFile"}
    assert StoredFile in references.speakers()


# -- the janitor -----------------------------------------------------------------------------------


def leave(folder, hours):
    """What a killed write leaves behind, some hours ago."""
    folder.mkdir(parents=True, exist_ok=True)
    left = folder / f".tmp-1-{hours}"
    left.write_bytes(b"half")
    then = time.time() - hours * 3600
    os.utime(left, (then, then))
    return left


def test_leftovers_older_than_a_day_go_everywhere_and_younger_ones_stay(settings):
    keep(b"work")
    folders = [
        *settings.COPY_ROOTS,
        settings.LEDGER_ROOT / "tile",
        settings.UPLOADS_ROOT,
        settings.PACKAGES_ROOT,
    ]
    old = [leave(folder, 25) for folder in folders]
    young = [leave(folder, 23) for folder in folders]

    done = run("sweep")

    assert (done.is_good, done.figures["leftovers"]) == (True, len(old))
    assert [file.exists() for file in (*old, *young)] == [False] * len(old) + [True] * len(young)


def test_the_reserve_is_put_back(settings):
    keep(b"work")
    settings.RESERVE_BYTES = 1 << 20
    before = [copy.free_bytes() for copy in copies()]

    run("sweep")

    sizes = [sum(f.stat().st_size for f in root.glob(".*") if f.is_file()) for root in settings.COPY_ROOTS]
    assert sizes == [1 << 20] * len(before)


def test_old_runs_go_and_the_newest_of_each_clock_stays():
    for days in (100, 95, 1):
        old = CustodyRun.objects.create(job=Job.WATCH)
        CustodyRun.objects.filter(pk=old.pk).update(began_at=timezone.now() - timedelta(days=days))
    guard = CustodyRun.objects.create(job=Job.GUARD)
    CustodyRun.objects.filter(pk=guard.pk).update(began_at=timezone.now() - timedelta(days=400))

    run("sweep")

    assert CustodyRun.objects.filter(job=Job.WATCH).count() == 1
    assert CustodyRun.objects.filter(job=Job.GUARD).count() == 1


def removals():
    """Calls that take a file out of a copy, outside the copies themselves."""
    folder = SRC / "foundations" / "custody"
    kinds = {"folder.py", "remote.py", "agent.py", "answering.py", "third.py", "copies.py"}
    files = [path for path in python_files(folder) if path.parent != folder or path.name not in kinds]
    return {
        short(path)
        for path in files
        for call in calls(path.read_text())
        if getattr(call.func, "attr", "") == "remove"
    }


def test_one_function_alone_takes_bytes_out_of_a_copy():
    assert removals() == {"src/licheng/foundations/custody/operations/removing.py"}
    assert Tally().is_good


def waits_for_a_lock():
    """Whether another connection to this database waits; statistics are asked anew inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0


def removed_elsewhere(sha256, said):
    """A removal on a connection of its own."""
    try:
        remove_content(actor=ACTOR, sha256=sha256)
        said.append("removed")
    except StillKept as refusal:
        said.append(refusal.code)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_removal_waits_for_an_upload_that_is_about_to_commit_and_then_leaves_the_bytes():
    sha256, said = keep(b"work", spoken=False), []
    set_aside(sha256, WEEK)
    thread = threading.Thread(target=removed_elsewhere, args=(sha256, said))
    with transaction.atomic():
        keep(b"work")
        thread.start()
        until = time.monotonic() + 20
        while not waits_for_a_lock():
            assert time.monotonic() < until
            time.sleep(0.02)
    thread.join()

    assert (said, alive(sha256, 2)) == (["still-kept"], 2)


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_from_two_people_at_once_are_one_content():
    stored = put_everywhere(io.BytesIO(b"work"), hashlib.sha256(b"work").hexdigest())

    def note():
        try:
            note_kept(sha256=stored[0].sha256, size_bytes=4, stored=stored)
        finally:
            connection.close()

    threads = [threading.Thread(target=note) for _person in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (Content.objects.count(), KeptCopy.objects.count()) == (1, 2)
