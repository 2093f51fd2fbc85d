"""A disk, a memory disk and a table of inodes fill up: uploads are refused, what was acknowledged is read on.

Rows F3 and F4: the reserve is given up, nothing new may fill its room, a repair may; nothing acknowledged is lost.
"""

import io

from tests.drills.found import Found, must
from tests.drills.parts import wrong
from tests.drills.parts.ground import forget_cache
from tests.drills.parts.site import open_site
from tests.drills.parts.store import copy_at, lost_of, sha256_of, swept
from tests.drills.parts.uploads import picture, unfounded, upload

AS_ROOT = True
NEEDS = ("mkfs.btrfs", "mkfs.ext4")
FILES_BYTES = (20_000, 900_000)
RESERVE_BYTES = 4 * 2**20
REFUSALS = 5
SMALL_FILES = 400


def run(ground):
    """Fill three kinds of volume below a copy, then one below a whole site."""
    volumes = {
        "ext4": ground.volume("full", size="20M").mount,
        "tmpfs": ground.small_memory("memory", "20m"),
        "inodes": ground.volume("inodes", size="20M", options=("-N", "64")).mount,
    }
    figures, acked, lost = {}, 0, 0
    for name, mount in volumes.items():
        told, refused = _fill(ground, mount / "copy", small=name == "inodes")
        forget_cache(mount)
        acked, lost = acked + len(told), lost + len(lost_of(mount / "copy", told))
        figures[f"acked_{name}"], figures[f"refused_{name}"] = len(told), refused
    told, refused = _site(ground)
    figures |= {"acked_site": len(told), "refused_site": refused}
    naive = _naive(ground, ground.volume("naive", size="20M").mount)
    return Found(acked + len(told), lost, naive, "a writer that logs errors and goes on", figures=figures)


def _fill(ground, root, *, small):
    """Put files until the volume refuses; then a repair puts one more; (acknowledged, refused)."""
    copy, told, refused = copy_at(root), [], 0
    if not small:
        must(copy.keep_reserve(RESERVE_BYTES), "an empty volume has no room for the reserve")

    def put(size, *, is_repair=False):
        data = ground.bytes(size)
        copy.put(io.BytesIO(data), sha256_of(data), may_use_reserve=is_repair)
        told.append(sha256_of(data))

    for _ in range(SMALL_FILES):
        try:
            put(300 if small else ground.random.randint(*FILES_BYTES))
        except OSError:
            refused += 1
        if refused == REFUSALS:
            break
    must(refused == REFUSALS, f"{root} never filled up")
    must(all(copy.holds(sha256) for sha256 in told), "a full volume does not give back what it holds")
    must(swept(copy) == 0, "a refused upload left a temporary file behind")
    if not small:
        put(FILES_BYTES[1], is_repair=True)
    return told, refused


def _site(ground):
    """The same below a whole site whose first copy fills up: every answer is an acknowledgement or StorageFailed."""
    full = ground.volume("site", size="20M").mount
    open_site(ground, copies=[full / "copy", ground.folder / "copy-b"])
    from licheng.foundations.files.errors import StorageFailed
    from licheng.foundations.files.models import StoredFile

    told, refused = [], 0
    while refused < REFUSALS and len(told) < SMALL_FILES:
        try:
            told.append(upload(picture(ground.random, side=400)))
        except StorageFailed:
            refused += 1
    must(refused == REFUSALS, "the site never refused")
    must(StoredFile.objects.count() == len(told), "a refused upload left a row behind")
    forget_cache(full)
    bad = unfounded(told)
    must(not bad, f"{len(bad)} acknowledged uploads are not founded: {bad[:1]}")
    return told, refused


def _naive(ground, root):
    """What a writer that logs errors and goes on has lost when the disk is full."""
    told = [wrong.plain_put(root, ground.bytes(500_000)) for _ in range(60)]
    forget_cache(root)
    return len(lost_of(root, told))
