"""Copies in folders: what they answer, and what they do when the device is full, read-only, changed or another."""

import errno
import hashlib
import io
import os
import subprocess
import time
from datetime import timedelta

import pytest

from licheng.foundations import durable
from licheng.foundations.custody import copies as copies_module
from licheng.foundations.custody import witness
from licheng.foundations.custody.copies import copies, good_path, landing, put_everywhere
from licheng.foundations.custody.errors import CopyLost
from licheng.foundations.custody.folder import ASIDE, RESERVE, FolderCopy
from licheng.foundations.custody.volumes import (
    NOBODY,
    CopyState,
    ReserveGivenUp,
    Stored,
    VolumeIdentity,
    WrongVolume,
)

DATA = "學習歷程".encode() * 50_000
SHA = hashlib.sha256(DATA).hexdigest()
MEGABYTE = 2**20


def put(copy, data=DATA, **how):
    return copy.put(io.BytesIO(data), hashlib.sha256(data).hexdigest(), **how)


@pytest.fixture
def copy(tmp_path):
    """A copy on an opened volume."""
    made = FolderCopy("a", tmp_path / "copy-a")
    made.set_identity(VolumeIdentity.new())
    return made


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 12 MB; whatever a test does to it, it is taken away afterwards."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_copy_says_what_it_stored_and_on_which_volume(copy):
    stored = put(copy)

    assert stored == Stored(SHA, len(DATA), copy.identity().uuid, 0)
    assert copy.path(SHA).read_bytes() == DATA
    assert (copy.state(SHA), copy.holds(SHA), list(copy.hashes())) == (CopyState.GOOD, True, [SHA])


def test_a_whole_file_is_left_alone_and_a_changed_one_is_replaced(copy):
    put(copy)
    before = copy.path(SHA).stat()
    put(copy)
    untouched = copy.path(SHA).stat()
    copy.path(SHA).chmod(0o600)
    copy.path(SHA).write_bytes(b"rotten")

    assert (untouched.st_ino, untouched.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert copy.state(SHA) == CopyState.CHANGED
    assert put(copy).size == len(DATA)
    assert copy.path(SHA).read_bytes() == DATA


def test_other_bytes_than_the_name_says_are_never_given_the_name(copy):
    with pytest.raises(OSError, match="read-back"):
        copy.put(io.BytesIO(b"other"), SHA)

    assert copy.state(SHA) == CopyState.MISSING
    assert list(copy.root.glob(".tmp-*")) == []


def test_names_come_sorted_and_nothing_else_counts_as_a_file(copy):
    names = sorted(put(copy, bytes([number]) * 9).sha256 for number in range(40))
    (copy.root / "ab" / "note.txt").write_text("x")
    (copy.root / "zz").mkdir()
    (copy.root / "00" / ("f" * 64)).write_text("in the wrong folder")

    assert list(copy.hashes()) == names


def test_a_changed_file_is_kept_as_evidence_and_a_whole_one_stays(copy):
    put(copy)
    copy.set_aside(SHA)
    assert copy.state(SHA) == CopyState.GOOD

    copy.path(SHA).chmod(0o600)
    copy.path(SHA).write_bytes(b"rotten")
    copy.set_aside(SHA)

    assert copy.state(SHA) == CopyState.MISSING
    assert [path.read_bytes() for path in (copy.root / ASIDE).iterdir()] == [b"rotten"]


def test_a_file_is_removed_and_a_second_time_is_no_failure(copy):
    put(copy)
    for _again in range(2):
        copy.remove(SHA)

    assert copy.state(SHA) == CopyState.MISSING
    with pytest.raises(FileNotFoundError):
        copy.open(SHA)


def test_leftovers_are_swept_by_age_and_whole_files_never(copy):
    put(copy)
    old, new = copy.root / ".tmp-1-old", copy.root / ".tmp-2-new"
    for path in (old, new):
        path.write_bytes(b"half")
    day_ago = time.time() - 86_401
    os.utime(old, (day_ago, day_ago))
    os.utime(copy.path(SHA), (day_ago, day_ago))

    assert copy.sweep(timedelta(hours=24)) == 1
    assert (old.exists(), new.exists(), copy.holds(SHA)) == (False, True, True)


def test_a_failed_sync_is_never_retried_and_nothing_stays(copy, monkeypatch):
    calls = []

    def failing(descriptor):
        calls.append(descriptor)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(durable.os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output"):
        put(copy)

    assert len(calls) == 1
    assert list(copy.root.glob(".tmp-*")) == []
    assert not copy.path(SHA).exists()


def test_a_full_device_gives_its_reserve_up_and_lets_only_repairs_in(small_disk):
    copy = FolderCopy("a", small_disk / "copy")
    copy.set_identity(VolumeIdentity.new())
    assert copy.keep_reserve(3 * MEGABYTE) is True
    assert (copy.root / RESERVE).stat().st_blocks * 512 >= 3 * MEGABYTE  # really taken, not only promised
    kept = []

    def fill():
        for number in range(20):
            data = bytes([number]) * MEGABYTE
            kept.append(put(copy, data, may_use_reserve=False).sha256)

    with pytest.raises(OSError, match="No space left") as full:
        fill()

    assert full.value.errno == errno.ENOSPC
    assert 5 <= len(kept) <= 9
    assert copy.free_bytes() >= 2 * MEGABYTE
    with pytest.raises(ReserveGivenUp):
        put(copy, b"new", may_use_reserve=False)
    assert all(copy.holds(sha256) for sha256 in kept)
    assert put(copy, b"a repair").size == 8
    assert list(copy.root.glob(".tmp-*")) == []


def test_the_reserve_comes_back_only_when_there_is_room_for_it(small_disk):
    copy = FolderCopy("a", small_disk / "copy")
    copy.set_identity(VolumeIdentity.new())
    ballast = small_disk / "ballast"
    copy.keep_reserve(3 * MEGABYTE)
    copy.release_reserve()
    ballast.write_bytes(b"\0" * 8 * MEGABYTE)

    assert copy.keep_reserve(3 * MEGABYTE) is False
    with pytest.raises(ReserveGivenUp):
        put(copy, b"new", may_use_reserve=False)

    ballast.unlink()
    assert copy.keep_reserve(3 * MEGABYTE) is True
    assert put(copy, b"new", may_use_reserve=False).size == 3


def test_a_read_only_device_refuses_and_goes_on_giving(small_disk):
    copy = FolderCopy("a", small_disk / "copy")
    copy.set_identity(VolumeIdentity.new())
    kept = put(copy, b"before").sha256
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    with pytest.raises(OSError, match="Read-only") as refused:
        put(copy)

    assert refused.value.errno == errno.EROFS
    assert copy.holds(kept)


def test_a_copy_that_is_held_to_its_volume_touches_no_other(copy):
    put(copy)
    held = FolderCopy("a", copy.root, copy.identity().opened_again())

    for use in (
        lambda: put(held, b"new"),
        lambda: held.state(SHA),
        lambda: held.open(SHA),
        lambda: list(held.hashes()),
        lambda: held.remove(SHA),
        lambda: held.set_aside(SHA),
        lambda: held.sweep(timedelta(0)),
        lambda: held.keep_reserve(1),
    ):
        with pytest.raises(WrongVolume):
            use()
    assert list(copy.hashes()) == [SHA]


def test_an_unreadable_identity_is_a_failure_not_a_new_volume(copy):
    (copy.root / "VOLUME.json").chmod(0o600)
    (copy.root / "VOLUME.json").write_text('{"uuid": "no')

    with pytest.raises(OSError, match="identity"):
        copy.identity()
    with pytest.raises(OSError, match="identity"):
        put(copy)


def open_copies():
    """Both copies as the guard leaves them."""
    for copy in copies():
        copy.set_identity(VolumeIdentity.new().opened_again())
        witness.remember(copy.name, copy.identity(), boot=witness.boot_now())


def test_every_copy_answers_for_itself():
    open_copies()

    said = put_everywhere(io.BytesIO(DATA), SHA)

    assert [(one.sha256, one.size, one.epoch) for one in said] == [(SHA, len(DATA), 1)] * 2
    assert [one.volume for one in said] == [copy.identity().uuid for copy in copies()]


def test_before_the_first_opening_copies_have_no_volume_to_name():
    assert {one.volume for one in put_everywhere(io.BytesIO(DATA), SHA)} == {NOBODY}


def test_a_volume_that_went_away_meanwhile_takes_nothing_more(settings):
    open_copies()
    settings.COPY_ROOTS[1].rename(settings.COPY_ROOTS[1].with_name("unmounted"))

    with pytest.raises(WrongVolume):
        put_everywhere(io.BytesIO(DATA), SHA)

    assert not settings.COPY_ROOTS[1].exists()


def test_two_names_of_one_volume_are_one_copy(settings):
    open_copies()
    settings.COPY_ROOTS = (settings.COPY_ROOTS[0], settings.COPY_ROOTS[0])
    witness.remember("b", copies()[0].identity(), boot=witness.boot_now())

    with pytest.raises(WrongVolume, match="one volume"):
        put_everywhere(io.BytesIO(DATA), SHA)


def test_a_copy_that_says_it_stored_something_else_is_not_believed(monkeypatch):
    lies = Stored("0" * 64, len(DATA), NOBODY, 0)
    monkeypatch.setattr(FolderCopy, "put", lambda *_given, **_how: lies)

    with pytest.raises(OSError, match="other bytes"):
        put_everywhere(io.BytesIO(DATA), SHA)


def test_bytes_land_in_the_first_copy_and_a_full_one_refuses_before_they_come():
    open_copies()
    with landing() as (descriptor, path):
        durable.write_all(descriptor, b"on the way")
        assert path.parent == copies()[0].root
    assert not path.exists()
    copies()[0].keep_reserve(MEGABYTE)
    copies()[0].release_reserve()

    with pytest.raises(ReserveGivenUp), landing():
        pytest.fail("nothing may land")


def test_the_first_copy_that_gives_the_bytes_is_read():
    put_everywhere(io.BytesIO(DATA), SHA)
    first, second = copies()
    assert good_path(SHA) == first.path(SHA)

    first.path(SHA).unlink()
    assert good_path(SHA) == second.path(SHA)

    second.path(SHA).chmod(0o600)
    second.path(SHA).write_bytes(b"rotten")
    with pytest.raises(CopyLost):
        good_path(SHA)


def test_names_follow_the_order_of_the_setting(settings, tmp_path):
    settings.COPY_ROOTS = (*settings.COPY_ROOTS, tmp_path / "more", "https://copy.example:8200/")

    assert [copy.name for copy in copies()] == ["a", "b", "c", "d"]
    assert copies_module.copies()[3].url == "https://copy.example:8200"
