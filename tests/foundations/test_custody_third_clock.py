"""The clock of the third copy, against a real SeaweedFS: behind the acknowledgement, read back by hash, never in its way."""

import secrets
import shutil
from datetime import timedelta

import pytest
from django.utils import timezone

from licheng.foundations.custody.copies import third_copy
from licheng.foundations.custody.models import Content, Defect, KeptCopy
from licheng.foundations.custody.operations import scrub_whole, third
from licheng.foundations.custody.operations.removing import BETWEEN_CHECKS
from licheng.foundations.custody.queries import figures_now, runs_now
from tests.foundations.kept import ACTOR, keep, keep_many, path, rot, run, state
from tests.foundations.stores import Store

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # an object store of its own


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """SeaweedFS, for the tests of this file."""
    running = Store(tmp_path_factory.mktemp("weed"))
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture
def bucket(store, settings):
    """A third copy in a bucket of its own."""

    def make(*, locked=False, lock_days=0):
        settings.THIRD_COPY_KEY, settings.THIRD_COPY_SECRET = store.key, store.secret
        settings.THIRD_COPY = (
            store.bucket(f"b{secrets.token_hex(6)}", locked=locked) + f"&lock_days={lock_days}"
        )
        return third_copy()

    return make


def test_what_was_acknowledged_comes_to_the_third_copy_and_is_read_back(bucket):
    copy, hashes = bucket(), keep_many(3)

    first, second = run("third"), run("third")

    assert (first.is_good, first.figures) == (True, {"brought": 3, "waiting": 0})
    assert second.figures == {"waiting": 0}
    assert list(copy.hashes()) == sorted(hashes)
    assert {state("third", sha256) for sha256 in hashes} == {"good"}


def test_a_run_is_bounded_and_the_next_goes_on(bucket, monkeypatch):
    bucket()
    keep_many(5)
    monkeypatch.setattr(third, "AT_ONCE", 2)

    assert [run("third").figures["waiting"] for _run in range(3)] == [3, 1, 0]


def test_bad_bytes_are_not_brought_and_a_lost_file_is_named(bucket):
    copy, fine, lost = bucket(), keep(b"fine"), keep(b"lost")
    rot(path(0, fine))
    rot(path(0, lost))
    path(1, lost).unlink()

    done = run("third")

    assert (done.is_good, done.figures) == (False, {"brought": 1, "lost": 1, "waiting": 1})
    assert copy.holds(fine)
    assert not copy.holds(lost)


def test_a_store_that_is_away_is_told_and_acknowledgements_go_on(settings):
    settings.THIRD_COPY_KEY = settings.THIRD_COPY_SECRET = "nobody"
    settings.THIRD_COPY = "s3://nowhere?endpoint=http://127.0.0.1:9"
    keep(b"work")

    done = run("third")

    assert (done.is_good, done.figures["names"]) == (False, {"unreachable": ["third"]})
    assert figures_now().difference == 0
    assert next(line.verdict for line in runs_now() if line.job == "third") == "bad"
    assert Content.objects.filter(pk=keep(b"another")).exists()


def test_the_third_copy_heals_both_others(bucket, settings):
    bucket()
    hashes = keep_many(3)
    run("third")
    for root in settings.COPY_ROOTS:
        shutil.rmtree(root)

    done = scrub_whole(actor=ACTOR, copy=None)

    assert (done.figures["missing"], done.figures["healed"]) == (6, 3)
    assert all(path(copy, sha256).exists() for copy in (0, 1) for sha256 in hashes)
    assert Defect.objects.filter(healed_at__isnull=True).count() == 0


def test_damage_in_the_third_copy_is_found_and_healed(bucket, store):
    copy, sha256 = bucket(), keep(b"work")
    run("third")
    store.client().put_object(Bucket=copy.bucket, Key=f"{sha256[:2]}/{sha256}", Body=b"other")

    done = scrub_whole(actor=ACTOR, copy="third")

    assert done.figures == {"read": 1, "changed": 1, "healed": 1}
    assert copy.holds(sha256)


def test_a_locked_third_copy_keeps_the_others_too_until_the_lock_ends(bucket):
    copy, sha256 = bucket(locked=True, lock_days=1), keep(b"work", spoken=False)
    run("third")
    Content.objects.filter(pk=sha256).update(set_aside_at=timezone.now() - BETWEEN_CHECKS - timedelta(days=1))

    done = run("sweep")

    assert (done.is_good, done.figures["refused"]) == (True, 1)
    assert (path(0, sha256).exists(), path(1, sha256).exists(), copy.holds(sha256)) == (True, True, True)
    assert Content.objects.filter(pk=sha256).exists()
    assert KeptCopy.objects.filter(content=sha256).count() == 3
