"""The power goes while leaves are appended to the log: it holds together, and holds every acknowledged leaf.

Row F6 for the log. Controls as for files: no fsync, no folder fsync.
"""

from tests.drills.found import DrillFailed, Found, must
from tests.drills.parts.cutting import client_words, cut_while_writing
from tests.drills.parts.store import leaves_of, log_settings

AS_ROOT = True
NEEDS = ("mkfs.btrfs", "mkfs.ext4", "losetup")


def run(ground):
    """Cut the log, then the logs of the two writers that do it wrong."""
    log_settings(ground.folder / "unused", ground.folder / "mounts" / "log-keys")
    right = _cut(ground, "right")
    controls = [_cut(ground, how) for how in ("no-sync", "no-folder-sync")]
    must(all(sum(cuts.lost) for cuts in controls), "a control lost nothing")
    return Found(
        acked=sum(right.acked),
        lost=sum(right.lost),
        unknown=right.unknown,
        control_lost=sum(sum(cuts.lost) for cuts in controls),
        control="no fsync; no folder fsync",
        figures=right.figures("right")
        | controls[0].figures("no_sync")
        | controls[1].figures("no_folder_sync"),
    )


def _cut(ground, how):
    volume = ground.volume(f"{how}-log")
    root = volume.mount.parent / "log"  # the client keeps its keys beside this, off the volume
    root.symlink_to(volume.mount) if not root.is_symlink() else _point(root, volume.mount)

    def look(cut, told):
        try:
            held = [leaf.hex() for leaf in leaves_of(cut.mount / "log")]
        except DrillFailed:
            if how == "right":
                raise
            held = []
        return _missing(told, held), max(0, len(held) - len(told))

    return cut_while_writing(ground, volume, client_words("log", how, root, ground.seed), look)


def _point(link, target):
    link.unlink()
    link.symlink_to(target)


def _missing(told, held):
    """How many acknowledged leaves the log does not hold in their order.

    Between two of them may stand one that nobody was told of: its client was killed before it could say so.
    """
    rest = iter(held)
    return sum(leaf not in rest for leaf in told)
