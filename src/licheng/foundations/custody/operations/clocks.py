"""The clocks that this site runs by itself, and by whom."""

from collections.abc import Callable

from licheng.foundations.authz import Actor
from licheng.foundations.custody.models import CustodyRun, Job
from licheng.foundations.custody.operations.comparing import compare
from licheng.foundations.custody.operations.running import Tally, run_job
from licheng.foundations.custody.operations.scrubbing import scrub
from licheng.foundations.custody.operations.sweeping import sweep
from licheng.foundations.custody.operations.third import fill_third
from licheng.foundations.custody.operations.watching import watch

CLOCKS: dict[Job, Callable[[Actor], Tally]] = {
    Job.WATCH: watch,
    Job.SCRUB: scrub,
    Job.COMPARE: compare,
    Job.SWEEP: sweep,
    Job.THIRD: fill_third,
}


def run_clock(*, actor: Actor, job: str) -> CustodyRun:
    """Run one clock now.

    Must be called outside a transaction. Raises RunUnderWay while another worker runs the same.
    """
    known = Job(job)
    return run_job(actor=actor, job=known, work=CLOCKS[known])
