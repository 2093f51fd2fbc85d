import logging

from django.core.management import call_command
from django.tasks import task

from licheng.foundations.authz import Actor
from licheng.foundations.custody import operations
from licheng.foundations.custody.errors import RunUnderWay

log = logging.getLogger(__name__)


@task(queue_name="custody", priority=-10)
def run_clock(job: str) -> str:
    """Run one clock of custody; what it found. Another run of the same clock is no failure of this one."""
    try:
        run = operations.run_clock(actor=Actor.system(f"clock:{job}"), job=job)
    except RunUnderWay as busy:
        log.info("%s", busy)
        return busy.code
    return "good" if run.is_good else "not good"


@task(queue_name="custody", priority=-10)
def forget_tasks() -> None:
    """Remove the rows of finished tasks after a week: the clocks alone leave thousands of them a day."""
    call_command("ox_prune", verbosity=0)
