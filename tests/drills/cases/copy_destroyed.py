"""The machine of one copy is gone for ever: nothing is acknowledged on the copy that is left, and it is rebuilt whole.

Rows F8 and F11: neither an empty mount point, nor a memory disk, nor an empty disk is taken for the copy. Control:
acknowledging as soon as one copy has the file.
"""

import json

from tests.drills.found import Found, must
from tests.drills.parts.ground import QUIET, command
from tests.drills.parts.site import SERVED, manage, open_site
from tests.drills.parts.store import lost_of, sha256_of
from tests.drills.parts.uploads import picture, unfounded, upload

AS_ROOT = True
NEEDS = ("mkfs.btrfs", "mkfs.ext4")
FILES, TRIES = 40, 5
CLOSED = 3


def run(ground):
    """Destroy copy b with its disk, put an empty disk in, rebuild."""
    volumes = [ground.volume("a"), ground.volume("b")]
    roots = [volume.mount / "copy" for volume in volumes]
    open_site(ground, copies=roots, **SERVED)
    must(manage("guard")[0] == 0, "a new site does not open")
    told = [upload(picture(ground.random)) for _ in range(FILES)]
    naive = _naive(ground, volumes[1].mount / "naive")
    volumes[1].detach()
    _nothing_else_will_do(volumes[1].mount)
    command(*QUIET["ext4"], volumes[1].image)
    volumes[1].attach()
    refused = sum(not _is_taken(ground) for _ in range(TRIES))
    must(refused == TRIES, f"{TRIES - refused} uploads were acknowledged on one copy")
    must(not lost_of(roots[0], [ack.sha256 for ack in told]), "copy a lost something as well")
    must(manage("guard")[0] == CLOSED, "the site opens on an empty disk")
    must(manage("guard", "--adopt-new-volume", "b")[0] == CLOSED, "the site opens before copy b is rebuilt")
    must(manage("heal", "--copy", "b", "--from", "a")[0] == 0, "copy b was not rebuilt")
    must(manage("guard")[0] == 0, "the rebuilt site does not open")
    told += [upload(picture(ground.random)) for _ in range(TRIES)]
    names = {path.name for path in roots[1].glob("??/*")}
    must(
        names == {ack.sha256 for ack in told}, "the rebuilt copy does not hold exactly what was acknowledged"
    )
    return Found(
        acked=len(told),
        lost=len(unfounded(told)) + len(lost_of(roots[1], [ack.sha256 for ack in told])),
        control_lost=len(lost_of(volumes[1].mount / "naive", naive)),
        control="acknowledging on one copy",
        figures={"refused": refused, "rebuilt": FILES},
    )


def _nothing_else_will_do(mount):
    """Neither the machine's own root below the mount point nor a memory disk is taken for the copy."""
    must(manage("guard")[0] != 0, "the site opens although the disk is not mounted")
    command("mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", mount)
    code, text = manage("guard", "--json")
    command("umount", mount)
    verdict = json.loads(text.splitlines()[-1])["copies"]
    must((code, verdict["b"]) == (CLOSED, "not-its-own"), f"a memory disk as copy b: {code} {verdict}")


def _is_taken(ground):
    from licheng.foundations.files.errors import StorageFailed

    try:
        upload(picture(ground.random))
    except StorageFailed:
        return False
    return True


def _naive(ground, root):
    """Files that a site which asks one copy only would have acknowledged."""
    import io

    from licheng.foundations.custody.folder import FolderCopy

    told = []
    for _ in range(FILES):
        data = ground.bytes(5_000)
        FolderCopy("naive", root).put(io.BytesIO(data), sha256_of(data))
        told.append(sha256_of(data))
    return told
