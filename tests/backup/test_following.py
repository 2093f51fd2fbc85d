"""Every moment is kept while the sites run; what interrupts it is said, and a gap is never passed over."""

import os
import signal
from pathlib import Path

import pytest

from licheng.backup.following import newest_base
from licheng.backup.place import BackupFailed, Place
from licheng.backup.plans import check_plan, plan_restore
from licheng.backup.whole import slot_of
from licheng.embedded.postgres import programs
from tests.backup.conftest import followed, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def place(country, tmp_path):
    made = Place(tmp_path / "place")
    yield made
    if country.cluster.slot_state(slot_of(made)):
        country.cluster.drop_slot(slot_of(made))


def receiver_of(place):
    """The process that receives the log of a place."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        words = path.read_bytes().split(b"\0")
        if words[0].endswith(b"pg_receivewal") and any(str(place.root).encode() in word for word in words):
            return int(path.parent.name)
    raise AssertionError("nobody receives")


def test_following_again_goes_on_where_it_stopped(country, place):
    with followed(country, place):
        pass
    with followed(country, place):
        pass

    system = country.cluster.system()
    assert len(place.backups()) == 1
    assert len(place.logs(system)) == 1
    assert place.newest_point(system)["base"] == newest_base(place, system)["id"]
    check_plan(plan_restore(place), programs())


def test_a_log_with_a_gap_is_not_gone_on_with(country, place):
    with followed(country, place):
        pass
    country.cluster.drop_slot(slot_of(place))  # as PostgreSQL does when a place stays away too long

    with followed(country, place):
        pass

    assert len(place.backups()) == 2
    assert len(place.logs(country.cluster.system())) == 2
    check_plan(plan_restore(place), programs())


def end_the_receiver(country, place):
    with followed(country, place) as running:
        os.kill(receiver_of(place), signal.SIGKILL)
        wait_for(running.done)


def test_a_receiver_that_ends_is_said(country, place):
    with pytest.raises(BackupFailed, match="接收停了"):
        end_the_receiver(country, place)

    check_plan(plan_restore(place), programs())


def test_control_a_log_file_that_was_removed_is_missed(country, place):
    with followed(country, place):
        country.cluster.ask("SELECT pg_switch_wal()")
        country.cluster.ask("SELECT pg_current_xact_id()")
    log = place.log_folder(place.current_log(country.cluster.system()))
    first = place.backups()[0]["database"]["first_wal"]
    (log / first).unlink()

    with pytest.raises(BackupFailed, match="沒有從這份備份開始"):
        check_plan(plan_restore(place), programs())
