#!/usr/bin/env python3
"""Write docs/permissions.md and docs/states.md from the code; `--check` only says if they are current."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from types import ModuleType

from settings_shim import ROOT, prepare

MADE = "<!-- Made by tools/make_docs.py; changes here are lost. -->"
STATES_FOREWORD = (
    "A move is kept as data (`foundations/moves.py`): from which states it starts, in which it ends. "
    "Operations lock the row and ask the move; the database repeats what must always hold as constraints."
)
ROWS = {
    "own": "the owner's row, of her homeroom teacher's class and her teacher's course",
    "other": "somebody else's row at the same school",
}
ARCHIVE_ROWS = {"own": "a deposit of the depositor's own school", "other": "a deposit of another school"}
ROLE_WORDS = {
    "owner": "student",
    "classmate": "classmate",
    "teacher": "course teacher",
    "other_teacher": "other teacher",
    "homeroom": "homeroom",
    "counsellor": "counsellor",
    "registrar": "registrar",
    "outcome_submitter": "outcome submitter",
    "activity_submitter": "activity submitter",
    "receipt_officer": "receipt officer",
    "administrator": "administrator",
}


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
    from tests.matrix import ARCHIVE_ROLES, SCHOOL_ROLES, lines  # noqa: PLC0415 -- settings load first

    for _module in modules_called("permissions"):
        pass
    table = lines()
    out = [MADE, "# Who may do what", "", _permissions_foreword()]
    for is_archive, title, roles in (
        (False, "At a school", [role for role in SCHOOL_ROLES if role != "system"]),
        (True, "At the archive", [role for role in ARCHIVE_ROLES if role != "system"]),
    ):
        mine = [line for line in table if line.rule.startswith("intake.") is is_archive]
        words = [ROLE_WORDS.get(role, role) for role in roles]
        out += [
            f"## {title}",
            "",
            *(f"- **{k}**: {v}" for k, v in (ARCHIVE_ROWS if is_archive else ROWS).items()),
        ]
        out += ["", f"| rule | row | {' | '.join(words)} |", f"|---|---|{':-:|' * len(roles)}"]
        for line in mine:
            marks = " | ".join("✓" if role in line.allowed else "" for role in roles)
            out.append(f"| `{line.rule}` | {line.row} | {marks} |")
        out.append("")
    out += ["## The sentences people read", "", "| rule | sentence |", "|---|---|"]
    with translation.override("zh-hant"):
        out += [f"| `{name}` | {RULES[name].says} |" for name in sorted(RULES)]
    return "\n".join(out) + "\n"


def _permissions_foreword() -> str:
    return (
        "A rule is a name, a sentence and one query over rows (`foundations/authz.py`). Lists and operations "
        "use the same query, so they cannot disagree. Rows of another school are reached by nobody; clocks "
        "and commands (the system actor) by no rule.\n\nThe table is `tests/permission_matrix.csv`; "
        "`tests/test_permissions.py` asks every rule for every role and row and compares.\n"
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
