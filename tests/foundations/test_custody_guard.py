"""The start-up guard: what opens a site, and every state in which it must stay closed."""

import hashlib
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.custody import witness
from licheng.foundations.custody.copies import copies, declared_copies
from licheng.foundations.custody.guard import NotOpened, require_open
from licheng.foundations.custody.models import Content, CustodyRun, Job, Volume
from licheng.foundations.custody.operations import heal_copy
from licheng.foundations.custody.volumes import VolumeIdentity
from tests.environment import POSTGRES
from tests.factories import StudentFactory
from tests.foundations.guarding import closed, epochs, guard, guard_text, keep, site
from tests.school.items import certified_outcome

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
__all__ = ["site"]


def test_a_new_site_opens_and_every_start_counts():
    for start in (1, 2, 3):
        report, ended = guard()

        assert (ended, report["open"], report["copies"]) == (0, True, {"a": "good", "b": "good"})
        assert epochs() == [(start, start, start)] * 2
        require_open()
    assert [run.is_good for run in CustodyRun.objects.filter(job=Job.GUARD)] == [True] * 3


def test_an_opening_hashes_what_is_new_and_says_how_much(site):
    report, ended = guard()

    assert (ended, report["figures"]["read"], report["figures"]["contents"]) == (0, 20, 10)
    assert CustodyRun.objects.latest("began_at").figures["read"] == 20


def test_no_start_without_the_guard():
    with pytest.raises(NotOpened, match=r"run `manage\.py guard`"):
        require_open()
    with pytest.raises(CommandError) as refused:
        call_command("ox_worker")
    assert refused.value.returncode == 3


def test_no_start_after_the_machine_was_started_again(site):
    memory = witness.remembered("a")
    witness.remember("a", memory.identity, boot="another start")

    with pytest.raises(NotOpened, match="since this machine started"):
        require_open()


def rolled_back(root):
    """The volume as it was before the last opening, with everything that came since gone."""
    image = root.with_name("image")
    shutil.copytree(root, image)
    assert guard()[1] == 0
    lost = keep(b"came after the picture was taken")
    shutil.rmtree(root)
    image.rename(root)
    return lost


def test_a_rolled_back_volume_keeps_the_site_closed_and_is_healed(site):
    lost = rolled_back(copies()[0].root)

    report, ended = guard()

    assert closed(report, ended)
    assert report["copies"] == {"a": "rolled-back", "b": "good"}
    found = [(one["copy"], one["sha256"], one["elsewhere"]) for one in report["losses"]]
    assert found == [("a", lost, ["b"])]
    assert report["remedies"] == [
        "manage.py guard --adopt-new-volume a",
        "manage.py heal --copy a --from b",
        "manage.py guard",
    ]
    report, ended = guard("--adopt-new-volume", "a")
    assert closed(report, ended)
    assert report["adopted"] == ["a"]
    heal_copy(actor=ACTOR, target="a", source="b", told=lambda *_seen: None)
    assert guard()[1] == 0
    require_open()
    assert copies()[0].holds(lost)


def test_a_volume_rolled_back_to_after_the_opening_is_found_by_its_files(site):
    root = copies()[0].root
    shutil.copytree(root, root.with_name("image"))
    lost = keep(b"came later the same day")
    shutil.rmtree(root)
    root.with_name("image").rename(root)
    require_open()  # from inside nothing can be seen

    report, ended = guard()

    assert closed(report, ended)
    assert [(one["sha256"], one["state"]) for one in report["losses"]] == [(lost, "missing")]
    assert report["remedies"] == ["manage.py heal --copy a --from b", "manage.py guard"]


def test_another_volume_in_its_place_keeps_the_site_closed(site):
    copies()[1].set_identity(VolumeIdentity(VolumeIdentity.new().uuid, 1, ""))

    report, ended = guard()

    assert closed(report, ended)
    assert report["copies"] == {"a": "good", "b": "other-volume"}


def test_swapped_volumes_keep_the_site_closed(site):
    a, b = (copy.root for copy in copies())
    a.rename(a.with_name("aside"))
    b.rename(a)
    a.with_name("aside").rename(b)

    report, ended = guard()

    assert closed(report, ended)
    assert report["copies"] == {"a": "other-volume", "b": "other-volume"}


def test_a_missing_mount_keeps_the_site_closed_and_loses_nothing(site):
    root = copies()[0].root
    root.rename(root.with_name("unmounted"))

    report, ended = guard()

    assert closed(report, ended)
    assert report["copies"]["a"] == "no-volume"
    assert len(report["losses"]) == 10
    root.with_name("unmounted").rename(root)
    assert guard()[1] == 0


def test_a_wiped_copy_is_rebuilt_only_after_somebody_says_so(site):
    shutil.rmtree(copies()[1].root)
    assert guard()[1] == 3

    report, _ended = guard("--adopt-new-volume", "b")
    assert report["adopted"] == ["b"]
    with pytest.raises(NotOpened):
        require_open()
    heal_copy(actor=ACTOR, target="b", source="a", told=lambda *_seen: None)

    assert guard()[1] == 0
    assert all(copies()[1].holds(sha256) for sha256 in site)


def test_nothing_is_adopted_while_no_other_copy_is_right(site):
    a, b = copies()
    a.path(site[0]).unlink()
    shutil.rmtree(b.root)

    report, ended = guard("--adopt-new-volume", "b")

    assert closed(report, ended)
    assert (report["adopted"], report["refused"]) == ([], ["b"])
    assert declared_copies()[1].identity() is None


def test_one_lost_file_of_the_last_day_is_seen(site):
    Content.objects.exclude(pk=site[3]).update(kept_at=timezone.now() - timedelta(days=40))
    copies()[0].path(site[3]).unlink()

    report, ended = guard()

    assert closed(report, ended)
    assert [(one["copy"], one["sha256"]) for one in report["losses"]] == [("a", site[3])]


def test_one_changed_file_of_the_last_day_is_seen_however_many_there_are(site):
    rows = [Content(sha256=hashlib.sha256(b"old %d" % n).hexdigest(), size_bytes=5) for n in range(400)]
    Content.objects.bulk_create(rows)
    for number in range(400):
        for copy in copies():
            path = copy.path(rows[number].pk)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"old %d" % number)
    Content.objects.exclude(pk=site[3]).update(kept_at=timezone.now() - timedelta(days=40))
    path = copies()[1].path(site[3])
    path.chmod(0o600)
    path.write_bytes(b"rotten")

    report, ended = guard()

    assert closed(report, ended)
    assert [(one["copy"], one["state"]) for one in report["losses"]] == [("b", "changed")]
    assert report["figures"]["read"] < 2 * 300


def test_an_old_file_that_is_gone_is_seen_by_its_name(site):
    rows = [hashlib.sha256(b"old %d" % n).hexdigest() for n in range(400)]
    Content.objects.bulk_create([Content(sha256=sha256, size_bytes=5) for sha256 in rows])
    Content.objects.update(kept_at=timezone.now() - timedelta(days=40))
    keep(b"the newest")

    report, _ended = guard()

    assert {one["sha256"] for one in report["losses"]} == set(rows)


def test_a_site_whose_files_were_never_opened_asks_before_it_takes_them(site, settings):
    for copy in copies():
        (copy.root / "VOLUME.json").unlink()
    shutil.rmtree(settings.WITNESS_ROOT)
    Volume.objects.all().delete()

    report, ended = guard()
    assert closed(report, ended)
    assert set(report["copies"].values()) == {"never-opened"}

    assert guard("--adopt-new-volume", "a", "--adopt-new-volume", "b")[1] == 0
    require_open()


def test_an_empty_volume_under_a_database_with_files_is_no_new_site(site, settings):
    shutil.rmtree(settings.WITNESS_ROOT)
    Volume.objects.all().delete()
    for copy in declared_copies():
        shutil.rmtree(copy.root)

    report, ended = guard("--adopt-new-volume", "a", "--adopt-new-volume", "b")

    assert closed(report, ended)
    assert report["refused"] == ["a", "b"]


def test_what_is_lost_everywhere_is_named_and_opened_only_on_purpose(site):
    for copy in copies():
        copy.path(site[0]).unlink()

    report, ended = guard()
    assert closed(report, ended)
    assert report["figures"]["lost"] == 1
    assert [one["elsewhere"] for one in report["losses"]] == [[], []]

    report, ended = guard("--open-with-losses")
    assert (ended, report["open"], len(report["losses"])) == (0, True, 2)
    require_open()
    assert CustodyRun.objects.latest("began_at").is_good is False


def test_losses_never_open_a_wrong_volume(site):
    rolled_back(copies()[0].root)

    report, ended = guard("--open-with-losses")

    assert closed(report, ended)


def test_the_list_names_school_student_and_file():
    assert guard()[1] == 0
    student = StudentFactory(name="王小明")
    document = certified_outcome(student).document
    copies()[0].path(document.sha256).unlink()

    report, _ended = guard()
    text = guard_text()

    (loss,) = report["losses"]
    assert (loss["school"], loss["person"], loss["file_name"], loss["elsewhere"]) == (
        student.school.code,
        f"{student.account} 王小明",
        "reading_notes.pdf",
        ["b"],
    )
    assert f"學校 {student.school.code}：1 個檔案，1 人" in text
    assert f"{student.account} 王小明：1 個（另一份副本還有 1 個）：reading_notes.pdf" in text
    assert "manage.py heal --copy a --from b" in text


def test_a_device_that_fails_while_it_is_checked_keeps_the_site_closed(site):
    path = copies()[0].path(site[0])
    path.unlink()
    path.mkdir()  # reading it is an error of the device, not a missing file

    report, ended = guard()

    assert closed(report, ended)
    assert report["copies"]["a"] == "unreachable"
    assert report["losses"] == []


def test_two_guards_at_once_are_one(site):
    from django.db import connections

    other = connections.create_connection("default")
    try:
        key = int.from_bytes(hashlib.sha256(b"custody/guard").digest()[:8], signed=True)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        with pytest.raises(CommandError) as busy:
            call_command("guard")
    finally:
        other.close()
    assert busy.value.returncode == 3


def test_in_production_a_copy_needs_a_file_system_of_its_own(site, settings, tmp_path):
    settings.EMBEDDED = False

    report, ended = guard()

    assert closed(report, ended)
    assert set(report["copies"].values()) == {"not-its-own"}


def test_in_production_a_site_that_takes_no_files_opens_without_any(site, settings):
    settings.EMBEDDED, settings.TAKES_FILES = False, False

    assert guard()[1] == 0


@pytest.fixture
def disks(tmp_path):
    """Two real ext4 file systems, mounted; taken away afterwards."""
    places = []
    for name in "ab":
        image, place = tmp_path / f"{name}.img", tmp_path / f"disk-{name}"
        with image.open("wb") as file:
            file.truncate(24 * 2**20)
        place.mkdir()
        subprocess.run(["mkfs.ext4", "-q", image], check=True)
        subprocess.run(["mount", "-o", "loop", image, place], check=True)
        places.append(place)
    yield places
    for place in places:
        subprocess.run(["umount", place], check=False)


def test_in_production_own_file_systems_open_and_a_lost_mount_closes(disks, settings):
    settings.EMBEDDED = False
    settings.COPY_ROOTS = tuple(place / "copy" for place in disks)
    assert guard()[1] == 0
    keep(b"on a real disk")
    assert guard()[1] == 0
    subprocess.run(["umount", disks[1]], check=True)

    report, ended = guard()

    assert closed(report, ended)
    assert report["copies"] == {"a": "good", "b": "not-its-own"}


def test_the_web_server_does_not_start_before_the_guard(settings):
    from django.db import connection

    settings_of = {
        "LICHENG_HOME": str(settings.HOME),
        "DATABASE_URL": POSTGRES.url(connection.settings_dict["NAME"]),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    started = subprocess.run(
        [sys.executable, "-c", "import licheng.config.wsgi"],
        check=False,
        env=os.environ | settings_of,
        capture_output=True,
        text=True,
        cwd=Path(settings.HOME),
    )

    assert started.returncode != 0
    assert "NotOpened" in started.stderr
