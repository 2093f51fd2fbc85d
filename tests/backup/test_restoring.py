"""What comes back, to which moment, and what is refused before anything is written."""

import hashlib
import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from licheng import cli
from licheng.backup.cluster import Cluster
from licheng.backup.drill import drill, proven_sites
from licheng.backup.keys import open_keys, seal_keys
from licheng.backup.place import BackupFailed, Place
from licheng.backup.plans import plan_restore
from licheng.backup.restoring import place_ledger, restore, settle
from licheng.embedded.installation import UNFINISHED, installation
from licheng.embedded.postgres import EmbeddedPostgres, programs
from licheng.embedded.processes import Processes, StartFailed
from tests.backup.conftest import AFTER, BEFORE, BETWEEN, followed, passable_folder, wait_for
from tests.backup.country import PASSPHRASE, Country

pytestmark = pytest.mark.slow


def restored(plan, history, to):
    """The plan in a folder, with its counts."""
    done = restore(plan, keys=history.keys(), to=to)
    return done.sites["school"]


def test_the_moment_before_a_delete_without_where_comes_back(history, tmp_path):
    plan = plan_restore(history.place, until=history.before_harm)

    school = restored(plan, history, tmp_path / "back")

    assert school.rows["files_storedfile"] == BEFORE + BETWEEN
    assert school.ledger == BEFORE + BETWEEN + AFTER
    assert school.taught == AFTER  # the log never goes back, whatever the database does
    assert not (tmp_path / "back" / UNFINISHED).exists()
    assert {
        name: site["problems"] for name, site in proven_sites(tmp_path / "back", plan, proofs=None).items()
    } == {
        "school": [],
        "archive": [],
        "courseplans": [],
    }


@pytest.fixture(scope="module")
def newest(history):
    """The newest moment in a folder of its own, and what the restore said."""
    with passable_folder() as folder:
        yield folder / "back", restore(plan_restore(history.place), keys=history.keys(), to=folder / "back")


@pytest.fixture
def back(newest, tmp_path):
    """The same to be harmed: a copy."""
    subprocess.run(["cp", "-a", str(newest[0]), str(tmp_path / "back")], check=True)
    return tmp_path / "back"


def test_the_newest_moment_comes_back_without_being_asked_for(newest):
    school = newest[1].sites["school"]

    assert school.rows["files_storedfile"] == AFTER
    assert (school.ledger, school.taught) == (BEFORE + BETWEEN + AFTER, 0)


def test_control_the_base_alone_loses_what_came_after_it(history, tmp_path):
    school = restored(plan_restore(history.place, base_only=True), history, tmp_path / "back")

    assert school.rows["files_storedfile"] == BEFORE
    assert school.ledger == BEFORE


def test_control_an_older_log_beside_a_newer_database_is_refused(history, back, tmp_path):
    base = plan_restore(history.place).base["sites"]["school"]
    shutil.rmtree(back / "school" / "ledger")
    place_ledger(history.place, base, back / "school" / "ledger")
    site, postgres = Country(back).site(), Country(back).postgres

    postgres.start()
    try:
        with Processes(tmp_path / "logs") as processes, pytest.raises(StartFailed, match="帳本比資料庫舊"):
            settle(processes, site)
    finally:
        postgres.stop()


def test_what_came_back_is_a_server_of_its_own(back):
    postgres = EmbeddedPostgres(back / "postgres")

    postgres.start()
    try:
        cluster = Cluster(postgres.url("postgres"), programs())
        assert cluster.ask("SELECT pg_is_in_recovery(), current_setting('restore_command')") == [(False, "")]
    finally:
        postgres.stop()
    assert not (postgres.root / "wal").exists()


def test_moments_that_cannot_be_reached_are_named(history):
    with pytest.raises(BackupFailed, match="最早只能還原到"):
        plan_restore(history.place, until=history.before_harm - timedelta(days=1))
    with pytest.raises(BackupFailed, match="最晚只能還原到"):
        plan_restore(history.place, until=history.before_harm + timedelta(days=1))
    with pytest.raises(BackupFailed, match="沒有這份備份"):
        plan_restore(history.place, backup="20200101T000000Z-000000")


def test_a_site_that_was_opened_later_comes_back_only_to_moments_it_knows(tmp_path):
    lived, place = Country(tmp_path / "lived").make(("school", "archive")), Place(tmp_path / "place")
    with followed(lived, place):
        before_third = datetime.now(UTC)
    lived.make()
    with followed(lived, place), lived.source() as source:
        newest = place.newest_point(source.cluster.system())["mark"]["time"]
        wait_for(lambda: place.newest_point(source.cluster.system())["mark"]["time"] > newest)
        sealed = tmp_path / "keys" / "all.keys"
        seal_keys({site.name: site.keys for site in source.sites}, sealed, PASSPHRASE)
    lived.stop()
    keys = open_keys(sealed, PASSPHRASE)

    then = drill(plan_restore(place, until=before_third), keys=keys, work=tmp_path, proofs=None)
    now = drill(plan_restore(place), keys=keys, work=tmp_path, proofs=None)

    assert [sorted(report["sites"]) for report in (then, now)] == [
        ["archive", "school"],
        ["archive", "courseplans", "school"],
    ]
    assert then["is_good"]
    assert now["is_good"]


def test_a_folder_in_use_is_left_alone(history, tmp_path):
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "letter").write_text("mine")

    with pytest.raises(BackupFailed, match="不是空的資料夾"):
        restored(plan_restore(history.place), history, tmp_path / "used")

    assert [path.name for path in (tmp_path / "used").iterdir()] == ["letter"]


def test_an_unfinished_restore_is_not_served(tmp_path):
    (tmp_path / UNFINISHED).write_text("")

    with pytest.raises(StartFailed, match="還原沒有做完"), installation(tmp_path, fresh=False):
        pass


def test_an_empty_place_says_so(tmp_path):
    with pytest.raises(BackupFailed, match="沒有完整的備份"):
        plan_restore(Place(tmp_path))


def test_the_drill_proves_tells_and_cleans_up(history, tmp_path):
    plan = plan_restore(history.place)

    report = drill(plan, keys=history.keys(), work=tmp_path / "work", proofs=None)

    school = report["sites"]["school"]
    assert report["is_good"]
    assert school["proofs_verified"] == school["ledger_size"] == BEFORE + BETWEEN + AFTER
    assert school["files_known"] == school["files_hashed"] == AFTER  # what is still spoken of
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize(
    ("harm", "problem"),
    [("change", "file changed"), ("remove", "file missing"), ("entry", "ledger: "), ("row", "rows, ")],
)
def test_control_the_drill_finds_what_was_planted(history, back, harm, problem):
    plant(harm, back)

    found = proven_sites(back, plan_restore(history.place), proofs=None)["school"]["problems"]

    assert any(problem in said for said in found)


def copied_file(copy):
    """A file that the newest moment speaks of."""
    data = f"成果 {BEFORE + BETWEEN}\n".encode() * ((BEFORE + BETWEEN) % 50 + 1)
    sha256 = hashlib.sha256(data).hexdigest()
    return copy / sha256[:2] / sha256


def plant(harm, root):
    """Do one harm to a restored installation."""
    home = root / "school"
    target = copied_file(home / "copy-b")
    if harm == "change":
        target.write_bytes(target.read_bytes()[:-1] + b"x")
    elif harm == "remove":
        target.unlink()
    elif harm == "entry":
        bundle = next(path for path in sorted((home / "ledger/tile/entries").rglob("*")) if path.is_file())
        bundle.write_bytes(bundle.read_bytes().replace(b"stored", b"storxd", 1))
    else:
        postgres = EmbeddedPostgres(root / "postgres")
        postgres.start()
        cluster = Cluster(postgres.url("licheng_school"), programs())
        cluster.ask("DELETE FROM ledger_ledgerentry WHERE index = 0")


def test_the_commands_restore_and_drill(history, tmp_path, capsys):
    secret = tmp_path / "passphrase"
    secret.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    asked = ["--from", str(history.place.root), "--keys-from", str(history.sealed.parent)]
    asked += ["--passphrase-file", str(secret)]

    assert cli.main(["restore", *asked, "--to", str(tmp_path / "back")]) == 0
    assert cli.main(["restore", *asked, "--to", str(tmp_path / "back")]) == 1
    assert "不是空的資料夾" in capsys.readouterr().err
    live = ["--live", str(tmp_path / "back"), "--report", str(tmp_path / "report.json")]
    assert cli.main(["restore-drill", *asked, "--work", str(tmp_path / "work"), *live]) == 0

    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report == json.loads((tmp_path / "report.json").read_text())
    back = Country(tmp_path / "back")
    back.postgres.start()
    try:
        question = "SELECT job, is_good FROM custody_custodyrun WHERE job = 'restore-drill'"
        assert back.cluster.ask(question, url=back.site().database_url) == [("restore-drill", True)]
    finally:
        back.stop()
