"""A copy is to be reduced while a copy that would stay is bad: refused; two checks a week apart before anything goes.

Rows F19 and F20. Control: a removal that believes the rows instead of hashing what stays.
"""

from datetime import timedelta

import time_machine

from tests.drills.found import Found, must
from tests.drills.parts.custody import clock, place, rot, site_with_files, vanish
from tests.drills.parts.store import lost_of

AS_ROOT = True
NEEDS = ("mkfs.btrfs", "mkfs.ext4")
FILES, BAD = 12, 4
WEEK = timedelta(days=7, minutes=1)


def run(ground):
    """Three copies; some rotten in the first. Reduce the third, then let a row go and the janitor come by."""
    site = site_with_files(ground, FILES, copies=3)
    bad, good = site.hashes[:BAD], site.hashes[BAD:]
    for number, sha256 in enumerate(bad):
        if number % 2:
            rot(ground, site.roots[0], sha256)
        else:
            vanish(site.roots[0], sha256)
    refused = sum(_is_refused(sha256, "c") for sha256 in bad)
    must(refused == BAD, f"only {refused} of {BAD} reductions were refused")
    must(not lost_of(site.roots[2], bad), "a refused reduction took the file away")
    must(not _is_refused(good[0], "c"), "a reduction was refused although two good copies stay")
    must(_is_refused(good[0], "b"), "the second of two copies was given up")
    kept = _forgotten_row(site, good[1])
    lost = [sha256 for sha256 in site.hashes if sha256 != kept and len(lost_of(site.roots[1], [sha256]))]
    return Found(
        acked=FILES,
        lost=len(lost),
        control_lost=_naive(site, bad),
        control="removing where a row says that another copy is good",
        figures={"refused": refused + 1, "removed_after_two_checks": 1},
    )


def _is_refused(sha256, copy):
    from licheng.foundations.authz import Actor
    from licheng.foundations.custody.errors import CopyReductionRefused
    from licheng.foundations.custody.operations import reduce_copy

    try:
        reduce_copy(actor=Actor.system("drill"), sha256=sha256, copy=copy)
    except CopyReductionRefused:
        return True
    return False


def _forgotten_row(site, sha256):
    """A row goes by mistake: its bytes stay for a week after they were first missed, and only then go."""
    from django.utils import timezone

    from licheng.foundations.files.models import StoredFile

    def is_whole():
        return not any(lost_of(root, [sha256]) for root in site.roots)

    StoredFile.objects.filter(sha256=sha256).delete()
    start = timezone.now()
    clock("sweep")
    must(is_whole(), "the first check already removed the bytes")
    with time_machine.travel(start + timedelta(days=6), tick=True):
        clock("sweep")
    must(is_whole(), "the bytes went before the week was over")
    with time_machine.travel(start + WEEK, tick=True):
        clock("sweep")
    must(
        not any(place(root, sha256).exists() for root in site.roots),
        "nobody speaks of it, and it stays for ever",
    )
    return sha256


def _naive(site, bad):
    """Remove from the last two copies because the rows call the first one good; what nobody has afterwards."""
    from licheng.foundations.custody.models import CopyState, KeptCopy

    for sha256 in bad:
        if KeptCopy.objects.filter(content_id=sha256, copy="a", state=CopyState.GOOD).exists():
            vanish(site.roots[1], sha256)
            vanish(site.roots[2], sha256)
    return sum(all(lost_of(root, [sha256]) for root in site.roots) for sha256 in bad)
