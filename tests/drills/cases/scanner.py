"""Malware comes through the live upload path; then the scanner is killed, or hangs: caught, or `scanning`, never clean.

Row A8. When the scanner is back, what waited is looked at. Control: a client that takes no answer as clean.
"""

import socket

from tests.drills.found import Found, must
from tests.drills.parts.clamd import Clamd, infected_picture
from tests.drills.parts.site import open_site
from tests.drills.parts.uploads import picture, unfounded, upload

NEEDS = ("clamd",)
EACH = 4


def run(ground):
    """Clean and infected uploads while clamd works, is dead, and hangs; then it comes back."""
    clamd = Clamd(ground)
    clamd.start()
    open_site(ground, LICHENG_SCANNER=clamd.address, LICHENG_SCANNER_WAIT_SECONDS=1)
    from licheng.foundations.files.models import ScanState

    told, caught = _uploads(ground, ScanState.CLEAN)
    must(caught == EACH, f"only {caught} of {EACH} infected uploads were caught")
    clamd.kill()
    naive = sum(_naive_is_clean(clamd.socket, infected_picture(ground.random)) for _ in range(EACH))
    dead, caught = _uploads(ground, ScanState.SCANNING)
    must(caught == 0, "a dead scanner caught something")
    clamd.start()
    clamd.pause()
    hung, _caught = _uploads(ground, ScanState.SCANNING)
    clamd.resume()
    cleared, found = _afterwards(dead + hung)
    return Found(
        acked=len(told + dead + hung),
        lost=len(unfounded(told + dead + hung)),
        control_lost=naive,
        control="no answer taken as clean",
        figures={"caught": EACH, "waited": len(dead + hung), "then_clean": cleared, "then_infected": found},
    )


def _uploads(ground, expected):
    """Clean and infected files by turns: acknowledgements, all in the expected state, and how many were caught."""
    from licheng.foundations.files.errors import MalwareFound
    from licheng.foundations.files.models import StoredFile

    told, caught = [], 0
    for _ in range(EACH):
        told.append(upload(picture(ground.random)))
        try:
            told.append(upload(infected_picture(ground.random)))
        except MalwareFound:
            caught += 1
    states = set(StoredFile.objects.filter(pk__in=[ack.file for ack in told]).values_list("scan", flat=True))
    must(states == {expected}, f"the files are {states}, not {expected}")
    return told, caught


def _afterwards(waited):
    """What the worker does once the scanner answers again: (clean, infected)."""
    from licheng.foundations.authz import Actor
    from licheng.foundations.files.models import ScanState, StoredFile
    from licheng.foundations.files.operations import rescan_files

    rescan_files(actor=Actor.system("drill"), everything=False)
    rows = StoredFile.objects.filter(pk__in=[ack.file for ack in waited])
    clean, found = (rows.filter(scan=state).count() for state in (ScanState.CLEAN, ScanState.INFECTED))
    must(
        (clean, found) == (len(waited) // 2, len(waited) // 2),
        f"{clean} clean and {found} infected of {len(waited)}",
    )
    return clean, found


def _naive_is_clean(path, data):
    """A client as many are written: whatever is not FOUND is clean."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(path))
            line.sendall(b"zINSTREAM\0" + len(data).to_bytes(4) + data + bytes(4))
            return b"FOUND" not in line.recv(4096)
    except OSError:
        return True
