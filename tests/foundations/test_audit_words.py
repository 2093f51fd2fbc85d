"""Every action that the code writes down can be read by people."""

import ast
import re
from functools import cache

from licheng.foundations.audit.words import SUBJECTS, WORDS
from licheng.school.uploads.states import UploadState
from tests.codebase import SRC, python_files

NAME = re.compile(r"[a-z_]+\.[a-z_]+(?:-[a-z]+)?")
# Names that are put together where they are written down.
PUT_TOGETHER = {f"upload.{state}" for state in UploadState}
PUT_TOGETHER |= {f"account.{what}_failed" for what in ("factor", "step_up", "passkey_sign_in")}
# Where a limit is counted, `action` names the limit.
LIMITS = {"consume", "forget", "spent"}
WRITERS = {"record", "record_all", "move_all"}


def is_record(call):
    return getattr(call.func, "id", getattr(call.func, "attr", "")) in WRITERS


def constants(node):
    return {
        found.value
        for found in ast.walk(node)
        if isinstance(found, ast.Constant) and isinstance(found.value, str) and NAME.fullmatch(found.value)
    }


def actions_of(text):
    """Actions given to a writer, and where one is passed on, every constant of the module that looks like one."""
    if not any(name in text for name in WRITERS):  # nothing is written down there
        return set()
    tree, found, is_passed_on = ast.parse(text), set(), False
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in filter(is_record, calls):
        action = next((word.value for word in call.keywords if word.arg == "action"), None)
        if action is not None:
            found |= constants(action)
            is_passed_on |= not isinstance(action, ast.Constant)
    if not is_passed_on:
        return found
    limits = {name for call in calls if getattr(call.func, "id", "") in LIMITS for name in constants(call)}
    shown = {name for name in constants(tree) if name.split(".")[0] in {word.split(".")[0] for word in WORDS}}
    return found | (shown - limits)


@cache
def actions():
    return PUT_TOGETHER.union(*(actions_of(path.read_text()) for path in python_files(SRC)))


def test_every_action_has_words():
    assert actions() - set(WORDS) == set()


def test_no_words_are_left_over():
    assert set(WORDS) - actions() == set()


def test_an_action_without_words_would_be_found():
    planted = 'record(actor=actor, action="outcome.burnt", subject=outcome)'

    assert actions_of(planted) == {"outcome.burnt"}
    assert actions_of('A = {1: "outcome.lost"}\nrecord(actor=actor, action=A[1], subject=o)') == {
        "outcome.lost"
    }


def test_every_subject_offered_is_a_table():
    from django.apps import apps

    assert all(apps.get_model(name)._meta.verbose_name for name in SUBJECTS)
