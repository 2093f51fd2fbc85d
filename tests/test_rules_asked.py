"""Every address that is not public asks a rule: seen by watching `Rule.within` while each address is requested.

Lists, `found`, `require` and `allows` all go through it, so an address that never does shows or changes rows by some
other reasoning. Those that do are named here, each with its reason; a new one is found out.
"""

import re

import pytest
from django.test import Client

from licheng.foundations.authz import Rule
from tests.addresses import keys_of
from tests.codebase import SRC
from tests.test_tenancy import PUBLIC_AT_SCHOOL, SCHOOL_ADDRESSES, answer, body, methods_of, signed_in, world

__all__ = ["world"]  # the fixture

ROLES = (
    *("owner", "registrar", "administrator", "teacher", "homeroom"),
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
    "activities:start": "a student's own new record: the operation asks for the role, and there is no row yet",
    "governance:apply": "the form is read before the rule; this sweep's form is not one of it",
    **dict.fromkeys(
        ("uploads:create", "uploads:plain"),
        "the form names the item and this sweep's names none; tests/school/test_uploads_*.py ask for another's",
    ),
    "people:add_ward": "a guardian's code is the right",
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


def rules_asked(asked, clients, address, keys):
    """The rules that requests of this address ask, until one person's requests ask any."""
    for client in clients:
        for url in address.filled(keys)[:2]:
            for method in methods_of(address):
                asked.clear()
                answer(client, method, url)
                if asked:
                    return set(asked)
    return set()


def test_every_address_asks_a_rule(world, asked):
    people = [world.here.cast[role] for role in ROLES]
    clients = [signed_in(person) for person in people]
    keys = keys_of(world.here, list(world.here.outcomes).index("waiting"))
    public = PUBLIC_AT_SCHOOL - {"home"}  # whose page for strangers alone is public
    private = [address for address in SCHOOL_ADDRESSES if address.name not in public]

    def is_silent(address):
        # requests about one's own account may end its sessions
        asking = map(signed_in, people) if address.name in WITHOUT_RULE else clients
        return not rules_asked(asked, asking, address, keys)

    silent = {one.name for one in sorted(private, key=lambda one: one.name in WITHOUT_RULE) if is_silent(one)}

    assert silent == set(WITHOUT_RULE)


def test_a_request_that_asks_nothing_is_seen_as_such(world, asked):
    address = next(one for one in SCHOOL_ADDRESSES if one.name == "healthz")

    assert rules_asked(asked, [Client()], address, keys_of(world.here, 0)) == set()
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
