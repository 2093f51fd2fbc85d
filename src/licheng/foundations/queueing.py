"""Work that waits. Only `django.tasks` is known here, so another backend is one setting away."""

from django.db import transaction
from django.tasks import Task
from django.utils.module_loading import import_string


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
