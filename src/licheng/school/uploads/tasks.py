"""Uploads whose senders are gone, and bytes nobody came back for."""

import logging
from datetime import timedelta
from uuid import UUID

from django.tasks import task
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.files.errors import StorageFailed
from licheng.school.uploads.operations import (
    finish_left_upload,
    finish_left_uploads,
    make_preparation,
    sweep_uploads,
    tidy_preparations,
)

log = logging.getLogger(__name__)
ASK_AGAIN_AFTER = timedelta(seconds=30)


@task(queue_name="files")
def finish(*, school_id: int, upload_id: str) -> None:
    """Hand in what is complete; while a copy cannot be written, come back later."""
    try:
        finish_left_upload(actor=Actor.system("task:finish_upload", school_id), upload_id=UUID(upload_id))
    except StorageFailed as failure:
        log.warning("upload %s is still pending: %s", upload_id, failure)
        again = finish.using(run_after=timezone.now() + ASK_AGAIN_AFTER)
        again.enqueue(school_id=school_id, upload_id=upload_id)


@task(queue_name="files")
def finish_left() -> None:
    """Every few minutes: hand in what a stopped server left complete."""
    finish_left_uploads(actor=Actor.system("task:finish_left_uploads"))


@task(queue_name="files")
def prepare(*, school_id: int, preparation_id: str) -> None:
    """Make a smaller version, or one PDF of photos."""
    make_preparation(actor=Actor.system("task:prepare", school_id), preparation_id=UUID(preparation_id))


@task(queue_name="files")
def sweep() -> None:
    """Every hour: give up what expired."""
    sweep_uploads(actor=Actor.system("task:sweep_uploads"))
    tidy_preparations(actor=Actor.system("task:tidy_preparations"))
