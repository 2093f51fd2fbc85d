"""Bringing receipts back: ids in, one operation, done. It can run twice."""

from django.tasks import task

from licheng.foundations.authz import Actor
from licheng.school.receipts.operations import fetch_receipts


@task(queue_name="submission")
def fetch(*, school_id: int, batch_id: str) -> None:
    """Bring the receipts of a batch back."""
    fetch_receipts(actor=Actor.system("task:fetch", school_id), batch_id=batch_id)
