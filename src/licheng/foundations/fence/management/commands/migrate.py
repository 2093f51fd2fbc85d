from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate

from licheng.foundations.fence.building import WrongRole, build
from licheng.foundations.fence.policies import Unfenced


class Command(migrate.Command):
    """Django's own; afterwards every table is behind the fence and the application may use it."""

    def handle(self, *arguments: Any, **options: Any) -> None:
        super().handle(*arguments, **options)
        if options["plan"] or options["check_unapplied"] or options["app_label"]:
            return
        try:
            made = build(settings.APPLICATION_ROLE)
        except (WrongRole, Unfenced) as wrong:
            raise CommandError(str(wrong)) from wrong
        if options["verbosity"] and made:
            self.stdout.write(f"  Fenced {made} tables by school.")
