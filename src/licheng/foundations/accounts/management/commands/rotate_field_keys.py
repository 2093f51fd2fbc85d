from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.foundations import fence, keys
from licheng.foundations.accounts.operations.sealing import (
    ColumnState,
    looked_over,
    retire_keys,
    rotate_keys,
)
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError

ACTOR = Actor.system("command:rotate_field_keys")


class Command(BaseCommand):
    """Change the keys of sealed columns."""

    help = (
        "Put every sealed value (or blind index) under a new key while the site runs. Killed in the middle, "
        "it goes on where it was. Back the keys up before and after; see docs/runbooks/keys.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which ring, and how far."""
        parser.add_argument("--ring", choices=keys.RINGS, default="fields")
        parser.add_argument(
            "--dry-run", action="store_true", help="Only say under which keys everything stands"
        )
        parser.add_argument(
            "--retire", action="store_true", help="Forget the older keys, once nothing needs them"
        )

    def handle(self, *, ring: str, dry_run: bool, retire: bool, **_options: Any) -> None:
        """Look, rotate or retire; one line a column."""
        try:
            with fence.everywhere():
                if dry_run:
                    self._tell(ring, looked_over(actor=ACTOR, ring=ring))
                elif retire:
                    gone = retire_keys(actor=ACTOR, ring=ring)
                    self.stdout.write(f"{ring}: retired {', '.join(map(str, gone)) or 'nothing'}")
                else:
                    self._tell(ring, rotate_keys(actor=ACTOR, ring=ring))
        except (DomainError, keys.KeyMissing, keys.KeyUnreadable) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _tell(self, ring: str, states: list[ColumnState]) -> None:
        here = keys.ring(ring)
        self.stdout.write(f"{ring}: newest key {here.newest} of {len(here.keys)}")
        for state in states:
            self.stdout.write(f"{state.name}: {state.values} values, {state.stale} under an older key")
            for row in state.unreadable:
                self.stderr.write(f"{state.name}: row {row} does not open")
        if any(state.unreadable for state in states):
            raise CommandError("Some values do not open with any key here; they were left as they are.")
        if len(here.keys) > 1 and not any(state.stale for state in states):
            self.stdout.write("Nothing needs the older keys; an hour after the change: --retire")
