"""Work on rosters that waits for a worker: ids in, one operation, done. All of it can run twice."""

from uuid import UUID

from django.tasks import task

from licheng.foundations.authz import Actor
from licheng.school.rosters.operations import check_roster_file, queue_left_rosters, write_roster


@task(queue_name="rosters")
def check(*, school_id: int, import_id: str) -> None:
    """Check a received file and preview what it would change."""
    check_roster_file(actor=Actor.system("task:check_roster", school_id), import_id=UUID(import_id))


@task(queue_name="rosters")
def write(*, school_id: int, import_id: str) -> None:
    """Write a confirmed file."""
    write_roster(actor=Actor.system("task:write_roster", school_id), import_id=UUID(import_id))


@task(queue_name="rosters")
def take_up_left() -> None:
    """Every few minutes: go on with what a stopped server left half way."""
    queue_left_rosters(actor=Actor.system("task:queue_left_rosters"))
