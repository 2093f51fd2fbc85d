"""What the architecture tests ask of source text; each question is a pure function, so each can be asked of a planted fault."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "licheng"
EXCHANGE = ROOT / "packages" / "exchange"
WRITES = frozenset(
    {"save", "create", "update", "delete", "get_or_create", "update_or_create", "bulk_create", "bulk_update"}
)
FUNCTION_LINES = 40


TASK_PATH = re.compile(r"licheng(\.\w+)+\.tasks\.\w+")
INNER_IMPORT = re.compile(r"(?:^[ \t]+|[:;][ \t]*)(?:import|from)\b", re.MULTILINE)


def python_files(*folders, without=()):
    """Every Python file of the folders, except below folders with one of these names."""
    found = (path for folder in folders for path in folder.rglob("*.py"))
    return sorted(path for path in found if not {*without, "node_modules", "var"} & set(path.parts))


def short(path):
    """The path as people say it, from the repository's root."""
    return path.relative_to(ROOT).as_posix()


def calls(source):
    """Every call in the text."""
    return calls_below(ast.parse(source))


def calls_below(tree):
    """Every call in what was parsed."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def writes_in(source):
    """Calls that may write rows, as `receiver.method`; update() of digests and dicts are told apart by the caller."""
    if not any(name in source for name in WRITES):  # a text without the word is not parsed for it
        return []
    return [
        f"{ast.unparse(call.func.value)}.{call.func.attr}"
        for call in calls(source)
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES
    ]


def orm_in(source):
    """Uses of a manager: what views, tasks and commands leave to queries and operations."""
    if "objects" not in source and "_default_manager" not in source:
        return []
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]


def queued_paths(source):
    """Dotted paths of tasks: given to enqueue_on_commit, or written down anywhere else in the file."""
    if "enqueue_on_commit" not in source and "tasks" not in source:
        return []
    tree = ast.parse(source)
    given = [
        call.args[0].value
        for call in calls_below(tree)
        if isinstance(call.func, ast.Name)
        and call.func.id == "enqueue_on_commit"
        and isinstance(call.args[0], ast.Constant)
    ]
    written = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and TASK_PATH.fullmatch(node.value)
    ]
    return list(dict.fromkeys(given + written))


def signals_in(source):
    """Imports that make one app act on another behind its back."""
    if "signals" not in source and "dispatch" not in source:
        return []
    return [
        said
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and (said := ast.unparse(node))
        and any(
            word in said for word in ("django.dispatch", "models.signals", "core.signals", "auth.signals")
        )
    ]


def inline_imports(source):
    """Imports inside functions whose line gives no reason."""
    if not INNER_IMPORT.search(source):
        return []
    lines = source.splitlines()
    functions = [
        n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [
        ast.unparse(node)
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "# noqa: PLC0415 -- " not in lines[node.lineno - 1]
    ]


def long_functions(source):
    """Functions over the limit, with their lines; decorators and docstrings count."""
    if source.count("\n") < FUNCTION_LINES:
        return {}
    return {
        node.name: lines
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    }


def imported_modules(source):
    """Modules the text imports; `from a import b` counts as both a and a.b."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def neighbour_imports(source, app, neighbours, offered):
    """Modules of neighbouring apps that are not what a neighbour offers (`app.module` or `module`)."""
    context, own = app.split(".")
    wrong = set()
    for name in imported_modules(source):
        parts = name.split(".")
        if parts[:2] != ["licheng", context] or len(parts) < 4 or parts[2] not in neighbours - {own}:
            continue
        if not {parts[3], f"{parts[2]}.{parts[3]}"} & offered:
            wrong.add(".".join(parts[:4]))
    return sorted(wrong)


def settings_read(source):
    """Names that a settings file reads from the environment through `env`."""
    return [
        call.args[0].value
        for call in calls(source)
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]
