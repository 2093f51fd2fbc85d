"""The house stays the house: what import contracts cannot see, asked of models, operations and source text.

Every question is also asked of a planted fault, so that a test that has gone blind is found out.
"""

import importlib
import inspect
import io
import pkgutil
from functools import cache

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

import licheng
from licheng.foundations.queueing import task_at
from tests import codebase
from tests.codebase import EXCHANGE, ROOT, SRC, python_files, short

FILE_LINES, TEMPLATE_LINES = 400, 150
SITES = ("school", "archive", "courseplans")

# From the ground up; apps of one row stand beside each other.
LEVELS = {
    "foundations": [{"audit", "ledger"}, {"custody"}, {"limits"}, {"files", "accounts", "machines"}],
    "school": [
        {"calendar"},
        {"people"},
        {"governance"},
        {"records"},
        {"rosters"},
        {"outcomes", "activities", "counselling"},
        {"uploads"},
        {"selection"},
        {"submission"},
        {"receipts"},
        {"frontdesk", "integration"},
        {"insight"},
    ],
    "archive": [{"intake"}, {"holdings"}, {"receipts"}],
    "courseplans": [{"offices"}, {"plans"}, {"publishing"}],
}

# What an app offers its neighbours, and modules offered by name: a person becomes an actor in one place; one client
# speaks to the archive; what a package is and must hold is pure knowledge that the archive's check puts together.
OFFERED = {"models", "queries", "operations", "states", "errors"}
OFFERED_BY_NAME = {
    "people.actors",
    "people.relations",  # who stands in which relation to a student: asked by the rules of every app
    "people.who",  # the page "who may see this?", which stands beside every app's records
    "people.duty_forms",  # the form of a term, which deputies of courses share
    "records.relations",
    "submission.archive_client",
    "activities.categories",  # columns of the rosters, which a package carries too
    "intake.packages",
    "plans.words",  # codes in words: the same to who files a plan and to who reads it
    "holdings.contents",
    "holdings.rules",
    "intake.permissions",  # the exception that .importlinter names
}

# What looks like a row's method and is none: digests, pictures, and PDF documents.
NOT_ROWS = {
    "digest.update",
    "sha256.update",
    "md5.update",
    "small.save",
    "image.save",
    "document.save",
    "cache.delete",
    "self._storage.save",
}

# Public functions of an operations package that are not operations of somebody, each with its reason.
NOT_BY_ACTOR = {
    "licheng.foundations.ledger.operations.note_leaf": "a leaf has no actor; the audit row beside it has",
    "licheng.foundations.ledger.operations.sequence": "speaks for all who wait, not for one of them",
    "licheng.foundations.ledger.operations.acknowledge": "as sequence, and tells one entry its index",
    "licheng.foundations.custody.operations.note_kept": "a part of taking a file in, which names its actor",
    "licheng.foundations.custody.operations.note_all_kept": "as note_kept, for many",
    "licheng.foundations.limits.operations.consume": "counts people who are nobody yet",
    "licheng.foundations.limits.operations.forget": "as consume",
    "licheng.foundations.limits.operations.forget_past": "speaks of windows that are over",
    "licheng.foundations.files.operations.clean_name": "reads a name, writes nothing",
    "licheng.archive.holdings.operations.hold_items": "a part of accepting a deposit, which names its actor",
    "licheng.archive.intake.operations.locked_deposit": "locks a row for the operation that asks",
    "licheng.archive.intake.operations.password_of": "reads a column, writes nothing",
}
# record() names the row it is about and takes the facts as they come.
WITH_MORE_KEYWORDS = {"licheng.foundations.audit.operations.record"}

# Tables of the school site that belong to no school, each with its reason.
NO_TENANT = {
    "calendar.Window": "ministry and authorities set windows too; `level` and `code` say whose it is",
    "calendar.Policy": "as for windows",
    "people.Authority": "above schools",
    "people.School": "the tenant itself",
}

# Longer than the house allows; the list may only shrink. Path (and function) → lines.
LONG_FILES: dict[str, int] = {}
LONG_FUNCTIONS: dict[str, int] = {}


def context_and_app(module):
    """`licheng.school.people.models` → ("school", "people")."""
    parts = module.split(".")
    return parts[1], parts[2]


def level(context, app):
    """How high an app stands in its context."""
    return next(height for height, row in enumerate(LEVELS[context]) if app in row)


def key_is_wrong(from_module, to_module):
    """Whether a foreign key between two model modules points up, sideways or into another site."""
    (context, app), (other_context, other_app) = context_and_app(from_module), context_and_app(to_module)
    if (context, app) == (other_context, other_app) or (other_context == "foundations" != context):
        return False
    return context != other_context or level(context, app) <= level(other_context, other_app)


def own_models():
    return [model for model in apps.get_models() if model.__module__.startswith("licheng.")]


def test_foreign_keys_never_point_up_or_sideways():
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in own_models()
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.related_model and field.related_model.__module__.startswith("licheng.")
        if key_is_wrong(model.__module__, field.related_model.__module__)
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("from_module", "to_module", "wrong"),
    [
        ("licheng.school.people.models", "licheng.school.records.models", True),
        ("licheng.school.outcomes.models", "licheng.school.activities.models", True),
        ("licheng.archive.receipts.models", "licheng.school.receipts.models", True),
        ("licheng.foundations.files.models", "licheng.school.people.models", True),
        ("licheng.school.receipts.models", "licheng.school.people.models", False),
        ("licheng.school.outcomes.models", "licheng.foundations.files.models", False),
    ],
)
def test_a_key_that_points_up_is_found(from_module, to_module, wrong):
    assert key_is_wrong(from_module, to_module) is wrong


def tenant_missing(model):
    """Whether a table of the school site does not say whose rows it holds."""
    names = {field.name for field in model._meta.fields}
    return "school" not in names and model._meta.label not in NO_TENANT


def test_every_table_of_the_school_site_belongs_to_a_school():
    school_models = [model for model in own_models() if model.__module__.startswith("licheng.school.")]

    assert [model._meta.label for model in school_models if tenant_missing(model)] == []
    assert set(NO_TENANT) <= {model._meta.label for model in school_models}


def test_a_table_without_school_is_found():
    class Stray(models.Model):
        class Meta:
            app_label = "planted"
            managed = False

    try:
        assert tenant_missing(Stray)
    finally:
        apps.all_models.pop("planted")
        apps.clear_cache()


def outside_operations():
    """Source files where rows are never written."""
    return python_files(
        *(SRC / part for part in (*SITES, "foundations", "config")), without=("operations", "migrations")
    )


def test_rows_are_written_by_operations_only():
    writes = {short(path): codebase.writes_in(path.read_text()) for path in outside_operations()}

    assert {path: rows for path, found in writes.items() if (rows := set(found) - NOT_ROWS)} == {}
    assert {write for found in writes.values() for write in found} >= NOT_ROWS


def test_a_write_in_a_view_is_found():
    assert codebase.writes_in("def view(request):\n    row.state = 'x'\n    row.save()") == ["row.save"]
    assert codebase.writes_in("Row.objects.filter(pk=1).update(a=2)") == ["Row.objects.filter(pk=1).update"]


def test_views_tasks_and_commands_leave_rows_to_queries_and_operations():
    walls = [
        path
        for path in python_files(*(SRC / part for part in (*SITES, "foundations")))
        if path.name in {"views.py", "api.py", "tasks.py"} or {"views", "commands"} & set(path.parts)
    ]

    assert {short(path): found for path in walls if (found := codebase.orm_in(path.read_text()))} == {}
    assert codebase.orm_in("rows = Outcome.objects.all()") == ["Outcome.objects"]


@cache
def public_operations():
    """Every function that an app's `operations` package offers, by dotted name."""
    found = {}
    for module in pkgutil.walk_packages(licheng.__path__, "licheng."):
        if module.name.endswith(".operations"):
            package = importlib.import_module(module.name)
            for name, member in inspect.getmembers(package, inspect.isfunction):
                if not name.startswith("_") and member.__module__.startswith(module.name):
                    found[f"{module.name}.{name}"] = member
    return found


def signature_faults(operation):
    """What is wrong with an operation's parameters: `actor` comes first, all are named by keyword."""
    parameters = list(inspect.signature(operation).parameters.values())
    faults = [] if parameters and parameters[0].name == "actor" else ["actor is not first"]
    return faults + [f"{p.name} is not keyword-only" for p in parameters if p.kind is not p.KEYWORD_ONLY]


@pytest.mark.parametrize("name", sorted(public_operations()))
def test_operations_name_their_actor_and_take_keywords_only(name):
    faults = signature_faults(public_operations()[name])
    if name in NOT_BY_ACTOR:
        assert faults
    elif name in WITH_MORE_KEYWORDS:
        assert faults == ["data is not keyword-only"]
    else:
        assert faults == []


def test_an_operation_without_actor_is_found():
    def certify(outcome_id, *, actor):
        return outcome_id, actor

    assert signature_faults(certify) == ["actor is not first", "outcome_id is not keyword-only"]


def test_every_queued_path_is_a_task():
    queued = {path for file in python_files(SRC) for path in codebase.queued_paths(file.read_text())}

    assert queued
    assert [path for path in queued if task_at(path) is None] == []


def test_a_queued_path_that_is_no_task_is_found():
    source = (
        "NEXT = {1: 'licheng.school.x.tasks.send'}\nenqueue_on_commit(NEXT[1])\nenqueue_on_commit('c.d', x=1)"
    )
    assert codebase.queued_paths(source) == ["c.d", "licheng.school.x.tasks.send"]
    with pytest.raises(TypeError):
        task_at("licheng.foundations.queueing.task_at")


@pytest.mark.parametrize("question", [codebase.signals_in, codebase.inline_imports], ids=lambda q: q.__name__)
def test_no_signals_and_no_imports_inside_functions(question):
    files = python_files(SRC, EXCHANGE / "src", without=("migrations",))

    assert {short(path): found for path in files if (found := question(path.read_text()))} == {}


def test_a_signal_and_an_inline_import_are_found():
    assert codebase.signals_in("from django.db.models.signals import post_save") != []
    assert codebase.inline_imports("def f():\n    import json\n    return json") == ["import json"]
    assert (
        codebase.inline_imports("def f():\n    import json  # noqa: PLC0415 -- circular\n    return json")
        == []
    )


def test_neighbours_import_only_what_an_app_offers():
    wrong = {}
    for context in SITES:
        neighbours = {name for row in LEVELS[context] for name in row}
        for app in neighbours:
            for path in python_files(SRC / context / app):
                found = codebase.neighbour_imports(
                    path.read_text(), f"{context}.{app}", neighbours, OFFERED | OFFERED_BY_NAME
                )
                if found:
                    wrong[short(path)] = found

    assert wrong == {}


def test_an_import_of_a_neighbours_views_is_found():
    planted = "from licheng.school.people.views import student\nfrom licheng.school.people import models"

    found = codebase.neighbour_imports(planted, "school.records", {"people", "records"}, OFFERED)

    assert found == ["licheng.school.people.views"]


def lengths():
    """Every source file and template with its lines, where it is over its limit."""
    folders = [ROOT / name for name in ("src", "packages", "tests", "tools", "bench", "samples")]
    limits = [(path, FILE_LINES) for path in python_files(*folders, without=("migrations",))]
    limits += [(path, TEMPLATE_LINES) for path in SRC.rglob("*.html") if "static" not in path.parts]
    return {short(path): n for path, limit in limits if (n := len(path.read_text().splitlines())) > limit}


def not_in_list(found, exceptions):
    """What is too long and not excused, has grown, or is excused although it is short again."""
    grown = {name: lines for name, lines in found.items() if lines > exceptions.get(name, 0)}
    return grown | {name: 0 for name in exceptions if name not in found}


def test_files_and_templates_stay_short():
    assert not_in_list(lengths(), LONG_FILES) == {}


def test_functions_stay_short():
    files = python_files(SRC, EXCHANGE / "src", ROOT / "tools", without=("migrations",))
    found = {
        f"{short(path)}:{name}": lines
        for path in files
        for name, lines in codebase.long_functions(path.read_text()).items()
    }

    assert not_in_list(found, LONG_FUNCTIONS) == {}


def test_a_long_function_and_a_grown_exception_are_found():
    body = "\n".join("    x = 1" for _line in range(codebase.FUNCTION_LINES))

    assert codebase.long_functions(f"def long():\n{body}") == {"long": codebase.FUNCTION_LINES + 1}
    assert not_in_list({"a": 420}, {"a": 410, "b": 500}) == {"a": 420, "b": 0}
    assert not_in_list({"a": 405}, {"a": 410}) == {}


@pytest.mark.django_db
def test_migrations_are_complete():
    said = io.StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=said)
    except SystemExit:
        pytest.fail(f"models have changed without a migration:\n{said.getvalue()}")
