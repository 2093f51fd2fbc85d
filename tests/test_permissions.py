"""Every rule, asked for every role and row, against the table that people read."""

from django.db.models import Q

from licheng.archive.intake.models import Deposit
from licheng.archive.intake.permissions import DEPOSITOR, OPERATOR
from licheng.foundations.authz import RULES, Actor, Rule, allows
from tests.matrix import ARCHIVE_ROLES, SCHOOL_ROLES, lines
from tests.test_tenancy import two_schools
from tests.world import make_world

# Which table a rule is asked about. Rules of the archive are told apart by their app.
ASKED_ABOUT = {
    "people.see": "Person",
    "people.issue_password": "Person",
    "people.see_school": "School",
    "people.import_rosters": "School",
    "outcomes.start": "Enrolment",
    "outcomes.see": "Outcome",
    "outcomes.write": "Outcome",
    "outcomes.certify": "Outcome",
    "outcomes.submit": "Outcome",
    "activities.see": "Activity",
    "activities.write": "Activity",
    "activities.submit": "Activity",
    "selection.see": "SelectionTally",
    "selection.select": "SelectionTally",
    "submission.see": "Batch",
    "submission.submit": "Batch",
    "submission.precheck": "School",
    "submission.seal": "School",
    "receipts.see": "StudentReceipt",
    "receipts.see_item": "ReceiptItem",
    "receipts.decide": "ReceiptItem",
    "receipts.answer": "ReceiptItem",
    "receipts.download": "StudentReceipt",
    "uploads.send": "Upload",
    "uploads.prepare": "Preparation",
    "insight.own": "Outcome",
    "insight.taught": "Outcome",
    "insight.class": "Student",
    "insight.imports": "RosterImport",
    "insight.batches": "Batch",
    "insight.disputes": "ReceiptItem",
}
AT_ARCHIVE = {"intake.see", "intake.deposit"}


def let_in(rule, row, actors):
    """The roles that the rule lets at this row."""
    return {role for role, actor in actors.items() if allows(actor, rule, row)}


def test_every_rule_is_in_the_table():
    assert {line.rule for line in lines()} == set(RULES) == set(ASKED_ABOUT) | AT_ARCHIVE


def test_the_table_names_known_roles_only_and_each_line_once():
    assert {role for line in lines() for role in line.allowed} <= {*SCHOOL_ROLES, *ARCHIVE_ROLES} - {"system"}
    assert len({(line.rule, line.row) for line in lines()}) == len(lines())


def test_every_row_that_exists_is_asked_about(db):
    here = make_world().here

    wanted = {
        (rule, row)
        for rule, model in ASKED_ABOUT.items()
        for row in ("own", "other")
        if model in getattr(here, row)
    }

    assert {(line.rule, line.row) for line in lines() if line.rule in ASKED_ABOUT} == wanted


def test_rules_let_in_whom_the_table_says(db):
    world = make_world()
    actors = {role: world.here.actor(role) for role in SCHOOL_ROLES}

    found = {}
    for line in lines():
        if line.rule in ASKED_ABOUT:
            row = getattr(world.here, line.row)[ASKED_ABOUT[line.rule]]
            found[line.rule, line.row] = let_in(RULES[line.rule], row, actors)

    assert found == {(line.rule, line.row): set(line.allowed) for line in lines() if line.rule in ASKED_ABOUT}


def test_nobody_reaches_a_row_of_another_school(db):
    world = make_world()
    actors = {role: world.here.actor(role) for role in SCHOOL_ROLES}

    found = {
        (name, model): reached
        for name, model in ASKED_ABOUT.items()
        for rows in (world.there.own, world.there.other)
        if model in rows and (reached := let_in(RULES[name], rows[model], actors))
    }

    assert found == {}


def test_a_rule_without_fence_would_be_found(db):
    world = make_world()
    registry = dict(RULES)
    try:
        open_rule = Rule("planted.open", "planted", lambda _actor: Q(), tenant=None)
    finally:
        RULES.clear()
        RULES.update(registry)

    assert let_in(open_rule, world.there.own["Outcome"], {"owner": world.here.actor("owner")}) == {"owner"}


def test_rules_of_the_archive_let_in_whom_the_table_says(db):
    _tokens, deposit = two_schools()
    own_school = deposit.school_id
    stranger = Deposit.school.field.related_model.objects.exclude(pk=own_school).get()
    others = Deposit.objects.create(
        school=stranger, school_year=115, package_sha256="1" * 64, package_bytes=1, password_sealed=b""
    )
    rows = {"own": deposit, "other": others}
    actors = {
        "operator": Actor(1, None, "operator:1", frozenset({OPERATOR})),
        "depositor": Actor(own_school, None, "school:000002", frozenset({DEPOSITOR})),
        "system": Actor.system("clock"),
    }

    found = {(name, row): let_in(RULES[name], rows[row], actors) for name in AT_ARCHIVE for row in rows}

    assert found == {(line.rule, line.row): set(line.allowed) for line in lines() if line.rule in AT_ARCHIVE}
