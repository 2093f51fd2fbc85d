"""The clocks of custody: each finds its planted fault, says so, heals it, and is one run at a time."""

import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import time
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from licheng.foundations.custody.copies import copies, put_everywhere
from licheng.foundations.custody.errors import RunUnderWay
from licheng.foundations.custody.folder import FolderCopy
from licheng.foundations.custody.models import Content, CustodyRun, Defect, Job, KeptCopy
from licheng.foundations.custody.operations import comparing, note_kept, reading, scrub_whole, scrubbing
from licheng.foundations.custody.operations.running import Budget, Tally
from licheng.foundations.custody.queries import SCRUB_WITHIN
from tests.environment import POSTGRES
from tests.foundations.kept import ACTOR, keep, keep_many, path, rot, run, state

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ROOT = Path(__file__).resolve().parents[2]


def reads_done(sha256):
    return Content.objects.get(pk=sha256).reads_done


@pytest.mark.parametrize(
    ("ago", "before", "after"),
    [
        (MINUTE / 2, 0, 0),
        (MINUTE, 0, 1),
        (HOUR - MINUTE, 1, 1),
        (HOUR, 1, 2),
        (DAY - MINUTE, 2, 2),
        (DAY, 2, 3),
        (DAY, 0, 3),  # the worker was off: one read answers for all that were missed
        (7 * DAY, 3, 3),
    ],
)
def test_an_acknowledgement_is_read_back_after_a_minute_an_hour_and_a_day(ago, before, after):
    sha256 = keep(b"work", ago=ago)
    Content.objects.filter(pk=sha256).update(reads_done=before)

    done = run("watch")

    assert (done.is_good, done.ended_at is not None) == (True, True)
    assert reads_done(sha256) == after
    assert done.figures.get("read", 0) == (after > before)


@pytest.mark.parametrize("copy", [0, 1])
@pytest.mark.parametrize(("fault", "found"), [(rot, "changed"), (Path.unlink, "missing")])
def test_the_watcher_heals_a_miss_and_does_not_count_it_as_a_read(copy, fault, found):
    sha256 = keep(b"work", ago=MINUTE)
    fault(path(copy, sha256))

    first = run("watch")

    assert (first.is_good, first.figures) == (False, {found: 1, "healed": 1})
    assert reads_done(sha256) == 0
    defect = Defect.objects.get()
    assert (defect.copy, defect.kind, defect.found_by) == ("ab"[copy], found, "watch")
    assert defect.healed_at is not None
    assert path(copy, sha256).read_bytes() == b"work"
    second = run("watch")
    assert (second.is_good, reads_done(sha256)) == (True, 1)


def test_the_watcher_names_what_is_lost_and_reads_the_others_on():
    lost, fine = keep(b"lost", ago=2 * MINUTE), keep(b"fine", ago=MINUTE)
    rot(path(0, lost))
    path(1, lost).unlink()

    first, second = run("watch"), run("watch")

    assert (first.is_good, first.figures["lost"], second.figures.get("lost")) == (False, 1, None)
    assert (reads_done(lost), reads_done(fine)) == (0, 1)
    assert Defect.objects.filter(sha256=lost, healed_at__isnull=True).count() == 2
    assert path(0, lost).exists()  # what cannot be healed is not deleted


def out_of_reach(settings, copy=1):
    """A device that fails: where the copy's folder was, something answers that is no folder."""
    root = settings.COPY_ROOTS[copy]
    root.rename(root.with_name(f"{root.name}-away"))
    root.write_text("no folder")
    return root


def back_again(root):
    root.unlink()
    root.with_name(f"{root.name}-away").rename(root)


@pytest.mark.parametrize("job", ["watch", "scrub", "compare", "sweep"])
def test_a_copy_that_does_not_answer_is_told_and_is_no_defect(settings, job):
    sha256 = keep(b"work", ago=MINUTE)
    root = out_of_reach(settings)

    done = run(job)

    assert (done.is_good, done.figures["names"]) == (False, {"unreachable": ["b"]})
    assert (Defect.objects.count(), reads_done(sha256)) == (0, 0)
    back_again(root)
    assert run(job).is_good


def scrub_slice(count, copy=None, budget=60):
    tally = Tally()
    for one in [copy] if copy else copies():
        scrubbing._scrub_slice(one, count, tally, Budget.of(budget))
    return tally


def test_the_scrub_reads_those_longest_unread_first():
    hashes = [keep(f"{n}".encode(), ago=timedelta(days=n)) for n in range(6)]
    begun = timezone.now()

    scrub_slice(2)

    read = KeptCopy.objects.filter(verified_at__gte=begun).values_list("copy", "content")
    assert set(read) == {(copy, sha256) for copy in "ab" for sha256 in hashes[-2:]}


def test_every_file_has_its_turn_within_the_week(settings):
    settings.CUSTODY_EVERY = {**settings.CUSTODY_EVERY, "scrub": 24 * 3600}  # seven runs a week
    keep_many(30, ago=SCRUB_WITHIN)
    begun = timezone.now()

    for _run in range(4):  # half of them may be lost
        run("scrub")

    assert KeptCopy.objects.filter(verified_at__lt=begun).count() == 0


def test_a_slice_ends_with_its_time_and_the_next_goes_on():
    keep_many(40, ago=DAY)

    assert scrub_slice(40, budget=0).figures["read"] == 0
    assert scrub_slice(40).figures["read"] == 80


@pytest.mark.parametrize(("fault", "found"), [(rot, "changed"), (Path.unlink, "missing")])
def test_the_scrub_finds_and_heals(fault, found):
    hashes = keep_many(5, ago=DAY)
    fault(path(1, hashes[3]))

    assert scrub_slice(5).figures == {"read": 10, found: 1}
    healing = run("scrub")

    assert (healing.figures["healed"], state("b", hashes[3])) == (1, "good")
    assert Defect.objects.get().healed_at is not None
    assert path(1, hashes[3]).read_bytes() == b"work 3"


class Rotting(FolderCopy):
    """A disk that loses a bit right after it was read."""

    def state(self, sha256):
        said = super().state(sha256)
        rot(self.path(sha256))
        return said


def test_a_file_that_changes_while_the_scrub_runs_is_found_by_the_next():
    sha256 = keep(b"work", ago=DAY)
    rotting = Rotting("a", copies()[0].root)

    assert scrub_slice(1, copy=rotting).figures == {"read": 1}  # true when it was read
    assert scrub_slice(1, copy=copies()[0]).figures == {"read": 1, "changed": 1}
    assert state("a", sha256) == "changed"


def test_a_content_removed_while_it_was_read_makes_no_defect():
    sha256 = keep(b"work")
    missing = reading.Reading("a", sha256, reading.CopyState.MISSING, timezone.now())
    Content.objects.filter(pk=sha256).update(removed_at=timezone.now())

    assert reading.note_readings(readings=[missing], found_by=Job.SCRUB) == []
    assert Defect.objects.count() == 0


def test_files_from_before_are_adopted_and_count_only_once_they_were_read():
    sha256 = keep(b"work")
    Content.objects.all().delete()

    first = run("compare")
    assert (first.figures["adopted"], KeptCopy.objects.count()) == (1, 0)
    run("scrub")

    assert {state("a", sha256), state("b", sha256)} == {"good"}
    assert run("compare").figures["adopted"] == 0


@pytest.mark.parametrize("copy", [0, 1])
def test_the_comparison_finds_what_is_missing_and_heals_it(copy):
    hashes = keep_many(20)
    gone = random.Random(3).sample(hashes, 3)
    for sha256 in gone:
        path(copy, sha256).unlink()

    done = run("compare")

    assert (done.is_good, done.figures["missing"], done.figures["healed"]) == (False, 3, 3)
    assert all(path(copy, sha256).exists() for sha256 in gone)
    assert run("compare").is_good


def test_a_file_nobody_knows_is_counted_once_it_is_older_than_an_upload_and_never_deleted():
    keep(b"known")
    stranger = copies()[0].path("ab" * 32)
    stranger.parent.mkdir(exist_ok=True)
    stranger.write_bytes(b"stranger")

    assert run("compare").figures["untracked"] == 0  # it may be an upload on its way
    Defect.objects.update(found_at=timezone.now() - comparing.GRACE)
    aged = run("compare")

    assert (aged.is_good, aged.figures["untracked"], stranger.exists()) == (False, 1, True)
    stranger.unlink()
    assert run("compare").is_good
    assert Defect.objects.get().healed_at is not None


def test_an_upload_that_arrives_is_no_stranger_any_more():
    data, sha256 = b"on its way", hashlib.sha256(b"on its way").hexdigest()
    stored = put_everywhere(io.BytesIO(data), sha256)
    run("compare")
    assert Defect.objects.filter(healed_at__isnull=True).count() == 2

    note_kept(sha256=sha256, size_bytes=len(data), stored=stored)

    assert Defect.objects.filter(healed_at__isnull=True).count() == 0


names = st.sets(st.text("0123456789abcdef", min_size=4, max_size=4))


@given(ours=names, theirs=names)
def test_differences_are_those_of_sets(ours, theirs):
    found = set(comparing.differences(iter(sorted(ours)), lambda: iter(sorted(theirs))))

    assert found == {(name, True) for name in ours - theirs} | {(name, False) for name in theirs - ours}


def test_a_copy_that_lists_out_of_order_has_failed():
    with pytest.raises(OSError, match="order"):
        list(comparing.differences(iter(["a", "b"]), lambda: iter(["b", "a"])))


def peak_bytes(names):
    """Memory that a comparison of this many names takes, where one of 4,096 is missing on one side."""

    def listed():
        return (f"{n:064x}" for n in range(names))

    tracemalloc.start()
    found = sum(1 for _ in comparing.differences((n for n in listed() if not n.endswith("fff")), listed))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == names // 4096
    return peak


def test_a_comparison_takes_the_same_memory_for_any_number_of_names():
    assert peak_bytes(100_000) < 2 * peak_bytes(10_000) < 1 << 20


# -- one at a time, and after a kill -------------------------------------------------------------


def started(home, *command):
    """A management command as a process of its own, on this test's database and copies."""
    environment = {**os.environ, "LICHENG_HOME": str(home)}
    environment["PYTHONPATH"] = f"{ROOT}/src:{ROOT}/packages/exchange/src"
    environment["DATABASE_URL"] = POSTGRES.url(connection.settings_dict["NAME"])
    arguments = [sys.executable, str(ROOT / "manage.py"), *command]
    return subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def wait_until(true, seconds=30):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_run_is_told_as_broken_holds_no_lock_and_loses_no_more_than_a_batch(places):
    hashes = keep_many(scrubbing.AT_ONCE + 4)
    for n, sha256 in enumerate(hashes):  # the order of keeping is the order of reading
        KeptCopy.objects.filter(content=sha256).update(verified_at=timezone.now() - DAY + n * MINUTE)
    held = path(0, hashes[-1])
    held.unlink()
    os.mkfifo(held)  # whoever opens it waits: a device that hangs
    begun = timezone.now()
    read = KeptCopy.objects.filter(copy="a", verified_at__gte=begun)
    process = started(places, "scrub", "--copy", "a")
    try:
        wait_until(lambda: read.count() >= scrubbing.AT_ONCE)

        with pytest.raises(RunUnderWay):
            run("scrub")
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    broken = CustodyRun.objects.get()
    assert (broken.ended_at, broken.is_good, read.count()) == (None, None, scrubbing.AT_ONCE)

    held.unlink()
    held.write_bytes(path(1, hashes[-1]).read_bytes())
    after = eventually(lambda: scrub_whole(actor=ACTOR, copy=None))

    broken.refresh_from_db()
    assert (broken.is_good, broken.figures) == (False, {"killed": 1})
    assert (after.is_good, read.count()) == (True, len(hashes))


def eventually(run_again, seconds=30):
    """PostgreSQL notices that a killed process is gone a moment later."""
    until = time.monotonic() + seconds
    while True:
        try:
            return run_again()
        except RunUnderWay:
            assert time.monotonic() < until
            time.sleep(0.05)
