"""Workers and web servers of school and archive are killed with kill -9 at random while packages travel: nothing twice.

The real processes of the embedded installation, restarted at once as a supervisor would; at the end the runbook's
commands queue what is left. Every school's batch arrives once, whole, with receipts that verify. Control: as in
`killed_steps`, holding items without asking, under the same kill -9.
"""

import time

from licheng.embedded.installation import installation
from licheng.embedded.processes import StartFailed
from tests.drills.cases.killed_steps import ITEMS, problems_of, sown, without_workers
from tests.drills.found import Found, must
from tests.drills.parts.ground import wait_for
from tests.drills.parts.hands import Hands

SCHOOLS = 4
KILLS = 16
BETWEEN_SECONDS = (0.3, 1.5)
PATIENCE_SECONDS = 240
NAIVE_ITEMS = 10


def run(ground):
    """Schools submit while everything around them dies."""
    with installation(ground.folder / "site", fresh=True) as here:
        without_workers(here)
        school, archive = Hands(ground, here.school), Hands(ground, here.archive)
        schools = [sown(here, school) for _ in range(SCHOOLS)]
        for name in ("school", "archive"):
            _start(here, f"{name}-worker")
        kills = _fire(ground, here, school, schools)
        for hands in (school, archive):
            hands.result("queue_again")
        _wait_for_all(here, school, schools)
        batches = [_batch(school, one)[0] for one in schools]
        lost = sum(problems_of(school, archive, batch) for batch in batches)
        naive = _naive(ground, archive)
    return Found(
        acked=SCHOOLS * ITEMS,
        lost=lost,
        control_lost=naive,
        control="holding items without asking whether they are held",
        figures=kills,
    )


def _site(here, name):
    return here.school if name.startswith("school") else here.archive


def _start(here, name):
    site = _site(here, name)
    words = site.web_command() if name.endswith("-web") else [*site.worker_command(), "--lock-timeout", "5"]
    here.processes.start(name, site, words)


def _kill(here, name):
    """kill -9 a process and what it started, then start it again and wait until it works.

    A web server is asked; a worker says something when it begins.
    """
    for entry in list(here.processes.running):
        if entry[0] == name:
            _kill_tree(entry[1])
            here.processes.running.remove(entry)
    log = here.processes.logs / f"{name}.log"
    before = log.stat().st_size
    _start(here, name)
    if name.endswith("-web"):
        here.processes.wait_ready(_site(here, name))
    else:
        wait_for(lambda: log.stat().st_size > before, f"{name} comes back", 60)


def _kill_tree(process):
    import os
    import signal
    from contextlib import suppress
    from pathlib import Path

    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    pids = [int(pid) for pid in children.read_text().split()] if children.exists() else []
    process.kill()
    process.wait()
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _batch(school, one):
    found = school.result("batch_of", school=one["school"])
    return found[0] if found else (None, None)


def _push(school, one):
    """What the submitter does whenever she looks: seal, then submit what is sealed."""
    batch, state = _batch(school, one)
    if batch is None:
        school.ask("seal", lines=False, submitter=one["submitter"])
    elif state == "sealed":
        school.ask("submit", lines=False, submitter=one["submitter"], batch=batch)
    return state == "received"


def _fire(ground, here, school, schools):
    """Kill at random until the kills are used up; how many each process got."""
    names = ("school-worker", "archive-worker", "archive-web", "school-web")
    kills = dict.fromkeys(names, 0)
    for _ in range(KILLS):
        for one in schools:
            _push(school, one)
        time.sleep(ground.random.uniform(*BETWEEN_SECONDS))
        name = ground.random.choices(names, weights=(4, 4, 3, 1))[0]
        _kill(here, name)
        kills[name] += 1
    return {f"kills_{name.replace('-', '_')}": count for name, count in kills.items()}


def _wait_for_all(here, school, schools):
    until = time.monotonic() + PATIENCE_SECONDS
    while sum(_push(school, one) for one in schools) < len(schools):
        try:
            here.processes.check()
        except StartFailed as ended:
            must(held=False, says=f"a restarted process does not stay up: {ended}")
        must(time.monotonic() < until, f"not at the end: {[_batch(school, one) for one in schools]}")
        time.sleep(0.5)


def _naive(ground, archive):
    lines = archive.ask("naive_hold", items=NAIVE_ITEMS)["lines"]
    before = archive.result("naive_duplicates")
    archive.ask("naive_hold", kill_at=ground.random.randint(lines // 2, lines - 1), items=NAIVE_ITEMS)
    archive.result("naive_hold", items=NAIVE_ITEMS)
    return archive.result("naive_duplicates") - before
