"""Bringing receipts back: ids in, one operation, done. It can run twice."""

from django.tasks import task

from licheng.foundations.authz import Actor
from licheng.foundations.queueing import come_back
from licheng.school.receipts.operations import fetch_receipts
from licheng.school.submission.errors import ArchiveUnreachable


@task(queue_name="submission")
def fetch(*, school_id: int, batch_id: str) -> None:
    """Bring the receipts of a batch back; while the archive cannot be reached, come back later."""
    try:
        fetch_receipts(actor=Actor.system("task:fetch", school_id), batch_id=batch_id)
    except ArchiveUnreachable as broken:
        come_back(fetch, because=broken, school_id=school_id, batch_id=batch_id)
