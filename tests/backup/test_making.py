"""A backup counts when it is whole, copies what is new, and leaves earlier ones as they are."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from licheng import cli
from licheng.backup.cluster import Cluster
from licheng.backup.place import BackupFailed, Differs, Place
from licheng.backup.plans import check_plan, plan_restore
from licheng.backup.sources import SITES, server_source
from licheng.backup.whole import KeysTo, make_backup
from licheng.embedded.postgres import programs
from tests.backup.conftest import BEFORE, wait_for
from tests.backup.country import PASSPHRASE

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "place")


def backed_up(country, place, **options):
    with country.source() as source:
        return make_backup(source, place, keys=options.pop("keys", None), **options)


def is_whole(place):
    check_plan(plan_restore(place), programs())
    return True


def command(country, place, *more):
    words = ["backup", "--to", str(place.root), "--root", str(country.root), *more]
    return [sys.executable, "-m", "licheng.cli", *words]


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_the_second_backup_copies_only_what_is_new_and_the_full_base_stays(country, place):
    first = backed_up(country, place)
    second = backed_up(country, place)
    names = {path: path.stat().st_mtime_ns for path in (place.root / "objects").rglob("*") if path.is_file()}
    third = backed_up(country, place, keep=1)

    assert first["database"]["rests_on"] is None
    assert second["database"]["rests_on"] == third["database"]["rests_on"] == first["id"]
    assert second["database"]["size"] < first["database"]["size"]
    assert [body["id"] for body in place.backups()] == [first["id"], third["id"]]
    assert {path: path.stat().st_mtime_ns for path in names if path.exists()} == names
    assert len(third["sites"]["school"]["files"]) >= BEFORE
    assert is_whole(place)


def test_a_killed_backup_is_never_taken_for_a_whole_one(country, place):
    first = backed_up(country, place)
    process = subprocess.Popen(command(country, place), env=environment(), start_new_session=True)
    wait_for(lambda: any(path.name.startswith(".part-") for path in place.bases.iterdir()))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    assert [body["id"] for body in place.backups()] == [first["id"]]
    assert is_whole(place)
    second = backed_up(country, place)
    assert {path.name for path in place.bases.iterdir()} == {first["id"], second["id"]}


def test_a_base_without_its_document_does_not_count(country, place):
    body = backed_up(country, place)
    place.backup_path(body["id"]).unlink()

    with pytest.raises(BackupFailed, match="沒有完整的備份"):
        plan_restore(place)


def test_two_at_once_are_one(country, place):
    backed_up(country, place)
    with place.locked("backup"), pytest.raises(BackupFailed, match="另一個備份"):
        backed_up(country, place)

    assert len(place.backups()) == 1


def first_object(place, body):
    return place.object_path(body["sites"]["school"]["files"][0]["sha256"])


def first_tile(place, body):
    return place.object_path(body["sites"]["school"]["ledger"]["files"][1]["sha256"])


def base_file(place, body):
    return next(
        path for path in sorted((place.bases / body["id"] / "base").rglob("[0-9]*")) if path.is_file()
    )


def base_log(place, body):
    return place.bases / body["id"] / "pg_wal" / body["database"]["first_wal"]


@pytest.mark.parametrize("which", [first_object, first_tile, base_file, base_log], ids=lambda f: f.__name__)
@pytest.mark.parametrize("harm", ["flip", "remove"])
def test_a_harmed_backup_is_found_before_anything_is_written(country, place, tmp_path, which, harm):
    path = which(place, backed_up(country, place))
    if harm == "flip":
        data = bytearray(path.read_bytes())
        data[len(data) // 2 if which is not base_log else 9000] ^= 1
        path.chmod(0o600)
        path.write_bytes(data)
    else:
        path.unlink()

    with pytest.raises(BackupFailed):
        check_plan(plan_restore(place), programs())


def test_a_changed_document_is_refused(country, place):
    body = backed_up(country, place)
    path = place.backup_path(body["id"])
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b'"size":20', b'"size":21', 1))

    with pytest.raises(BackupFailed, match="已被更動"):
        plan_restore(place)


def test_a_place_that_cannot_be_written_is_said(country, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(BackupFailed, match="不能寫入"):
        backed_up(country, Place(tmp_path / "file" / "place"))


def test_a_full_device_ends_the_backup_and_leaves_the_earlier_one(country, place):
    first = backed_up(country, place)
    limited = ["prlimit", "--fsize=65536", "--", *command(country, place)]

    done = subprocess.run(limited, env=environment(), check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert "✗" in done.stderr
    assert [body["id"] for body in place.backups()] == [first["id"]]
    assert {path.name for path in place.bases.iterdir()} == {first["id"]}
    assert is_whole(place)


def test_a_file_changed_in_one_copy_is_taken_from_the_other(country, place):
    path = min((country.root / "school" / "copy-a").glob("??/*"))
    good = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(good[:-1] + b"x")
    try:
        body = backed_up(country, place)
        assert place.object_path(path.name).read_bytes() == good
        assert body["sites"]["school"]["unreadable"] == []
    finally:
        path.write_bytes(good)


def test_a_file_lost_in_every_copy_is_named_and_the_rest_kept(country, place, tmp_path, capsys):
    paths = [country.root / "school" / copy for copy in ("copy-a", "copy-b")]
    sha256 = "0" * 64
    for root in paths:
        (root / "00").mkdir(exist_ok=True)
        (root / "00" / sha256).write_bytes(b"not these bytes")
    try:
        assert cli.main(["backup", "--to", str(place.root), "--root", str(country.root)]) == 3
        assert sha256 in capsys.readouterr().err
        assert len(place.backups()[0]["sites"]["school"]["files"]) >= BEFORE
    finally:
        for root in paths:
            (root / "00" / sha256).unlink()


def test_neither_passphrase_nor_keys_are_in_the_backup(country, place, tmp_path):
    backed_up(country, place, keys=KeysTo(tmp_path / "vault", PASSPHRASE))
    secrets = [PASSPHRASE.encode()]
    for name in SITES:
        secrets += [path.read_bytes().strip() for path in (country.root / name / "keys").glob("*.key")]

    found = [
        path
        for path in place.root.rglob("*")
        if path.is_file() and any(secret in path.read_bytes() for secret in secrets)
    ]

    assert len(secrets) >= 13
    assert found == []
    assert len(list((tmp_path / "vault").glob("*.keys"))) == 1


def test_keys_inside_the_place_are_refused_before_anything_is_copied(country, place):
    with pytest.raises(BackupFailed, match="不能和備份放在一起"):
        backed_up(country, place, keys=KeysTo(place.root / "keys", PASSPHRASE))

    assert place.backups() == []


def test_a_password_is_never_on_a_command_line():
    cluster = Cluster("postgresql://app:s%40cret@db.example:5432/licheng", programs())

    assert cluster.shown_url == "postgresql://app@db.example:5432/licheng"
    assert cluster.environment["PGPASSWORD"] == "s@cret"


def test_a_server_names_its_site_and_its_copies(tmp_path):
    said = {
        "LICHENG_SITE": "school",
        "DATABASE_URL": "postgresql://app@/licheng",
        "LICHENG_KEYS": "/etc/keys",
    }

    (site,) = server_source(tmp_path, programs(), said | {"LICHENG_COPIES": "/mnt/a,https://b.example"}).sites

    assert (site.name, site.database_name, site.keys) == ("school", "licheng", Path("/etc/keys"))
    assert site.copies == (Path("/mnt/a"),)
    (tmp_path / "url").write_text("postgresql://owner@/plans\n")
    hidden = {"LICHENG_SITE": "courseplans", "LICHENG_OWNER_DATABASE_URL_FILE": str(tmp_path / "url")}
    (site,) = server_source(tmp_path, programs(), hidden).sites
    assert (site.name, site.database_name) == ("courseplans", "plans")
    (tmp_path / "url").unlink()
    with pytest.raises(BackupFailed, match="LICHENG_OWNER_DATABASE_URL_FILE"):
        server_source(tmp_path, programs(), hidden)
    with pytest.raises(BackupFailed, match="LICHENG_SITE"):
        server_source(tmp_path, programs(), {})
    with pytest.raises(BackupFailed, match="沒有任何一份副本"):
        server_source(tmp_path, programs(), said | {"LICHENG_COPIES": "https://b.example"})


def test_bytes_that_are_not_what_they_are_called_are_not_kept(place, tmp_path):
    place.prepare()
    (tmp_path / "x").write_bytes(b"x")

    with (tmp_path / "x").open("rb") as source, pytest.raises(Differs):
        place.keep(source, "0" * 64)

    assert [path for path in (place.root / "objects").rglob("*") if path.is_file()] == []
