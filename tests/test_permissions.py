"""Every rule, asked for every role and row, against the table that people read."""

from dataclasses import replace

import pytest
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from licheng.archive.intake.models import Deposit, RegisteredSchool
from licheng.archive.intake.permissions import DEPOSITOR, OPERATOR
from licheng.courseplans.offices import permissions as offices_rules
from licheng.courseplans.plans import permissions as plans_rules
from licheng.foundations.authz import RULES, Actor, Rule, allows, require
from licheng.foundations.errors import NotAllowed, StepUpNeeded
from licheng.school.people.actors import actor_of
from licheng.school.people.models import Person
from tests.matrix import ARCHIVE_ROLES, NOT_TODAY, PLANS_APPS, PLANS_ROLES, SCHOOL_ROLES, lines
from tests.relations_world import related
from tests.test_tenancy import two_schools
from tests.world import make_world

# Which table a rule is asked about. Rules of the archive are told apart by their app.
ASKED_ABOUT = {
    "people.see": "Person",
    "people.see_accounts": "Person",
    "people.issue_code": "Person",
    "people.recover": "Person",
    "people.sign_out": "Person",
    "people.name_staff": "Person",
    "people.see_students": "Person",
    "people.see_school": "School",
    "people.import_rosters": "School",
    "rosters.export": "School",
    "rosters.see": "RosterImport",
    "rosters.apply": "RosterImport",
    "rosters.apply_confirmed": "RosterImport",
    "rosters.undo": "RosterImport",
    "rosters.undo_staff": "RosterImport",
    "people.import_staff": "School",
    "people.import_own_duty": "School",
    "people.see_looks": "Person",
    "people.link_guardian": "Person",
    "people.print_guardian_codes": "ClassGroup",
    "people.withdraw_guardian_code": "GuardianCode",
    "people.end_guardian": "GuardianLink",
    "people.reveal_id": "Person",
    "people.record_leaving": "Person",
    "people.undo_leaving": "Person",
    "people.add_ward": "Guardian",
    "people.import_above": "School",
    "people.grant_role": "School",
    "people.deputise_class": "ClassGroup",
    "people.see_grant": "RoleGrant",
    "people.end_grant": "RoleGrant",
    "people.open_staff_session": "School",
    "people.see_staff_session": "StaffSession",
    "people.close_staff_session": "StaffSession",
    "records.deputise": "Offering",
    "records.see_deputy": "CourseDeputy",
    "records.end_deputy": "CourseDeputy",
    "records.see_student": "Person",
    "records.see_mark": "CourseMark",
    "records.see_cadre": "CadreRecord",
    "records.see_term": "StudentTerm",
    "records.read_class": "ClassGroup",
    "records.read_course": "Offering",
    "records.export_class": "ClassGroup",
    "records.export_course": "Offering",
    "counselling.counsel": "School",
    "counselling.plan": "Person",
    "counselling.see": "Consultation",
    "counselling.write": "Consultation",
    "counselling.see_names": "Person",
    "outcomes.start": "Enrolment",
    "outcomes.see": "Outcome",
    "outcomes.write": "Outcome",
    "outcomes.certify": "Outcome",
    "activities.start": "Person",
    "activities.see": "Activity",
    "activities.write": "Activity",
    "selection.see": "SelectionTally",
    "selection.select": "SelectionTally",
    "submission.see": "Batch",
    "submission.package": "Batch",
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
    "governance.see": "School",
    "governance.see_change": "SettingChange",
    "governance.set": "School",
    "governance.see_extension": "Extension",
    "governance.extend": "School",
    "governance.withdraw": "Extension",
    "frontdesk.announce": "School",
    "frontdesk.see_board": "Announcement",
    "frontdesk.withdraw": "Announcement",
    "frontdesk.see_desk": "School",
    "frontdesk.see_question": "HelpRequest",
    "frontdesk.follow": "HelpRequest",
    "frontdesk.answer": "HelpRequest",
    "audit.search": "School",
    "audit.export": "School",
    "audit.own": "Person",
    "insight.own": "Outcome",
    "insight.taught": "Outcome",
    "insight.class": "Student",
    "insight.imports": "RosterImport",
    "insight.batches": "Batch",
    "insight.disputes": "ReceiptItem",
    "integration.manage": "School",
    "integration.read_classes": "ClassGroup",
    "integration.read_students": "Student",
    "integration.read_progress": "ClassGroup",
}
AT_ARCHIVE = {"intake.audit", "intake.see", "intake.deposit"}
AT_REGISTRY = {"intake.announce"}
AT_PLANS = {  # tests/courseplans asks about them
    rule.name
    for rules in (offices_rules, plans_rules)
    for rule in vars(rules).values()
    if isinstance(rule, Rule)
}


ROWS = ("own", "draft", "other", "colleague")
# What acts in other people's names, or changes who may: the actor shows again who she is.
STEPPED_UP = {
    "rosters.export",
    "rosters.apply_confirmed",
    "rosters.undo",
    "audit.export",
    "governance.extend",
    "governance.set",
    "governance.withdraw",
    "offices.name_officers",
    "people.recover",
    "integration.manage",
    "people.import_own_duty",
    "people.import_staff",
    "people.reveal_id",
    "people.grant_role",
    "people.deputise_class",
    "people.end_grant",
    "people.open_staff_session",
    "people.undo_leaving",
    "records.deputise",
    "records.end_deputy",
    "records.export_class",
    "records.export_course",
    "submission.package",
    "submission.seal",
    "submission.submit",
}

# What guardians and homeroom teachers are let at that is no record of the student: their own links and grants, their
# class, the settings of the school.
ABOUT_OTHERS = {
    "governance.see",
    "governance.see_change",
    "people.add_ward",
    "people.deputise_class",
    "people.end_grant",
    "people.end_guardian",
    "people.see_grant",
    "people.see_school",
    "records.export_class",
    "records.read_class",
}


def rows_of(made):
    """The rows of a school by the words of the table; what the owner selects is "own", what is not yet is "draft"."""
    return {
        "own": made.own | {"Activity": made.activities["selected"], "Guardian": made.cast["linked_guardian"]},
        "draft": {
            "Outcome": made.outcomes["draft"],
            "Activity": made.activities["draft"],
            "Consultation": made.own["Consultation-planned"],
        },
        "other": made.other,
        "colleague": {"Person": made.cast["other_teacher"]},
    }


def let_in(rule, row, actors):
    """The roles that the rule lets at this row."""
    return {role for role, actor in actors.items() if allows(actor, rule, row)}


def reached(rule, model, schools, actors):
    """By school and word of the table: the roles that the rule lets at the row; each role asks once for all rows."""
    rows = {
        (school, word): found[model]
        for school, made in schools.items()
        for word, found in rows_of(made).items()
        if model in found
    }
    asked = type(next(iter(rows.values())))._default_manager.filter(pk__in=[row.pk for row in rows.values()])
    by_role = {
        role: set(asked.filter(rule.within(actor)).values_list("pk", flat=True))
        for role, actor in actors.items()
    }
    return {where: {role for role, keys in by_role.items() if row.pk in keys} for where, row in rows.items()}


def test_every_rule_is_in_the_table():
    assert (
        {line.rule for line in lines()}
        == set(RULES)
        == set(ASKED_ABOUT) | AT_ARCHIVE | AT_REGISTRY | AT_PLANS
    )
    assert {name for name in RULES if name.startswith(PLANS_APPS)} == AT_PLANS


def test_the_table_names_known_roles_only_and_each_line_once():
    known = {*SCHOOL_ROLES, *ARCHIVE_ROLES, *PLANS_ROLES} - {"system"}

    assert {role for line in lines() for role in line.allowed} <= known
    assert len({(line.rule, line.row) for line in lines()}) == len(lines())


def test_who_no_longer_stands_in_a_relation_is_let_at_no_record():
    records = (
        "outcomes.",
        "activities.",
        "selection.",
        "receipts.",
        "uploads.",
        "submission.",
        "counselling.",
    )
    records += tuple(
        f"records.{what}" for what in ("read_", "export_", "see_student", "see_mark", "see_cadre", "see_term")
    )
    let_in = {
        (line.rule, role)
        for line in lines()
        for role in NOT_TODAY
        if role in line.allowed and line.rule.startswith(records)
    }

    assert let_in == set()


def test_every_row_that_exists_is_asked_about(db):
    rows = rows_of(make_world().here)

    wanted = {(rule, row) for rule, model in ASKED_ABOUT.items() for row in ROWS if model in rows[row]}

    assert {(line.rule, line.row) for line in lines() if line.rule in ASKED_ABOUT} == wanted


def test_rules_let_in_whom_the_table_says_and_nobody_at_another_school(db):
    world = make_world()
    related(world.here)
    schools = {"here": world.here, "there": world.there}
    actors = {role: world.here.actor(role) for role in SCHOOL_ROLES}

    found = {
        (name, *where): roles
        for name, model in ASKED_ABOUT.items()
        for where, roles in reached(RULES[name], model, schools, actors).items()
    }

    table = {(line.rule, "here", line.row): set(line.allowed) for line in lines() if line.rule in ASKED_ABOUT}
    assert found == table | {(name, "there", row): set() for name, _here, row in table}


def test_asking_once_for_all_rows_tells_what_asking_for_each_tells(db):
    here = related(make_world().here)
    actors = {role: here.actor(role) for role in SCHOOL_ROLES}
    rows = {("here", word): there["Outcome"] for word, there in rows_of(here).items() if "Outcome" in there}

    found = reached(RULES["outcomes.see"], "Outcome", {"here": here}, actors)

    assert found == {where: let_in(RULES["outcomes.see"], row, actors) for where, row in rows.items()}


def test_rules_that_want_a_fresh_proof_are_known():
    assert {name for name, rule in RULES.items() if rule.is_stepped_up} == STEPPED_UP


def test_a_token_stands_in_for_a_fresh_proof_where_its_own_import_is_taken_back_and_nowhere_else():
    reached = {name for name, rule in RULES.items() if rule.is_stepped_up and rule.machine_scope}

    assert reached == {"rosters.undo"}


def test_a_stepped_up_rule_asks_those_whom_it_lets_in(db):
    here = make_world().here
    administrator, teacher = here.actor("administrator"), here.actor("teacher")

    require(replace(administrator, is_fresh=True), RULES["people.grant_role"], here.school)
    with pytest.raises(StepUpNeeded):
        require(administrator, RULES["people.grant_role"], here.school)
    with pytest.raises(NotAllowed):
        require(replace(teacher, is_fresh=True), RULES["people.grant_role"], here.school)


def test_whoever_has_left_is_read_by_nobody_of_her_last_class_or_family(db):
    """Who has left can neither end a link nor read who looked; her last class keeps its teacher for good."""
    here = related(make_world().here)
    rows = rows_of(here)["own"]
    near = {role: here.actor(role) for role in ("guardian", "homeroom", "homeroom_deputy")}
    theirs = {line.rule for line in lines() if line.row == "own" and line.allowed & near.keys()}

    Person.objects.filter(pk=here.cast["owner"].pk).update(left_on=timezone.localdate())
    rows["Person"].refresh_from_db()

    assert theirs >= ABOUT_OTHERS
    assert {rule for rule in theirs if let_in(RULES[rule], rows[ASKED_ABOUT[rule]], near)} == ABOUT_OTHERS


def test_somebody_who_left_is_nobody(db):
    here = make_world().here
    person = here.cast["registrar"]
    request = HttpRequest()
    request.user, request.session = person.user, {}
    there = actor_of(request)

    person.left_on = timezone.localdate()
    person.save()

    assert there.person_id == person.pk
    assert actor_of(request) is None


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
    own_school = deposit.school
    stranger = RegisteredSchool.objects.exclude(pk=own_school.pk).get()
    others = Deposit.objects.create(
        school=stranger, school_year=115, package_sha256="1" * 64, package_bytes=1, password_sealed=b""
    )
    rows = {"own": deposit, "other": others}
    actors = {
        "operator": Actor(1, None, "operator:1", frozenset({OPERATOR})),
        "depositor": Actor(own_school.pk, None, "school:000002", frozenset({DEPOSITOR})),
        "system": Actor.system("clock"),
    }

    found = {(name, row): let_in(RULES[name], rows[row], actors) for name in AT_ARCHIVE for row in rows}
    schools = {"own": own_school, "other": stranger}
    found |= {(name, row): let_in(RULES[name], schools[row], actors) for name in AT_REGISTRY for row in rows}

    names = AT_ARCHIVE | AT_REGISTRY
    assert found == {(line.rule, line.row): set(line.allowed) for line in lines() if line.rule in names}
