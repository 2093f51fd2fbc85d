from django.core.management.base import BaseCommand, CommandParser

from licheng.foundations.authz import Actor
from licheng.foundations.files.operations import rescan_files


class Command(BaseCommand):
    help = "Ask the malware scanner about kept files that it has not answered for, or about all of them."

    def add_arguments(self, parser: CommandParser) -> None:
        everything = "scan every kept file again, with the signatures of today"
        parser.add_argument("--all", action="store_true", help=everything)

    def handle(self, *, all: bool, **_options: object) -> None:  # noqa: A002 -- the option's own name
        answered = rescan_files(actor=Actor.system("command:scan_files"), everything=all)
        self.stdout.write(f"{answered} files scanned")
