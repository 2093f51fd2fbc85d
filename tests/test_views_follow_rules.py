"""Every address that names a row answers as the table says: who is not let in by its rule is refused, at home too.

The tenancy sweep asks with another school's rows; this one asks with rows of the same school, as those who stood
or stand near them. Nobody asked here may do what is asked, so every request must be refused.
"""

import pytest

from tests.addresses import keys_of
from tests.matrix import lines
from tests.relations_world import related
from tests.test_tenancy import WITH_ID, answer, methods_of, signed_in, world

__all__ = ["world"]  # the fixture

NEAR = ("classmate", "guardian", "former_teacher", "administrator_after_session")
# Near in the same ways as these: in make drills.
LATER = ("homeroom", "former_homeroom", "former_course_deputy")
REFUSED = {403, 404, None}  # None: the address takes only the other method
# What one must be let at to be shown anything under an address, by the row it names.
SIGHT = {
    "outcome_id": "outcomes.see",
    "activity_id": "activities.see",
    "receipt_id": "receipts.see",
    "batch_id": "submission.see",
    "grant_id": "people.see_grant",
    "deputy_id": "records.see_deputy",
    "session_id": "people.see_staff_session",
    "enrolment_id": "outcomes.start",
    "upload_id": "uploads.send",
    "preparation_id": "uploads.prepare",
    "consultation_id": "counselling.see",
    "offering_id": "records.read_course",
}
# What one must be let at to act; the address takes POST only, or shows its form to nobody else.
ACTS = {
    **dict.fromkeys(("edit", "delete", "send", "take_back", "remove_file"), "outcomes.write"),
    **dict.fromkeys(("review", "pass", "hold_back", "undo"), "outcomes.certify"),
}
ACTS = {f"outcomes:{name}": rule for name, rule in ACTS.items()} | {
    **dict.fromkeys(
        ("activities:edit", "activities:delete", "activities:remove_file"),
        "activities.write",
    ),
    **dict.fromkeys(("receipts:confirm", "receipts:dispute"), "receipts.decide"),
    **dict.fromkeys(("receipts:kit", "receipts:receipt_file"), "receipts.download"),
    "receipts:answer": "receipts.answer",
    "submission:submit": "submission.submit",
    "submission:discard": "submission.submit",
    "people:end_grant": "people.end_grant",
    "people:close_session": "people.close_staff_session",
    "records:end_deputy": "records.end_deputy",
    "records:student": "records.see_student",
    **dict.fromkeys(("records:class", "records:class_csv", "records:class_who"), "records.read_class"),
    **dict.fromkeys(
        ("counselling:edit", "counselling:cancel", "counselling:restore", "counselling:remove_file"),
        "counselling.write",
    ),
    "people:student": "people.see",
    "people:sign_out": "people.sign_out",
    "people:recover": "people.recover",
    "people:who": "people.see",
    "records:who": "records.see_student",
    "selection:who": "selection.see",
}
TABLE = {line.rule: line.allowed for line in lines() if line.row == "own"}


def governing(address):
    """The rule that an address answers by, or None where another test asks (uploads name items, people codes)."""
    if "item_kind" in address.parameters:
        return None
    named = (SIGHT[parameter] for parameter in address.parameters if parameter in SIGHT)
    return ACTS.get(address.name) or next(named, None)


GOVERNED = [address for address in WITH_ID if governing(address)]


def let_through(client, role, keys):
    """Addresses that answer this role although the table does not let it in."""
    wrong = {}
    for address in GOVERNED:
        if role not in TABLE[governing(address)]:
            for url in address.filled(keys):
                found = {method: answer(client, method, url) for method in methods_of(address)}
                if set(found.values()) - REFUSED:
                    wrong[address.name] = found
    return wrong


@pytest.mark.parametrize("roles", [NEAR, pytest.param(LATER, marks=pytest.mark.slow)], ids=["now", "later"])
def test_who_is_not_let_in_is_refused(world, roles):
    """One world for everybody: what is refused changes nothing."""
    here = related(world.here)
    keys = keys_of(here, list(here.outcomes).index("certified"))

    wrong = {role: let_through(signed_in(here.cast[role]), role, keys) for role in roles}

    assert wrong == {role: {} for role in roles}


def test_the_addresses_that_name_records_are_governed():
    names = {address.name for address in GOVERNED}

    assert set(ACTS) <= names
    for app in ("outcomes:", "activities:", "receipts:", "submission:", "counselling:"):
        mine = {address.name for address in WITH_ID if address.name.startswith(app)}
        assert mine <= names
