from typing import Any

from django.core.management.base import CommandError
from django_ox.management.commands import ox_worker

from licheng.foundations.custody.guard import NotOpened, require_open
from licheng.foundations.starting import started


class Command(ox_worker.Command):
    """The package's own, behind the guard."""

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            require_open()
        except NotOpened as closed:
            raise CommandError(str(closed), returncode=3) from closed
        started()
        super().handle(*arguments, **options)
