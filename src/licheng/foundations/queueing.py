"""Work that waits. Only `django.tasks` is known here, so another backend is one setting away."""

import logging
from datetime import timedelta

from django.db import transaction
from django.tasks import Task
from django.utils import timezone
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)
AGAIN_AFTER = timedelta(seconds=20)  # own bound


def task_at(path: str) -> Task:  # type: ignore[type-arg]
    """The task with this dotted path.

    Raises TypeError when the path names something else: a test resolves every path in the code.
    """
    task = import_string(path)
    if not isinstance(task, Task):
        raise TypeError(f"{path} is not a task")
    return task


def enqueue_on_commit(path: str, **arguments: object) -> None:
    """Start a task once the surrounding transaction has committed; plain ids and strings only."""
    transaction.on_commit(lambda: task_at(path).enqueue(**arguments))


def come_back(task: Task, *, because: object = None, **arguments: object) -> None:  # type: ignore[type-arg]
    """Start a task once more a little later, when what it needs may be there.

    The queue's own attempts are over in seconds; a line to another site may be broken for a night.
    """
    if because is not None:
        log.warning("%s waits %s: %s", task.module_path, arguments, because)
    task.using(run_after=timezone.now() + AGAIN_AFTER).enqueue(**arguments)
