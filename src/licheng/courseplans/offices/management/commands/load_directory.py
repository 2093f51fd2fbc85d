import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licheng.courseplans.offices.operations import Listed, load_directory
from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError

ACTOR = Actor.system("command:load_directory")
COLUMNS = ("code", "name", "county", "authority")


class Command(BaseCommand):
    help = "Bring the directory of schools in from a CSV of code, name, county and authority; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_options: Any) -> None:
        try:
            with file.open(encoding="utf-8-sig", newline="") as opened:
                rows = csv.DictReader(opened)
                if missing := set(COLUMNS) - set(rows.fieldnames or ()):
                    raise CommandError(f"missing columns: {', '.join(sorted(missing))}")
                schools = [Listed(**{name: (row[name] or "").strip() for name in COLUMNS}) for row in rows]
            new, changed = load_directory(actor=ACTOR, schools=schools)
        except (OSError, UnicodeDecodeError) as unreadable:
            raise CommandError(str(unreadable)) from unreadable
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{len(schools)} read, {new} new, {changed} changed")
