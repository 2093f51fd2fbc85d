"""Keys stand apart, sealed: nothing of them or of the passphrase is where the backup is."""

import pytest

from licheng.backup import keys
from licheng.backup.keys import open_keys, passphrase_from, refuse_inside, seal_keys, write_keys
from licheng.backup.place import BackupFailed
from tests.backup.country import PASSPHRASE

pytestmark = pytest.mark.slow  # each sealing derives a key at full cost


@pytest.fixture
def sealed(tmp_path):
    folder = tmp_path / "home" / "keys"
    (folder / "archive-tokens").mkdir(parents=True)
    (folder / "ledger.key").write_text("PRIVATE+KEY+ledger\n")
    (folder / "archive-tokens" / "070406").write_text("token\n")
    path = tmp_path / "vault" / "one.keys"
    seal_keys({"school": folder}, path, PASSPHRASE)
    return path


def test_keys_come_back_for_their_owner_only(sealed, tmp_path):
    write_keys(open_keys(sealed, PASSPHRASE), "school", tmp_path / "back")

    assert (tmp_path / "back" / "ledger.key").read_text() == "PRIVATE+KEY+ledger\n"
    assert (tmp_path / "back" / "archive-tokens" / "070406").read_text() == "token\n"
    assert (tmp_path / "back" / "ledger.key").stat().st_mode & 0o777 == 0o600


def test_keys_of_another_site_and_paths_that_lead_out_are_not_written(tmp_path):
    elsewhere = {"school/../../out": b"x", f"school/{tmp_path}/out": b"x"}
    write_keys({"archive/ledger.key": b"x", **elsewhere}, "school", tmp_path / "a" / "back")

    assert not (tmp_path / "a").exists()
    assert not (tmp_path / "out").exists()


def test_keys_behind_links_are_sealed_as_well(tmp_path):
    (tmp_path / "mounted" / "agents").mkdir(parents=True)
    (tmp_path / "mounted" / "ledger.key").write_text("KEY")
    (tmp_path / "mounted" / "agents" / "b.token").write_text("token")
    (tmp_path / "own").mkdir()
    for name in ("ledger.key", "agents"):
        (tmp_path / "own" / name).symlink_to(tmp_path / "mounted" / name)
    (tmp_path / "all").symlink_to(tmp_path / "own")
    seal_keys({"archive": tmp_path / "all", "school": tmp_path / "own"}, tmp_path / "one.keys", PASSPHRASE)

    found = open_keys(tmp_path / "one.keys", PASSPHRASE)

    each = {"ledger.key": b"KEY", "agents/b.token": b"token"}
    assert found == {f"{site}/{name}": key for site in ("archive", "school") for name, key in each.items()}


def test_a_folder_without_keys_is_no_backup_of_them(tmp_path):
    (tmp_path / "own" / "agents").mkdir(parents=True)

    with pytest.raises(BackupFailed, match="沒有金鑰"):
        seal_keys({"school": tmp_path / "own"}, tmp_path / "one.keys", PASSPHRASE)

    assert not (tmp_path / "one.keys").exists()


def test_keys_that_could_not_be_opened_again_are_not_sealed(tmp_path, monkeypatch):
    monkeypatch.setattr(keys, "LARGEST_FILE_BYTES", 2**20)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "video.mp4").write_bytes(bytes(2**20))

    with pytest.raises(BackupFailed, match="太大"):
        seal_keys({"school": tmp_path / "own"}, tmp_path / "one.keys", PASSPHRASE)


def test_a_wrong_passphrase_opens_nothing(sealed):
    with pytest.raises(BackupFailed, match="通關密語不對"):
        open_keys(sealed, PASSPHRASE + "!")


@pytest.mark.parametrize("place", [0, 20, 60, -1])
def test_a_changed_key_file_opens_nothing(sealed, place):
    data = bytearray(sealed.read_bytes())
    data[place] ^= 1
    sealed.chmod(0o600)
    sealed.write_bytes(data)

    with pytest.raises(BackupFailed):
        open_keys(sealed, PASSPHRASE)


def test_a_sealed_file_shows_nothing(sealed):
    data = sealed.read_bytes()

    assert b"PRIVATE" not in data
    assert b"ledger.key" not in data
    assert PASSPHRASE.encode() not in data


@pytest.mark.parametrize(("keys", "place"), [("a", "a"), ("a/b", "a"), ("a", "a/b"), ("x/../a", "a")])
def test_keys_never_stand_in_the_backup(tmp_path, keys, place):
    with pytest.raises(BackupFailed, match="不能和備份放在一起"):
        refuse_inside(tmp_path / keys, tmp_path / place)


def test_a_link_into_the_backup_is_seen_through(tmp_path):
    (tmp_path / "place").mkdir()
    (tmp_path / "vault").symlink_to(tmp_path / "place")

    with pytest.raises(BackupFailed):
        refuse_inside(tmp_path / "vault", tmp_path / "place")


def test_a_passphrase_is_long_enough(tmp_path):
    short = tmp_path / "short"
    short.write_text("elevenchars\n")

    with pytest.raises(BackupFailed, match="至少"):
        passphrase_from(short, twice=True)
    with pytest.raises(BackupFailed, match="讀不到"):
        passphrase_from(tmp_path / "none", twice=True)
