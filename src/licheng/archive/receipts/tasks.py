from uuid import UUID

from django.tasks import task

from licheng.archive.receipts import operations
from licheng.foundations.authz import Actor

CHECKER = "task:check_deposit"


@task(queue_name="intake")
def check_deposit(deposit_id: str) -> str:
    """Check one package; the state it ends in."""
    deposit = operations.check_deposit(actor=Actor.system(CHECKER), deposit_id=UUID(deposit_id))
    return deposit.state
