#!/usr/bin/env python3
"""Write docs/permissions.md and docs/states.md from the code; `--check` only says if they are current."""

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING

from settings_shim import ROOT, prepare

if TYPE_CHECKING:
    from tests.matrix import Line

MADE = "<!-- Made by tools/make_docs.py; changes here are lost. -->"
STATES_FOREWORD = (
    "A move is kept as data (`foundations/moves.py`): from which states it starts, in which it ends. "
    "Operations lock the row and ask the move; the database repeats what must always hold as constraints."
)
ROWS = {
    "own": "the owner's row, of her homeroom teacher's class and her teacher's course",
    "draft": "the owner's row as long as it is not sent (outcome), selected (activity) or held",
    "other": "somebody else's row at the same school",
    "colleague": "a member of staff: the other course's teacher",
}
PLANS_ROWS = {
    "own": "a school, or an officer, of one's own",
    "draft": "a plan of one's own school that is being written",
    "in-school": "the same, in the school's own review",
    "sent": "the same, sent to the authority",
    "filed": "the same, on file",
    "near": "another school of the same authority; its plan was sent",
    "far": "a school of another authority; its plan was sent",
}
ARCHIVE_ROWS = {"own": "a deposit of the depositor's own school", "other": "a deposit of another school"}


def modules_called(last: str) -> Iterator[ModuleType]:
    """Every module of the project with this last name, in order."""
    package = importlib.import_module("licheng")
    for found in pkgutil.walk_packages(package.__path__, "licheng."):
        if found.name.rpartition(".")[2] == last:
            yield importlib.import_module(found.name)


def permissions() -> str:
    """Every rule with its sentence and who it lets in, from RULES and tests/permission_matrix.csv."""
    from django.utils import translation  # noqa: PLC0415 -- settings load first

    from licheng.foundations.authz import RULES  # noqa: PLC0415 -- settings load first
    from tests.matrix import ARCHIVE_ROLES, NOT_TODAY, PLANS_APPS, PLANS_ROLES, SCHOOL_ROLES, lines  # noqa: PLC0415 -- settings load first

    for _module in modules_called("permissions"):
        pass
    table = lines()
    out = [MADE, "# Who may do what", "", _permissions_foreword(len(table))]
    elsewhere = ("intake.", *PLANS_APPS)
    for apps, title, rows, roles in (
        (None, "At a school", ROWS, SCHOOL_ROLES),
        ("intake.", "At the archive", ARCHIVE_ROWS, ARCHIVE_ROLES),
        (PLANS_APPS, "At the course-plan platform", PLANS_ROWS, PLANS_ROLES),
    ):
        mine = [line for line in table if line.rule.startswith(apps or elsewhere) is bool(apps)]
        out += [f"## {title}", "", *(f"- **{name}**: {words}" for name, words in rows.items()), ""]
        out += ["| rule | row | who is let in |", "|---|---|---|"]
        for line in mine:
            mark = " ⚷" if RULES[line.rule].is_stepped_up else ""
            let_in = ", ".join(role.replace("_", " ") for role in roles if role in line.allowed) or "nobody"
            out.append(f"| `{line.rule}`{mark} | {line.row} | {let_in} |")
        out.append("")
    out += ["## Former and future relations", "", _former(table, NOT_TODAY), ""]
    out += ["## The sentences people read", "", "| rule | 中文 | English |", "|---|---|---|"]
    for name in sorted(RULES):
        says = []
        for language in ("zh-hant", "en"):
            with translation.override(language):
                says.append(str(RULES[name].says))
        out.append(f"| `{name}` | {' | '.join(says)} |")
    return "\n".join(out) + "\n"


def _former(table: "Iterable[Line]", not_today: tuple[str, ...]) -> str:
    """Who no longer, or not yet, stands in a relation, and the rules that let them in all the same."""
    out = ["| who | let in by |", "|---|---|"]
    for role in not_today:
        rules = dict.fromkeys(f"`{line.rule}` ({line.row})" for line in table if role in line.allowed)
        out.append(f"| {role.replace('_', ' ')} | {', '.join(rules)} |")
    return "\n".join(out)


def _permissions_foreword(count: int) -> str:
    return (
        "A rule is a name, a sentence and one query over rows (`foundations/authz.py`). Lists and operations "
        "use the same query, so they cannot disagree. Rows of another school are reached by nobody; clocks "
        "and commands (the system actor) by no rule.\n\nThe table is `tests/permission_matrix.csv`; "
        f"`tests/test_permissions.py` asks every rule for every role and row ({count} lines) and compares. "
        "⚷: acting on it wants a fresh proof of identity; being shown rows never does.\n"
    )


def states() -> str:
    """Every state machine as two tables: its states, and its moves."""
    from django.utils import translation  # noqa: PLC0415 -- settings load first

    out = [
        MADE,
        "# What is possible from where",
        "",
        STATES_FOREWORD,
        "",
    ]
    with translation.override("zh-hant"):
        for module in modules_called("states"):
            out += _machine(module)
    return "\n".join(out) + "\n"


def _machine(module: ModuleType) -> list[str]:
    names = {id(value): name for name, value in vars(module).items()}
    out = [f"## {'.'.join(module.__name__.split('.')[1:3])}", "", "| state | people read |", "|---|---|"]
    out += [f"| `{state.value}` | {state.label} |" for state in type(module.MOVES[0].ends)]
    out += ["", "| move | people read | starts from | ends in |", "|---|---|---|---|"]
    for move in module.MOVES:
        starts = ", ".join(f"`{state.value}`" for state in type(move.ends) if state in move.starts)
        out.append(f"| {names[id(move)]} | {move.says} | {starts} | `{move.ends.value}` |")
    return [*out, ""]


def documents() -> dict[str, str]:
    """Path under docs → text as it should be now."""
    return {"permissions.md": permissions(), "states.md": states()}


def main(arguments: list[str]) -> int:
    """Write, or with --check compare; 1 when something is out of date."""
    prepare()
    import django  # noqa: PLC0415 -- settings load first

    django.setup()
    stale = []
    for name, text in documents().items():
        path = ROOT / "docs" / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    if "--check" in arguments and stale:
        print(f"out of date: {', '.join(stale)}; run tools/make_docs.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
