"""Every operation writes down what it did, in the same transaction: seen by following its calls to `audit.record`.

Those that do not are named here, each with its reason; an act that is forgotten is found out.
"""

import ast

from tests.codebase import SRC, python_files, short

WRITERS = {"record", "record_all", "move_all"}
WRITES = "audit.record()"  # among the names of a function that writes an act itself

ASKS = "changes nothing: it asks, reads or sends a letter"
NOTES = "keeps the site's own counts of what is seen, used or due; no record of a person"
PART_OF_FORGETTING = "a part of forgetting a person or of tidying, whose operation writes the act"
CLOCK = "a clock that runs other operations, makes again what was lost, or clears what nobody was told of"
WITHOUT_ACT = {
    **dict.fromkeys(("note_look", "note_looks", "note_overview"), "the look itself is what is written down"),
    "append_bytes": "bytes on their way; handing the file in is the act",
    **dict.fromkeys(
        ("tell_of_new_password", "looked_over", "confirm_own_duty", "file_terms", "tell_next", "tell_asker"),
        ASKS,
    ),
    "ask_for_reset": "nobody is known yet; the letter is the act",
    **dict.fromkeys(
        ("note_seen", "move_session", "note_use", "forget_uses", "note_run", "count_usage"), NOTES
    ),
    **dict.fromkeys(
        (
            *("forget_items", "forget_outcomes", "forget_activities", "forget_uploads", "forget_requests"),
            *(
                "forget_receipts",
                "forget_consultations",
                "forget_extensions",
                "forget_records",
                "forget_files",
            ),
        ),
        PART_OF_FORGETTING,
    ),
    **dict.fromkeys(
        (
            *("forget_sign_ins", "anchor_heads", "adopt_contents", "run_job", "run_clock", "derive_file"),
            *("derive_lost", "tidy_preparations", "sweep_uploads", "queue_left_rosters"),
        ),
        CLOCK,
    ),
}


def functions(texts):
    """Every function by module and name."""
    return {
        (path, node.name): node
        for path, text in texts.items()
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }


def names_in(function):
    """What a function names, by itself or as a part of something."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in WRITERS:
            found.add(WRITES)
    return found


def without_act(texts):
    """The names of operations from which no call leads to `record`."""
    known = functions(texts)
    named = {key: names_in(function) for key, function in known.items()}
    by_name = {}
    for path, name in known:
        by_name.setdefault(name, []).append((path, name))

    def reaches(key, seen):
        if WRITES in named[key]:
            return True
        seen.add(key)
        near = (
            ((key[0], name),) if (key[0], name) in known else by_name.get(name, ()) for name in named[key]
        )
        return any(reaches(one, seen) for keys in near for one in keys if one not in seen)

    operations = (
        key
        for key, function in known.items()
        if not key[1].startswith("_") and any(one.arg == "actor" for one in function.args.kwonlyargs)
    )
    return {key[1] for key in operations if not reaches(key, set())}


def texts_of_operations():
    """The text of every module of operations by its path."""
    paths = [path for path in python_files(SRC) if "operations" in {*path.parts, path.stem}]
    paths = [path for path in paths if "audit" not in path.parts]  # which is the writing down itself
    return {short(path): path.read_text(encoding="utf-8") for path in paths}


def test_every_operation_writes_its_act():
    assert without_act(texts_of_operations()) == set(WITHOUT_ACT)


def test_a_forgotten_act_is_found():
    texts = {
        "a/operations/one.py": "def drop(*, actor):\n    _gone(actor)\n\ndef _gone(actor):\n    record(actor=actor)\n",
        "b/operations/two.py": "def give(*, actor):\n    drop(actor=actor)\n\ndef keep(*, actor):\n    row.save()\n",
    }

    assert without_act(texts) == {"keep"}
