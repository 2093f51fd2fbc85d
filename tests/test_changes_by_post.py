"""What changes something is sent by a form with its token: no link, picture or prefetch of another site changes anything here.

Read from the views' text: whoever calls an operation takes POST alone, or asks the method before.
"""

import ast

from tests.codebase import SRC, calls_below, python_files, short

# Operations that may run while something is shown, each with its reason.
WHILE_SHOWING = {
    **dict.fromkeys(("note_look", "note_looks", "note_overview"), "that somebody was shown a student's data"),
    "search_acts": "that somebody looked for a person's acts",
    "hand_back": "a download, which is written down",
    "package_path": "names a file, changes nothing",
    "note_identity_refused": "the issuer sends people back with GET; what is refused is written down",
    "move_session": "a part of showing who one is, whose view asks the method",
    "finish_upload": "what was sent whole and left is handed in when its sender looks",
}

METHOD_ASKED = ("request.method", "form.is_bound")  # a form is bound to what was posted, never to an address


def operations_in(tree):
    """Names that stand for operations of an app, and names of whole modules of them."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    offered = [
        node for node in imports if "operations" in node.module.split(".") and ".limits." not in node.module
    ]
    names = {one.asname or one.name for node in offered for one in node.names}
    modules = {one.asname or one.name for node in imports for one in node.names if one.name == "operations"}
    return names, modules


def called(function, names, modules):
    """The operations that a view calls itself."""
    for call in calls_below(function):
        if isinstance(call.func, ast.Name) and call.func.id in names:
            yield call.func.id
        elif isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in modules:
            yield call.func.attr


def changed_by_get(source):
    """Views that call an operation whatever the request's method is, with the operations."""
    tree = ast.parse(source)
    names, modules = operations_in(tree)
    found = {}
    for view in tree.body:
        if isinstance(view, ast.FunctionDef) and view.args.args and view.args.args[0].arg == "request":
            changes = set(called(view, names, modules)) - WHILE_SHOWING.keys()
            marks = {ast.unparse(mark) for mark in view.decorator_list}
            is_asked = any(word in ast.unparse(view) for word in METHOD_ASKED)
            if changes and "require_POST" not in marks and not is_asked:
                found[view.name] = changes
    return found


def views():
    """The text of every module of views by its path."""
    paths = [path for path in python_files(SRC) if path.stem == "views" or path.parent.name == "views"]
    return {short(path): path.read_text(encoding="utf-8") for path in paths}


def test_what_changes_something_is_sent():
    texts = views()

    found = {
        (path, name)
        for path, text in texts.items()
        for name in changed_by_get(text)
        if not name.startswith("_")  # a part of a view that asks the method itself
    }

    assert found == set()
    assert len(texts) > 30


def test_no_address_does_without_the_forms_token():
    exempt = {path for path, text in views().items() if "csrf_exempt" in text}

    assert exempt == set()


def test_a_link_that_changes_something_is_found():
    source = "from a.operations import drop\n\ndef gone(request, pk):\n    drop(actor=request.actor, pk=pk)\n"

    assert changed_by_get(source) == {"gone": {"drop"}}
    assert changed_by_get(source.replace("def gone", "@require_POST\ndef gone")) == {}
