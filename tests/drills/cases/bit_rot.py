"""Bytes rot and names vanish in one copy: the scrub finds all within its clock, heals from the good copy, says so.

Row F9. What rots in both copies stays open, is never called healed and never deleted. Control: a reader that does
not hash serves wrong bytes.
"""

from datetime import timedelta

from tests.drills.found import Found, must
from tests.drills.parts.custody import (
    clock_until,
    defects,
    place,
    rot,
    scrub_everything,
    site_with_files,
    vanish,
)
from tests.drills.parts.store import lost_of

AS_ROOT = True
NEEDS = ("mkfs.btrfs", "mkfs.ext4")
FILES, ROTTEN, GONE, DOOMED = 60, 9, 5, 2
WITHIN = timedelta(days=7)  # the period of the scrub


def run(ground):
    """Spoil one copy of some files, let the scrub tick; then spoil both copies of two files."""
    site = site_with_files(ground, FILES)
    names = list(site.hashes)
    ground.random.shuffle(names)
    rotten, gone, doomed = names[:ROTTEN], names[ROTTEN : ROTTEN + GONE], names[-DOOMED:]
    for sha256 in rotten:
        rot(ground, ground.random.choice(site.roots), sha256)
    for sha256 in gone:
        vanish(ground.random.choice(site.roots), sha256)
    naive = sum(len(lost_of(root, rotten)) for root in site.roots)  # what a plain read of a copy hands out
    must(all(_is_served_right(sha256) for sha256 in rotten + gone), "a spoiled copy was served")
    runs = clock_until("scrub", lambda: defects()[0] >= ROTTEN + GONE, WITHIN)
    found, healed, still_open = defects()
    must((found, healed, still_open) == (ROTTEN + GONE, ROTTEN + GONE, 0), f"{found} {healed} {still_open}")
    lost = sum(len(lost_of(root, names)) for root in site.roots)
    _spoil_both(ground, site, doomed)
    return Found(
        acked=len(names),
        lost=lost,
        control_lost=naive,
        control="a reader that does not hash",
        figures={"found": found, "healed": healed, "ticks": runs, "rotten_in_both_stay_open": 2 * DOOMED},
    )


def _spoil_both(ground, site, doomed):
    for sha256 in doomed:
        for root in site.roots:
            rot(ground, root, sha256)
    verdict = scrub_everything()
    _found, _healed, still_open = defects()
    must(not verdict.is_good, "a run that lost a file called itself good")
    must(still_open == 2 * DOOMED, f"{still_open} open defects, {DOOMED} files are rotten in both copies")
    must(
        all(place(root, sha256).exists() for root in site.roots for sha256 in doomed), "evidence was deleted"
    )


def _is_served_right(sha256):
    from hashlib import sha256 as digest

    from licheng.foundations.custody.copies import chunks

    return digest(b"".join(chunks(sha256))).hexdigest() == sha256
