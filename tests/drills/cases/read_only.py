"""A volume turns read-only under the site, as ext4 does after an error: refuse, go on reading, go on after the repair.

Row F5.
"""

from tests.drills.found import Found, must
from tests.drills.parts import wrong
from tests.drills.parts.ground import forget_cache
from tests.drills.parts.site import open_site
from tests.drills.parts.store import lost_of
from tests.drills.parts.uploads import picture, unfounded, upload

AS_ROOT = True
NEEDS = ("mkfs.btrfs", "mkfs.ext4")
EACH = 12


def run(ground):
    """Uploads before, while and after each of the two copies is read-only."""
    first, second = ground.volume("first"), ground.volume("second")
    open_site(ground, copies=[first.mount / "copy", second.mount / "copy"])
    told, refused = _uploads(ground, EACH)
    must(refused == 0, "uploads are refused although both copies can be written")
    for volume in (first, second):
        volume.remount("ro")
        more, refused = _uploads(ground, EACH)
        must((len(more), refused) == (0, EACH), f"{len(more)} uploads were acknowledged on a read-only copy")
        must(not unfounded(told), "a read-only copy does not give back what it holds")
        naive = _naive(ground, volume)
        volume.remount("rw")
        told += _uploads(ground, EACH)[0]
    forget_cache(first.mount, second.mount)
    return Found(
        acked=len(told),
        lost=len(unfounded(told)),
        control_lost=naive,
        control="a writer that logs errors and goes on",
        figures={"refused": 2 * EACH},
    )


def _uploads(ground, count):
    from licheng.foundations.files.errors import StorageFailed

    told, refused = [], 0
    for _ in range(count):
        try:
            told.append(upload(picture(ground.random)))
        except StorageFailed:
            refused += 1
    return told, refused


def _naive(ground, volume):
    told = [wrong.plain_put(volume.mount / "naive", ground.bytes(9_000)) for _ in range(EACH)]
    return len(lost_of(volume.mount / "naive", told))
