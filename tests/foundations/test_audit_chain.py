"""The audit chain: whatever is done to acts behind the system's back is found, and named."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from licheng.foundations.audit.chains import hash_of, verify
from licheng.foundations.audit.models import AuditEntry, AuditHead, AuditLink
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.ledger.anchors import Anchors, heads_in, leaves_of
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.ledger.operations import anchor_heads

pytestmark = pytest.mark.django_db

CLOCK = Actor.system("test")
SUBJECT = AuditEntry(pk=1)
HERE, THERE = 7, 8


def commit():
    """What a commit does at its end, inside the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def acts(count, school=HERE, **data):
    """As many committed acts of a school."""
    actor = Actor(None if school is None else 3, school, "person:3")
    made = [
        record(actor=actor, action="test.done", subject=SUBJECT, number=n, words="學生「甲」\n{}", **data)
        for n in range(count)
    ]
    commit()
    return made


def behind_the_back(statement, values=()):
    """A statement of whoever owns the database and has switched its guards off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


def found():
    with Anchors() as anchors:
        return verify(anchors.of, anchors.chains())


def kinds():
    return [(wrong.kind, wrong.chain, wrong.sequence) for wrong in found().wrong]


def test_every_act_is_chained_when_it_is_committed():
    acts(3)
    acts(2, THERE)
    acts(1, None)

    done = found()

    assert done.is_good
    assert (done.chains, done.entries) == (3, 6)
    places = AuditLink.objects.order_by("chain", "sequence").values_list("chain", "sequence")
    assert list(places) == [(0, 1), (HERE, 1), (HERE, 2), (HERE, 3), (THERE, 1), (THERE, 2)]
    assert AuditHead.objects.get(chain=HERE).sequence == 3


def test_acts_of_several_schools_in_one_transaction_go_to_their_own_chains():
    for school in (THERE, HERE, None, THERE):
        record(actor=Actor(None, school, "clock"), action="test.done", subject=SUBJECT)
    commit()

    assert found().is_good
    assert AuditHead.objects.get(chain=THERE).sequence == 2


def test_an_act_that_is_rolled_back_leaves_no_link():
    acts(1)
    with transaction.atomic():
        record(actor=CLOCK, action="test.done", subject=SUBJECT)
        transaction.set_rollback(True)
    commit()

    assert found().entries == 1
    assert found().is_good


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2020-01-01"),
        ("actor_label", "person:4"),
        ("person_id", None),
        ("action", "test.undone"),
        ("subject_type", "people.person"),
        ("subject_id", "2"),
        ("data", "{}"),
    ],
)
def test_a_changed_act_is_found(column, value):
    entry = acts(3)[1]

    behind_the_back(f"UPDATE audit_auditentry SET {column} = %s WHERE id = %s", [value, entry.pk])  # noqa: S608 -- our own names

    assert kinds() == [("changed", HERE, 2)]


def test_text_cannot_move_from_one_column_to_the_next():
    entry = acts(1)[0]

    behind_the_back(
        "UPDATE audit_auditentry SET action = action || subject_type, subject_type = '' WHERE id = %s",
        [entry.pk],
    )

    assert kinds() == [("changed", HERE, 1)]


def test_an_act_given_to_another_school_is_found():
    entry = acts(3)[1]

    behind_the_back("UPDATE audit_auditentry SET school_id = 9 WHERE id = %s", [entry.pk])

    assert kinds() == [("moved", HERE, 2)]


def test_a_removed_act_is_found():
    entry = acts(3)[0]

    behind_the_back("DELETE FROM audit_auditentry WHERE id = %s", [entry.pk])

    assert kinds() == [("no entry", HERE, 1)]


def test_an_act_removed_with_its_link_is_found():
    entry = acts(3)[1]

    behind_the_back("DELETE FROM audit_auditlink WHERE entry_id = %s", [entry.pk])
    behind_the_back("DELETE FROM audit_auditentry WHERE id = %s", [entry.pk])

    assert kinds() == [("gap", HERE, 2)]


def test_the_newest_acts_cut_off_are_found():
    entry = acts(3)[2]

    behind_the_back("DELETE FROM audit_auditlink WHERE entry_id = %s", [entry.pk])
    behind_the_back("DELETE FROM audit_auditentry WHERE id = %s", [entry.pk])

    assert kinds() == [("head", HERE, 2)]


def test_an_act_slipped_in_is_found():
    acts(2)

    behind_the_back(
        "INSERT INTO audit_auditentry (at, actor_label, school_id, action, subject_type, subject_id, data)"
        " VALUES (now(), 'person:3', %s, 'test.done', 'x', '1', '{}')",
        [HERE],
    )

    assert kinds() == [("extra", HERE, None)]


def test_acts_in_another_order_are_found():
    first, second, _third = acts(3)

    behind_the_back("UPDATE audit_auditlink SET entry_id = -1 WHERE entry_id = %s", [first.pk])
    behind_the_back("UPDATE audit_auditlink SET entry_id = %s WHERE entry_id = %s", [first.pk, second.pk])
    behind_the_back("UPDATE audit_auditlink SET entry_id = %s WHERE entry_id = -1", [second.pk])

    assert kinds() == [("re-ordered", HERE, 1)]


def test_one_bad_chain_does_not_hide_another():
    here, there = acts(2)[0], acts(2, THERE)[1]
    for entry in (here, there):
        behind_the_back("UPDATE audit_auditentry SET action = 'x' WHERE id = %s", [entry.pk])

    assert kinds() == [("changed", HERE, 1), ("changed", THERE, 2)]


def rewrite(chain):
    """Compute a whole chain anew, so that it agrees with itself: what the owner of the database could do."""
    known = bytes(32)
    for link in AuditLink.objects.filter(chain=chain).order_by("sequence"):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, at, actor_label, person_id, school_id, action, subject_type, subject_id, data::text"
                " FROM audit_auditentry WHERE id = %s",
                [link.entry_id],
            )
            known = hash_of(known, chain, link.sequence, cursor.fetchone())
        behind_the_back("UPDATE audit_auditlink SET hash = %s WHERE entry_id = %s", [known, link.entry_id])
    behind_the_back("UPDATE audit_audithead SET hash = %s WHERE chain = %s", [known, chain])


def test_history_before_the_last_anchor_cannot_be_rewritten_by_the_owner_of_the_database():
    entry, _second = acts(2)
    assert anchor_heads(actor=CLOCK) == 1
    acts(1)
    assert found().is_good

    behind_the_back("UPDATE audit_auditentry SET actor_label = 'person:4' WHERE id = %s", [entry.pk])
    rewrite(HERE)
    behind_the_back("DELETE FROM ledger_ledgerentry")
    behind_the_back("DELETE FROM audit_auditanchor")

    assert kinds() == [("anchor", HERE, 2)]


def test_the_same_before_an_anchor_is_what_the_chain_alone_cannot_see():
    """The control: the rewriting above is complete, and it is the anchor that finds it."""
    entry, _second = acts(2)
    behind_the_back("UPDATE audit_auditentry SET actor_label = 'person:4' WHERE id = %s", [entry.pk])
    rewrite(HERE)

    assert found().is_good


def test_a_chain_shorter_than_its_anchor_is_found():
    first, second = acts(2)
    anchor_heads(actor=CLOCK)
    for table, column in (("auditlink", "entry_id"), ("auditentry", "id")):
        behind_the_back(f"DELETE FROM audit_{table} WHERE {column} = %s", [second.pk])  # noqa: S608 -- as above
    rewrite(HERE)
    behind_the_back("UPDATE audit_audithead SET sequence = 1")

    assert kinds() == [("anchor", HERE, 2)]

    behind_the_back("TRUNCATE audit_auditlink, audit_audithead, audit_auditentry")
    assert kinds() == [("anchor", HERE, 2)]
    assert first


def test_only_what_moved_on_is_anchored_again_and_nothing_personal_is_said():
    acts(2)
    acts(1, THERE)
    assert anchor_heads(actor=CLOCK) == 2
    assert anchor_heads(actor=CLOCK) == 0
    acts(1, THERE)
    assert anchor_heads(actor=CLOCK) == 1

    leaves = [bytes(entry.leaf) for entry in LedgerEntry.objects.order_by("index")]
    assert [[head[:2] for head in heads_in(leaf)] for leaf in leaves] == [
        [(HERE, 2), (THERE, 1)],
        [(THERE, 2)],
    ]
    assert {key for leaf in leaves for key in json.loads(leaf)} == {"v", "kind", "at", "heads"}
    assert found().anchors == 3


def test_many_heads_fit_into_log_entries():
    leaves = list(
        leaves_of([(2**52 + n, 2**52, bytes(32)) for n in range(1000)], "2026-11-22T00:00:00+00:00")
    )

    assert max(len(leaf) for leaf in leaves) < 2**16
    assert sum(len(heads_in(leaf)) for leaf in leaves) == 1000


@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize(
    ("table", "column"), [("auditentry", "action"), ("auditlink", "chain"), ("audithead", "sequence")]
)
def test_the_tables_refuse_every_change(statement, table, column):
    acts(2)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE audit_{table} ENABLE TRIGGER audit_not_emptied")
        with pytest.raises(DatabaseError, match=r"append-only|only moves on"), transaction.atomic():
            cursor.execute(statement.format(f"audit_{table}", column, column))

    assert found().is_good


def test_the_command_says_what_is_wrong_and_fails():
    entry = acts(2)[1]
    out = StringIO()
    call_command("audit_verify", stdout=out)
    assert "✓ 鏈 chains 1，紀錄 entries 2" in out.getvalue()

    behind_the_back("UPDATE audit_auditentry SET action = 'x' WHERE id = %s", [entry.pk])

    out = StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("audit_verify", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert said["is_good"] is False
    assert said["wrong"] == [
        {
            "kind": "changed",
            "chain": HERE,
            "sequence": 2,
            "entry_id": entry.pk,
            "says": "the act or its link is not what was committed",
        }
    ]
