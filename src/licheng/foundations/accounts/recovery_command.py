"""The command by which whoever runs a machine lets somebody in again; each site says who that may be."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError


class RecoverCommand(BaseCommand):
    """Prints whose code it is, and the code; `operation` is the site's own, asked as `actor`.

    `asked` are the options, all needed: whose account, how its owner's identity was seen, and why.
    """

    actor: ClassVar[Actor]
    operation: ClassVar[Callable[..., tuple[Any, str]]]
    asked: ClassVar[dict[str, str]] = {
        "account": "Whose account",
        "identity-check": "How the identity was seen",
        "reason": "Why",
    }

    def add_arguments(self, parser: CommandParser) -> None:
        """What is asked."""
        for name, says in self.asked.items():
            parser.add_argument(f"--{name}", required=True, help=says)

    def handle(self, **options: Any) -> None:
        """Print what is handed over, or what was refused."""
        given = {name.replace("-", "_"): options[name.replace("-", "_")] for name in self.asked}
        try:
            _whose, code = self.operation(actor=self.actor, **given)
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(" ".join([*(given[name] for name in ("school", "account") if name in given), code]))
