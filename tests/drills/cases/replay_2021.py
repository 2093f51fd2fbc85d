"""2021 again: a restart drops the disk that 200 acknowledged uploads are on; the site stays closed until they are back.

Row F7. The guard names every loss by school and student, copy B heals copy A, all receipts verify, and certifications
stand because the bytes are the same. Control: a start that looks whether the disk is mounted and can be written.
"""

import json
from collections import Counter

from tests.drills.found import Found, must
from tests.drills.parts.schools import certifications_lost, certified_uploads
from tests.drills.parts.site import SERVED, manage, open_site
from tests.drills.parts.store import lost_of
from tests.drills.parts.uploads import unfounded

AS_ROOT = True
NEEDS = ("mkfs.btrfs", "mkfs.ext4")
SCHOOLS, STUDENTS, EACH, EARLIER = 2, 5, 20, 3
CLOSED = 3


def run(ground):
    """Open, keep some files, remember the disk; open again, take 200 uploads in, restart onto the old disk."""
    disk, second = ground.volume("a"), ground.volume("b")
    roots = [disk.mount / "copy", second.mount / "copy"]
    open_site(ground, copies=roots, **SERVED)
    must(manage("guard")[0] == 0, "a new site does not open")
    earlier = certified_uploads(ground, 1, 1, EARLIER)
    old = disk.cut(disk.image.with_name("old.img")).image
    must(manage("guard")[0] == 0, "the site does not open again")
    told = certified_uploads(ground, SCHOOLS, STUDENTS, EACH, first=1)
    disk.put_back(old)
    hashes = [ack.sha256 for acks in told.values() for ack in acks]
    gone = len(lost_of(roots[0], hashes))
    must(gone == len(hashes) == SCHOOLS * STUDENTS * EACH, f"the restart dropped {gone} files")
    naive = gone if _naive_start(roots[0]) else 0
    _stays_closed(told)
    _bring_back()
    every = [ack for acks in (*told.values(), *earlier.values()) for ack in acks]
    lost = len(unfounded(every)) + certifications_lost(every, roots[0])
    return Found(
        acked=len(every),
        lost=lost,
        control_lost=naive,
        control="a start that looks for a mounted, writable disk",
        figures={"dropped": gone, "schools": SCHOOLS, "students": SCHOOLS * STUDENTS, "healed": gone},
    )


def _stays_closed(told):
    """Neither worker, web nor guard start; the guard names exactly what was lost, and whose it is."""
    must(manage("ox_worker", "--batch")[0] == CLOSED, "the worker starts on the rolled-back disk")
    code, text = manage("guard", "--json")
    report = json.loads(text.splitlines()[-1])
    must((code, report["open"]) == (CLOSED, False), f"the guard opened: {code}")
    must(report["copies"] == {"a": "rolled-back", "b": "good"}, f"the guard says {report['copies']}")
    named = Counter((loss["school"], loss["person"].split()[0]) for loss in report["losses"])
    must(named == {key: len(acks) for key, acks in told.items()}, f"the losses are named wrongly: {named}")
    must(all(loss["elsewhere"] == ["b"] for loss in report["losses"]), "a loss is not said to be on copy b")
    must(manage("ox_worker", "--batch")[0] == CLOSED, "the worker starts although the guard closed the site")
    code, text = manage("guard")
    must("heal --copy a --from b" in text, "the guard does not say what heals")


def _bring_back():
    """What the guard said to do, in its order."""
    must(manage("guard", "--adopt-new-volume", "a")[0] == CLOSED, "an adopted disk with losses was opened")
    must(manage("heal", "--copy", "a", "--from", "b")[0] == 0, "copy a was not healed")
    must(manage("guard")[0] == 0, "the healed site does not open")
    must(manage("ox_worker", "--batch")[0] == 0, "the worker does not start on the healed site")


def _naive_start(root):
    """What most services ask before they start: is the folder there, and can a file be written."""
    probe = root / "probe"
    probe.write_bytes(b"probe")
    is_fine = root.is_dir() and probe.read_bytes() == b"probe"
    probe.unlink()
    return is_fine
