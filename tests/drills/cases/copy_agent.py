"""The agent of a copy is killed, its line is cut and reset, and a liar takes its place: refused, never acknowledged.

Rows F11 and F16 for the agent. A liar whose lie is perfect is found by the watcher, who reads what people would get.
Control: a client that takes HTTP 200 for "stored".
"""

import hashlib
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import httpx
import time_machine

from tests.drills.found import Found, must
from tests.drills.parts.custody import clock, defects
from tests.drills.parts.ground import command, wait_for
from tests.drills.parts.nets import Host
from tests.drills.parts.site import open_site
from tests.drills.parts.store import lost_of
from tests.drills.parts.uploads import picture, unfounded, upload

AS_ROOT = True
NEEDS = ("ip", "nft")
EACH = 6
PORT = 8200
LIES = ("wrong-hash", "other-key", "old-nonce", "unsigned")


def run(ground):
    """Copy a is a folder, copy b an agent on a host of its own."""
    host, keys, root = Host(ground), ground.folder / "agents", ground.folder / "copy-b"
    command(sys.executable, "-m", "licheng.cli", "copy-agent", "--make-keys", keys, "--name", "b")
    agent = _agent(ground, host, keys, root)
    url = f"http://{host.address}:{PORT}"
    open_site(ground, copies=[ground.folder / "copy-a", url], LICHENG_COPY_AGENTS=keys)
    told = _taken(ground, EACH)
    must(len(told) == EACH, "uploads are refused although the agent is there")
    refused = _killed(ground, agent)
    agent = _agent(ground, host, keys, root)
    told += _taken(ground, EACH)
    refused += _cut(ground, host)
    told += _taken(ground, EACH)
    must(len(told) == 3 * EACH, "uploads are refused although the agent is back")
    lost = len(unfounded(told)) + len(lost_of(root, [ack.sha256 for ack in told]))
    naive, found = _liars(ground, keys)
    return Found(
        acked=len(told),
        lost=lost,
        control_lost=naive,
        control="a client that takes HTTP 200 for stored",
        figures={"refused": refused, "lies_refused": len(LIES) * EACH, "perfect_lies_found": found},
    )


def _agent(ground, host, keys, root):
    """Start the agent on its host and wait until it answers."""
    words = [sys.executable, "-m", "licheng.cli", "copy-agent", "--root", root, "--host", host.address]
    words += ["--port", PORT, "--name", "b", "--key", keys / "b.key", "--token", keys / "b.token"]
    agent = ground.start(host.words(*words), "agent", start_new_session=False)
    wait_for(lambda: _answers(f"http://{host.address}:{PORT}/volume"), "the agent answers")
    return agent


def _answers(url):
    try:
        return httpx.get(url, timeout=2).status_code > 0
    except httpx.HTTPError:
        return False


def _taken(ground, count):
    """Uploads that were acknowledged, of so many tries."""
    from licheng.foundations.files.errors import StorageFailed

    told = []
    for _ in range(count):
        try:
            told.append(upload(picture(ground.random)))
        except StorageFailed:
            continue
    return told


def _killed(ground, agent):
    """kill -9 of the agent and everything it started."""
    for child in Path(f"/proc/{agent.pid}/task/{agent.pid}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)
    agent.kill()
    agent.wait()
    must(not _taken(ground, EACH), "an upload was acknowledged without the agent")
    return EACH


def _cut(ground, host):
    """Reset and then silence on the line; each upload is refused, and the line mended.

    The reset ends the connections that were kept: the silence then meets a new one, which gives up in seconds.
    """
    for how, tries in (("reset", EACH), ("drop", 1)):
        host.cut(how, PORT)
        must(not _taken(ground, tries), f"an upload was acknowledged over a line in state {how}")
        host.mend()
    return EACH + 1


def _liars(ground, keys):
    """Every liar in the agent's place; (what the naive client was told and nobody has, perfect lies found)."""
    from django.conf import settings

    control, port = ground.folder / "lie", ground.free_port()
    control.write_text(LIES[0])
    liar = [sys.executable, "-m", "tests.drills.parts.liar", port, keys, control]
    ground.start(liar, "liar")
    url = f"http://127.0.0.1:{port}"
    wait_for(lambda: _answers(f"{url}/files/"), "the liar answers")
    settings.COPY_ROOTS = (settings.COPY_ROOTS[0], url)
    naive = 0
    for lie in LIES:
        control.write_text(lie)
        must(not _taken(ground, EACH), f"the lie {lie} was believed")
        naive += sum(_naive(url, ground.bytes(2_000)) for _ in range(EACH))
    return naive, _perfect(ground, control)


def _naive(url, data):
    """A client as many are written."""
    headers = {"Licheng-Nonce": "1" * 32}
    sha256 = hashlib.sha256(data).hexdigest()
    is_told = httpx.put(f"{url}/files/{sha256}", content=data, headers=headers).status_code == httpx.codes.OK
    return is_told and httpx.get(f"{url}/files/{sha256}").content != data


def _perfect(ground, control):
    """A liar that says just what is wanted: acknowledged, and found a minute later by reading what people would get."""
    from django.utils import timezone

    control.write_text("perfect")
    before, told = defects()[0], _taken(ground, EACH)
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=True):
        verdict = clock("watch")
    found = defects()[0] - before
    must(not verdict.is_good, "the watcher believed the perfect liar")
    must(found >= len(told) == EACH, f"the watcher found {found} of {len(told)} perfect lies")
    must(not lost_of(ground.folder / "copy-a", [ack.sha256 for ack in told]), "the true copy lost something")
    return found
