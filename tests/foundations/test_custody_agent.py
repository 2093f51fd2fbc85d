"""Copies behind agents: what they keep, whom they believe, and that nobody believes an agent that cannot prove itself."""

import errno
import hashlib
import io
import os
import socket
import subprocess
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from licheng.cli import main
from licheng.foundations.custody import remote
from licheng.foundations.custody.folder import FolderCopy
from licheng.foundations.custody.remote import AgentCopy
from licheng.foundations.custody.volumes import CopyState, Stored, VolumeIdentity, WrongVolume
from tests.foundations.agents import RunningAgent, free_port

DATA = "學習歷程".encode() * 50_000
SHA = hashlib.sha256(DATA).hexdigest()
NOBODYS = hashlib.sha256(b"nobody has this").hexdigest()
MEGABYTE = 2**20


def put(copy, data=DATA, **how):
    return copy.put(io.BytesIO(data), hashlib.sha256(data).hexdigest(), **how)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One agent for the tests of this file that do it no harm."""
    home = tmp_path_factory.mktemp("agent")
    agent = RunningAgent(home / "copy", home / "keys", limit_mb=4).start()
    FolderCopy("b", agent.root).set_identity(VolumeIdentity.new().opened_again())
    yield agent
    agent.kill()


@pytest.fixture
def copy(running):
    """The site's side of it."""
    yield AgentCopy("b", running.url, running.keys)
    folder = FolderCopy("b", running.root)
    for sha256 in list(folder.hashes()):
        folder.remove(sha256)


@pytest.fixture
def alone(tmp_path):
    """An agent of one test, which may be killed."""
    agent = RunningAgent(tmp_path / "far" / "copy", tmp_path / "far" / "keys")
    FolderCopy("b", agent.root).set_identity(VolumeIdentity.new().opened_again())
    agent.start()
    yield agent
    agent.kill()


def test_an_agent_keeps_reads_lists_and_says_where(copy, running):
    volume = FolderCopy("b", running.root).identity()

    assert put(copy) == Stored(SHA, len(DATA), volume.uuid, volume.epoch)
    assert FolderCopy("b", running.root).path(SHA).read_bytes() == DATA
    assert (copy.state(SHA), copy.holds(SHA), copy.state(NOBODYS)) == (
        CopyState.GOOD,
        True,
        CopyState.MISSING,
    )
    with copy.open(SHA) as file:
        assert file.read() == DATA
    assert list(copy.hashes()) == [SHA]
    assert copy.identity() == volume
    assert copy.free_bytes() > MEGABYTE
    assert copy.mount().target


def test_what_is_not_there_is_said_so(copy):
    with pytest.raises(FileNotFoundError):
        copy.open(NOBODYS)
    assert list(copy.hashes()) == []
    assert copy.holds(NOBODYS) is False


def test_a_changed_file_is_named_put_aside_and_replaced(copy, running):
    put(copy)
    path = FolderCopy("b", running.root).path(SHA)
    path.chmod(0o600)
    path.write_bytes(b"rotten")

    assert copy.state(SHA) == CopyState.CHANGED
    copy.set_aside(SHA)
    assert copy.state(SHA) == CopyState.MISSING
    assert put(copy).sha256 == SHA
    assert copy.holds(SHA)


def test_a_long_list_comes_whole_and_sorted(copy, running):
    folder = FolderCopy("b", running.root)
    names = sorted(hashlib.sha256(b"%d" % number).hexdigest() for number in range(2_500))
    for name in names:
        folder.path(name).write_bytes(b"")

    assert list(copy.hashes()) == names


def test_many_put_at_once_and_the_same_file_among_them(copy, running):
    works = [os.urandom(200_000) for _n in range(12)] + [DATA] * 6
    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(lambda data: put(copy, data), works))

    assert [one.sha256 for one in said] == [hashlib.sha256(data).hexdigest() for data in works]
    assert all(copy.holds(one.sha256) for one in said)
    assert list(running.root.glob(".tmp-*")) == []


def ask(running, method, address, *, token="token", nonce="0" * 32, **more):  # noqa: S107 -- a file's name
    """A question by somebody who is not the site."""
    given = {"Licheng-Nonce": nonce} if nonce else {}
    if token:
        secret = token if token.startswith("=") else (running.keys / f"b.{token}").read_text().strip()
        given["Authorization"] = f"Bearer {secret.removeprefix('=')}"
    headers = given | more.pop("headers", {})
    return httpx.request(method, running.url + address, headers=headers, trust_env=False, **more)


@pytest.mark.parametrize("token", [None, "=wrong", "removal-token"])
@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", f"/files/{SHA}"),
        ("PUT", f"/files/{SHA}"),
        ("POST", f"/files/{SHA}/check"),
        ("GET", "/files/"),
        ("GET", "/volume"),
        ("PUT", "/volume"),
        ("POST", "/reserve?bytes=0"),
    ],
)
def test_nobody_is_answered_without_the_token(copy, running, token, method, address):
    put(copy)

    answer = ask(running, method, address, token=token)

    assert answer.status_code == 401
    assert SHA not in answer.text


@pytest.mark.parametrize("token", [None, "token", "=wrong"])
def test_whoever_may_put_may_not_remove(copy, running, token):
    put(copy)

    assert ask(running, "DELETE", f"/files/{SHA}", token=token).status_code == 403
    assert copy.holds(SHA)


def test_removing_is_a_right_of_its_own(copy, running, tmp_path):
    put(copy)
    web = AgentCopy("b", running.url, tmp_path / "web")
    (tmp_path / "web").mkdir()
    for name in ("b.token", "b.pub"):
        (tmp_path / "web" / name).write_text((running.keys / name).read_text())

    with pytest.raises(PermissionError):
        web.remove(SHA)
    assert web.holds(SHA)

    copy.remove(SHA)
    copy.remove(SHA)
    assert web.state(SHA) == CopyState.MISSING


@pytest.mark.parametrize(
    ("method", "address", "more", "status"),
    [
        ("GET", "/files/../../etc/passwd", {}, 404),
        ("GET", "/files/" + "A" * 64, {}, 404),
        ("PUT", "/files/" + "0" * 63, {"content": b"x"}, 404),
        ("GET", "/files/%2e%2e/VOLUME.json", {}, 404),
        ("DELETE", "/volume", {}, 403),
        ("POST", f"/files/{SHA}", {}, 405),
        ("GET", "/", {}, 404),
        ("POST", "/sweep", {}, 400),
        ("POST", "/sweep?older=-1", {}, 400),
        ("GET", "/volume", {"nonce": ""}, 400),
        ("GET", "/volume", {"nonce": "short"}, 400),
        ("POST", f"/files/{SHA}/check", {"headers": {"Licheng-Volume": "nonsense"}}, 400),
        ("PUT", f"/files/{SHA}", {"content": iter([b"no length"])}, 411),
        ("PUT", "/volume", {"content": b"x" * 5000}, 413),
        ("PUT", "/volume", {"content": b"not an identity"}, 503),
        ("PUT", f"/files/{SHA}", {"content": b"other bytes"}, 503),
    ],
)
def test_odd_questions_are_refused(running, method, address, more, status):
    assert ask(running, method, address, **more).status_code == status
    assert list(FolderCopy("b", running.root).hashes()) == []
    assert list(running.root.glob(".tmp-*")) == []


def test_more_than_the_limit_is_refused(copy):
    with pytest.raises(OSError, match=r"more than|does not answer"):
        put(copy, b"\0" * (4 * MEGABYTE + 1))
    assert list(copy.hashes()) == []


def test_a_body_that_ends_early_leaves_nothing(copy, running):
    with socket.create_connection(("127.0.0.1", running.port)) as line:
        token = (running.keys / "b.token").read_text().strip()
        head = f"PUT /files/{SHA} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        head += f"Licheng-Nonce: {'0' * 32}\r\nContent-Length: {len(DATA)}\r\n\r\n"
        line.sendall(head.encode() + DATA[: len(DATA) // 2])
    until = time.monotonic() + 10
    while list(running.root.glob(".tmp-*")) and time.monotonic() < until:
        time.sleep(0.1)

    assert list(running.root.glob(".tmp-*")) == []
    assert copy.state(SHA) == CopyState.MISSING


def test_an_agent_touches_only_the_volume_that_the_site_opened(copy, running):
    put(copy)
    held = AgentCopy("b", running.url, running.keys, VolumeIdentity(uuid.uuid4(), 1, ""))

    for use in (
        lambda: put(held, b"new"),
        lambda: held.state(SHA),
        lambda: held.open(SHA),
        lambda: list(held.hashes()),
        lambda: held.remove(SHA),
        lambda: held.set_aside(SHA),
        lambda: held.sweep(timedelta(0)),
    ):
        with pytest.raises(WrongVolume):
            use()
    assert list(copy.hashes()) == [SHA]


def test_identity_reserve_and_leftovers_are_kept_over_there(copy, running):
    before = copy.identity()
    leftover = running.root / ".tmp-1-old"
    leftover.write_bytes(b"half")

    assert copy.keep_reserve(MEGABYTE) is True
    assert (running.root / ".reserve").stat().st_size == MEGABYTE
    copy.release_reserve()
    with pytest.raises(OSError, match="reserve") as full:
        put(copy, may_use_reserve=False)
    assert full.value.errno == errno.ENOSPC
    assert put(copy).sha256 == SHA
    copy.keep_reserve(0)
    assert copy.sweep(timedelta(0)) == 1
    copy.set_identity(before.opened_again())
    assert copy.identity().epoch == before.epoch + 1


@pytest.mark.mounts
def test_a_full_agent_says_so(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], check=True)
    agent = RunningAgent(place / "copy", tmp_path / "keys").start()
    copy = AgentCopy("b", agent.url, agent.keys)
    try:
        copy.set_identity(VolumeIdentity.new().opened_again())
        kept = []

        def fill():
            for _n in range(12):
                kept.append(put(copy, os.urandom(MEGABYTE)).sha256)  # noqa: PERF401 -- those before the failure count

        with pytest.raises(OSError, match="device failed") as full:
            fill()
        held = [copy.holds(sha256) for sha256 in kept]
        leftovers = list(agent.root.glob(".tmp-*"))
    finally:
        agent.kill()
        subprocess.run(["umount", place], check=True)

    assert full.value.errno == errno.ENOSPC
    assert (len(kept) >= 4, all(held), leftovers) == (True, True, [])


def test_an_agent_killed_in_the_middle_of_a_put_acknowledged_nothing_it_does_not_hold(alone, monkeypatch):
    monkeypatch.setattr(remote, "TRIES", 1)
    copy, acknowledged, failed = AgentCopy("b", alone.url, alone.keys), [], []

    def keep_putting():
        while not failed:
            data = os.urandom(400_000)
            try:
                acknowledged.append(put(copy, data).sha256)
            except OSError as failure:
                failed.append(failure)

    writers = [threading.Thread(target=keep_putting) for _n in range(4)]
    for writer in writers:
        writer.start()
    until = time.monotonic() + 30
    while len(acknowledged) < 10 and time.monotonic() < until:
        time.sleep(0.01)
    while not list(alone.root.glob(".tmp-*")) and time.monotonic() < until:
        time.sleep(0.001)
    alone.kill()
    for writer in writers:
        writer.join()

    folder = FolderCopy("b", alone.root)
    assert len(acknowledged) >= 10
    assert failed
    assert all(folder.holds(sha256) for sha256 in acknowledged)
    torn = [path.name for path in alone.root.glob("??/*") if not folder.holds(path.name)]
    assert torn == []
    alone.start()
    assert copy.sweep(timedelta(0)) >= 0
    assert list(alone.root.glob(".tmp-*")) == []
    assert all(copy.holds(sha256) for sha256 in acknowledged[:3])


def test_an_agent_that_is_away_is_a_failure_and_comes_back(alone):
    copy = AgentCopy("b", alone.url, alone.keys)
    put(copy)
    alone.kill()

    for use in (
        lambda: put(copy),
        lambda: copy.state(SHA),
        lambda: copy.open(SHA),
        lambda: list(copy.hashes()),
    ):
        with pytest.raises(OSError, match="does not answer") as away:
            use()
        assert not isinstance(away.value, FileNotFoundError)

    alone.start()
    assert copy.holds(SHA)


def test_workers_of_an_agent_do_not_outlive_it(alone):
    workers = Path(f"/proc/{alone.process.pid}/task/{alone.process.pid}/children").read_text().split()
    assert workers
    alone.process.kill()
    alone.process.wait()

    until = time.monotonic() + 10
    while any(is_alive(pid) for pid in workers) and time.monotonic() < until:
        time.sleep(0.1)
    assert [pid for pid in workers if is_alive(pid)] == []


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# -- the command ----------------------------------------------------------------------------------


def test_keys_are_made_once_and_only_for_their_owner(tmp_path, capsys):
    assert main(["copy-agent", "--make-keys", str(tmp_path / "new"), "--name", "b"]) == 0

    made = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert made == dict.fromkeys(("b.key", "b.pub", "b.token", "b.removal-token"), 0o600)
    with pytest.raises(FileExistsError):
        main(["copy-agent", "--make-keys", str(tmp_path / "new"), "--name", "b"])
    assert main(["copy-agent", "--port", str(free_port())]) == 2
    assert "--root" in capsys.readouterr().err


def test_an_agent_needs_no_django():
    source = "import sys; import licheng.foundations.custody.agent; print('django' in sys.modules)"
    src = Path(__file__).resolve().parents[2] / "src"
    done = subprocess.run(
        [os.sys.executable, "-c", source],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(src)},
    )

    assert done.stdout.strip() == "False"
