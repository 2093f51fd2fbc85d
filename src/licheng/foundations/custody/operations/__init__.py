"""Keeping what was acknowledged: rows of what copies hold, clocks that read it back, healing, removal."""

from licheng.foundations.custody.operations.clocks import run_clock
from licheng.foundations.custody.operations.healing import heal_content, heal_copy
from licheng.foundations.custody.operations.keeping import Kept, adopt_contents, note_all_kept, note_kept
from licheng.foundations.custody.operations.removing import reduce_copy, remove_content
from licheng.foundations.custody.operations.restoring import Settled, settle_restored
from licheng.foundations.custody.operations.running import Tally, note_run, run_job
from licheng.foundations.custody.operations.scrubbing import scrub_whole

__all__ = [
    "Kept",
    "Settled",
    "Tally",
    "adopt_contents",
    "heal_content",
    "heal_copy",
    "note_all_kept",
    "note_kept",
    "note_run",
    "reduce_copy",
    "remove_content",
    "run_clock",
    "run_job",
    "scrub_whole",
    "settle_restored",
]
