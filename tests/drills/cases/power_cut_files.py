"""The power goes while files are kept, on ext4, xfs and btrfs: every acknowledged file is there, whole.

Row F6. Two controls, the same code each time: fsync that does nothing, and names that are never synced.
"""

from tests.drills.found import Found, must
from tests.drills.parts.cutting import client_words, cut_while_writing
from tests.drills.parts.store import lost_of, torn_names

AS_ROOT = True
NEEDS = ("mkfs.btrfs", "mkfs.ext4", "mkfs.xfs", "losetup")


def run(ground):
    """Cut three file systems under the writer, then ext4 under the two writers that do it wrong."""
    figures, acked, lost, unknown = {}, 0, 0, 0
    for kind in ("ext4", "xfs", "btrfs"):
        cuts = _cut(ground, f"right-{kind}", kind, "right")
        acked, lost = acked + sum(cuts.acked), lost + sum(cuts.lost)
        unknown += cuts.unknown
        figures |= cuts.figures(kind)
    no_sync = _cut(ground, "no-sync", "ext4", "no-sync")
    no_folder_sync = _cut(ground, "no-folder-sync", "ext4", "no-folder-sync")
    figures |= no_sync.figures("no_sync") | no_folder_sync.figures("no_folder_sync")
    must(sum(no_sync.lost) > 0, "the control without fsync lost nothing")
    must(sum(no_folder_sync.lost) > 0, "the control without folder sync lost nothing")
    return Found(
        acked=acked,
        lost=lost,
        unknown=unknown,
        control_lost=sum(no_sync.lost) + sum(no_folder_sync.lost),
        control="no fsync; no folder fsync",
        figures=figures,
    )


def _cut(ground, name, kind, how):
    volume = ground.volume(name, kind=kind, size="512M")

    def look(cut, told):
        root = cut.mount / "copy"
        if how == "right":
            must(not torn_names(root), f"a final name holds other bytes after a cut on {kind}")
        return len(lost_of(root, told)), len(list(root.glob("??/*"))) - len(told)

    return cut_while_writing(ground, volume, client_words("put", how, volume.mount, ground.seed), look)
