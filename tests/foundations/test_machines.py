"""Tokens of machines: made once, kept as a digest, ended by time or by hand; what they were used for."""

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import RULES, Actor
from licheng.foundations.errors import Invalid, NotFound
from licheng.foundations.machines import tasks
from licheng.foundations.machines.errors import TokenInactive
from licheng.foundations.machines.models import MachineToken, TokenUse
from licheng.foundations.machines.operations import make_token, note_use, revoke_token
from licheng.foundations.machines.queries import (
    actor_for_token,
    line_of,
    token_of,
    token_presented,
    tokens_of,
    uses_of,
)
from licheng.foundations.machines.scopes import Scope

pytestmark = pytest.mark.django_db
SOMEBODY = Actor(7, 1, "person:7")


def made(**changes):
    """A token and its secret."""
    given = {"holder": "070406", "name": "校務系統", "scopes": [Scope.STUDENTS_READ], "days": 30}
    return make_token(actor=SOMEBODY, **(given | changes))


def used(token, at=None, status=200):
    """One request of a token."""
    with time_machine.travel(at or timezone.now(), tick=False):
        note_use(
            actor=actor_for_token(token, school_id=None),
            token_id=token.pk,
            method="GET",
            operation="list_students",
            status=status,
            address="192.0.2.7",
        )


def test_the_secret_is_recognisable_long_and_kept_only_as_a_digest():
    token, secret = made()

    assert secret.startswith("lck_")
    assert len(secret.removeprefix("lck_")) == 43  # 256 bits in base64url
    assert token.sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert token.prefix == secret[:10]
    assert secret not in str(MachineToken.objects.values().get())
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_label, secret in str(entry.data)) == ("token.made", "person:7", False)


def test_two_secrets_are_never_the_same():
    assert len({made()[1] for _one in range(20)}) == 20


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": " \t "},
        {"name": "長" * 61},
        {"name": "a\x00b"},
        {"scopes": []},
        {"scopes": ["students:write"]},
        {"scopes": [Scope.DEPOSIT, ""]},
        {"days": 0},
        {"days": -1},
        {"days": 401},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(Invalid):
        made(**wrong)

    assert not MachineToken.objects.exists()


def test_a_token_works_until_its_end_and_not_a_moment_longer():
    token, secret = made(days=400)

    with time_machine.travel(token.expires_at - timedelta(seconds=1), tick=False):
        assert token_presented(secret) == token
    with time_machine.travel(token.expires_at, tick=False):
        assert token_presented(secret) is None


def test_a_revoked_token_opens_nothing_and_is_revoked_once():
    token, secret = made()

    revoke_token(actor=SOMEBODY, token_id=token.pk)

    assert token_presented(secret) is None
    assert line_of(token_of("070406", token.pk)).state == "revoked"
    assert AuditEntry.objects.latest("pk").action == "token.revoked"
    with pytest.raises(TokenInactive):
        revoke_token(actor=SOMEBODY, token_id=token.pk)
    with pytest.raises(NotFound):
        revoke_token(actor=SOMEBODY, token_id=token.pk + 1)


@pytest.mark.parametrize("presented", ["", "lck_", "nonsense", "x" * 100_000, "\x00", "密"])
def test_nothing_else_opens(presented):
    made()

    assert token_presented(presented) is None


def test_the_database_takes_nothing_but_digests():
    token, secret = made()
    token.sha256 = secret

    with pytest.raises(IntegrityError), transaction.atomic():
        token.save(update_fields=["sha256"])


def test_another_holders_token_is_not_there():
    mine, _secret = made()
    theirs, _secret = made(holder="000001")

    assert list(tokens_of("070406")) == [mine]
    with pytest.raises(NotFound):
        token_of("070406", theirs.pk)


def test_uses_are_listed_newest_first_and_the_last_one_is_written_at_most_once_a_minute():
    token, _secret = made()
    start = timezone.now()

    for seconds, status in ((0, 200), (30, 403), (59, 200), (61, 429)):
        used(token, start + timedelta(seconds=seconds), status)
        if seconds == 59:
            token.refresh_from_db()
            assert token.last_used_at == start

    token.refresh_from_db()
    assert token.last_used_at == start + timedelta(seconds=61)
    assert [use.status for use in uses_of(token)] == [429, 200, 403, 200]


def test_uses_are_forgotten_after_ninety_days():
    token, _secret = made()
    now = timezone.now()
    used(token, now - timedelta(days=91))
    used(token, now - timedelta(days=89))

    assert tasks.forget_uses.call() == 1
    assert TokenUse.objects.count() == 1


def test_a_machine_is_nobody_for_the_rules_of_people():
    token, _secret = made(scopes=list(Scope))
    machine = actor_for_token(token, school_id=1)

    open_to_machines = {
        rule.name for rule in RULES.values() if rule.within(machine) != rule.within(Actor.system("clock"))
    }

    assert (machine.person_id, machine.roles) == (None, frozenset())
    assert open_to_machines == {
        "integration.read_classes",
        "integration.read_progress",
        "integration.read_students",
        "people.import_rosters",
        "people.see_school",
        "rosters.apply",
        "rosters.see",
        "rosters.undo",
    }


def test_a_rule_for_machines_wants_its_own_scope_and_a_school():
    rule = RULES["integration.read_students"]
    nothing = rule.within(Actor.system("clock"))
    good, _secret = made(scopes=[Scope.STUDENTS_READ])
    other, _secret = made(scopes=[Scope.CLASSES_READ, Scope.PROGRESS_READ])

    assert rule.within(actor_for_token(good, school_id=1)) != nothing
    assert rule.within(actor_for_token(good, school_id=None)) == nothing
    assert rule.within(actor_for_token(other, school_id=1)) == nothing
