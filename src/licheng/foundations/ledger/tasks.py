from django.tasks import task

from licheng.foundations.authz import Actor
from licheng.foundations.ledger import operations


@task(queue_name="custody", priority=-10)
def anchor_audit() -> int:
    """Write the heads of the audit chains that moved on into the signed log; how many did."""
    return operations.anchor_heads(actor=Actor.system("clock:audit-anchor"))
