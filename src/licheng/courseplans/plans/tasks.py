from django.tasks import task

from licheng.courseplans.plans import operations
from licheng.foundations.authz import Actor


@task(queue_name="mail")
def tell_next(*, step_id: int) -> int:
    """Write to whose turn it is; how many letters. Run twice it writes twice, which tells nothing wrong."""
    return operations.tell_next(actor=Actor.system("task:plans"), step_id=step_id)
