"""Every address that is not public asks a rule, and is really there: seen while each is requested at home.

Lists, `found`, `require` and `allows` all go through it, so an address that never does shows or changes rows by some
other reasoning. Those that do are named here, each with its reason; a new one is found out.
"""

import re
from itertools import product

import pytest
from django.test import Client

from licheng.foundations.authz import Rule
from tests.addresses import keys_of
from tests.codebase import SRC
from tests.test_tenancy import (
    NOT_FOUND,
    PUBLIC_AT_SCHOOL,
    ROLES,
    SCHOOL_ADDRESSES,
    answer,
    body,
    methods_of,
    signed_in,
    world,
)

__all__ = ["world"]  # the fixture

LET_AT_MOST = (
    *("owner", "registrar", "administrator", "teacher", "homeroom", "counsellor"),
    *("outcome_submitter", "receipt_officer", "linked_guardian"),
)
OWN_ACCOUNT = "one's own account or session: whoever is signed in, and no row is named"
OWN_ROWS = "the row is looked for among those of one's own account; test_tenancy.py asks for another's"
# Addresses that ask no rule, each with its reason.
WITHOUT_RULE: dict[str, str] = {
    **dict.fromkeys(
        (
            *(
                "account",
                "add_app",
                "add_passkey",
                "email",
                "email_code",
                "email_none",
                "factors",
                "password",
            ),
            *(
                "recovery_codes",
                "renew_codes",
                "sessions",
                "sessions_end_all",
                "sessions_end_others",
                "step_up",
            ),
            "oidc",
            "oidc_link",
        ),
        OWN_ACCOUNT,
    ),
    **dict.fromkeys(("oidc_unlink", "remove_factor", "rename_passkey", "session_end"), OWN_ROWS),
    "governance:apply": "the form is read before the rule; this sweep's form is not one of it",
    **dict.fromkeys(
        ("uploads:create", "uploads:plain"),
        "the form names the item and this sweep's names none; tests/school/test_uploads_*.py ask for another's",
    ),
}


@pytest.fixture
def asked(monkeypatch):
    """The names of the rules asked since the list was last cleared."""
    names = []
    within = Rule.within

    def watched(self, actor):
        names.append(self.name)
        return within(self, actor)

    monkeypatch.setattr(Rule, "within", watched)
    return names


def heard(asked, clients, address, keys):
    """What requests of this address do until they have done all of it: rules asked, and whether one found its row."""
    rules, is_there = set(), not address.has_id
    for client in clients:
        for url, method in product(address.filled(keys), methods_of(address)):
            asked.clear()
            is_there |= answer(client, method, url) not in {NOT_FOUND, None}
            rules.update(asked)
            if rules and is_there:
                return rules, is_there
    return rules, is_there


def test_every_address_answers_at_home_and_asks_a_rule(world, asked):
    """That it answers at home is the control of test_tenancy.py: a 404 there means the fence and not a wrong key."""
    people = [world.here.cast[role] for role in dict.fromkeys((*LET_AT_MOST, *ROLES))]
    clients = [signed_in(person) for person in people]
    keys = keys_of(world.here, list(world.here.outcomes).index("waiting"))
    public = PUBLIC_AT_SCHOOL - {"home"}  # whose page for strangers alone is public
    silent, lost = set(), set()

    for address in sorted(SCHOOL_ADDRESSES, key=lambda one: one.name in WITHOUT_RULE):
        if address.name in public and not address.has_id:
            continue
        # requests about one's own account may end its sessions
        asking = map(signed_in, people[: len(LET_AT_MOST)]) if address.name in WITHOUT_RULE else clients
        rules, is_there = heard(asked, asking, address, keys)
        if not rules and address.name not in public:
            silent.add(address.name)
        if not is_there:
            lost.add(address.name)

    assert lost == set()
    assert silent == set(WITHOUT_RULE)


def test_a_request_that_asks_nothing_is_seen_as_such(world, asked):
    address = next(one for one in SCHOOL_ADDRESSES if one.name == "healthz")

    assert heard(asked, [Client()], address, keys_of(world.here, 0)) == (set(), True)
    assert body()["reason"]


RULE = re.compile(r"^(\w+) = Rule\(", re.MULTILINE)
IMPORT = re.compile(r"^(?:from .*)?import (?:\([^)]*\)|.*)$", re.MULTILINE)


def unasked(permissions, texts):
    """The rules of an app that none of its own texts names outside an import."""
    said = "\n".join(IMPORT.sub("", text) for text in texts)
    return [rule for rule in RULE.findall(permissions) if not re.search(rf"\b{rule}\b", said)]


def test_every_rule_is_asked_by_its_own_app():
    """A rule that nobody asks any more stands in the matrix and in docs/permissions.md, and holds nobody back."""
    found = {
        path.parent.name: unasked(
            path.read_text(encoding="utf-8"),
            [other.read_text(encoding="utf-8") for other in path.parent.rglob("*.py") if other != path],
        )
        for path in SRC.rglob("permissions.py")
    }

    assert {app for app, rules in found.items() if rules} == set()
    assert len(found) > 10


def test_a_rule_that_is_only_imported_is_found():
    permissions = 'SEE = Rule("a.see")\nEXPORT = Rule("a.export")\n'
    texts = ["from a.permissions import (\n    EXPORT,\n    SEE,\n)\n\nfound(rows, actor, SEE, 1)\n"]

    assert unasked(permissions, texts) == ["EXPORT"]
