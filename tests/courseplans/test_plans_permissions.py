"""Every rule of the platform, for every officer and row, against the table that people read."""

import pytest

from licheng.courseplans.offices import permissions as offices_rules
from licheng.courseplans.plans import permissions as plans_rules
from licheng.courseplans.plans.states import PlanState
from licheng.foundations.authz import RULES, Actor, Rule, allows, require
from licheng.foundations.errors import NotAllowed, StepUpNeeded
from tests.matrix import PLANS_APPS, PLANS_ROLES, lines

pytestmark = pytest.mark.django_db

OFFICES = {rule.name for rule in vars(offices_rules).values() if isinstance(rule, Rule)}
ABOUT_SCHOOLS = {plans_rules.BEGIN.name, "offices.see_directory"}


def rows_of(world):
    """The rows by the words of the table, of each kind a rule is asked about."""
    places = {"own": "here", "near": "near", "far": "far"}
    stands = {"in-school": PlanState.IN_SCHOOL, "sent": PlanState.AT_AUTHORITY, "filed": PlanState.FILED}
    return {
        "schools": {word: world.schools[place] for word, place in places.items()},
        "officers": {
            word: world.officers[who]
            for word, who in (("own", "editor"), ("near", "near_editor"), ("far", "far_editor"))
        },
        "plans": {"draft": world.plan(year=115)}
        | {word: world.plan(state, year=116 + n) for n, (word, state) in enumerate(stands.items())}
        | {word: world.plan(PlanState.AT_AUTHORITY, place=word) for word in ("near", "far")},
    }


def kind_of(rule):
    if rule in ABOUT_SCHOOLS:
        return "schools"
    return "officers" if rule in OFFICES else "plans"


def test_rules_let_in_whom_the_table_says(world):
    rows = rows_of(world)
    actors = {role: world.actor(role) for role in PLANS_ROLES if role != "system"}
    actors["system"] = Actor.system("clock")

    found = {
        (name, word): {role for role, actor in actors.items() if allows(actor, RULES[name], row)}
        for name in RULES
        if name.startswith(PLANS_APPS)
        for word, row in rows[kind_of(name)].items()
    }

    table = {(line.rule, line.row): set(line.allowed) for line in lines() if line.rule.startswith(PLANS_APPS)}
    assert found == table


def test_naming_officers_wants_a_fresh_proof_of_those_it_lets_in(world):
    officer = world.officers["editor"]
    operator, editor = world.actor("operator"), world.actor("editor")
    tired = Actor(operator.person_id, None, operator.label, operator.roles, operator.name)

    require(operator, offices_rules.NAME_OFFICERS, officer)
    with pytest.raises(StepUpNeeded):
        require(tired, offices_rules.NAME_OFFICERS, officer)
    with pytest.raises(NotAllowed):
        require(editor, offices_rules.NAME_OFFICERS, officer)
