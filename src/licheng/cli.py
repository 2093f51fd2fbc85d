"""`licheng`: every command that is run outside a site's own processes, each in the module that owns it."""

import argparse
import importlib
import sys

# name → (module with `add_arguments(parser)` and `run(options) -> int`, what it does)
COMMANDS = {
    "demo": ("licheng.embedded.cli", "load the sample country, walk the whole path, then keep serving"),
    "demo-check": ("licheng.embedded.cli", "the same without serving; the last line is one JSON object"),
    "serve": ("licheng.embedded.cli", "start what the last demo left"),
    "code": ("licheng.embedded.codes", "the code that somebody of the sample country signs in with now"),
    "inspect": ("licheng.foundations.files.inspection.command", "say what a file is and if it may come in"),
    "copy-agent": ("licheng.foundations.custody.agent", "keep one copy of the files on this host, over HTTP"),
    "audit": ("licheng.embedded.auditing", "compute the audit's chains again, compare with the log"),
    "backup": ("licheng.backup.making", "copy database, log and files of a site to another place"),
    "restore": ("licheng.backup.restoring", "bring a site back from a backup into an empty folder"),
    "restore-drill": ("licheng.backup.drill", "restore into an empty folder and verify receipts there"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; only its own module is loaded."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="licheng", description="歷程 Licheng")
    commands = parser.add_subparsers(dest="command", required=True)
    wanted = next((word for word in given if not word.startswith("-")), "")
    for name, (module, says) in COMMANDS.items():
        command = commands.add_parser(name, help=says, description=says)
        if name == wanted:
            importlib.import_module(module).add_arguments(command)
    options = parser.parse_args(given)
    done: int = importlib.import_module(COMMANDS[options.command][0]).run(options)
    return done


if __name__ == "__main__":
    sys.exit(main())
