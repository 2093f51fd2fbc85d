"""Clocks of machines."""

from django.tasks import task

from licheng.foundations.authz import Actor
from licheng.foundations.machines import operations


@task(queue_name="default")
def forget_uses() -> int:
    """Remove what machines did longer than 90 days ago."""
    return operations.forget_uses(actor=Actor.system("clock:forget_uses"))
