"""Cards with codes that were made just now: whose they are, and whether each code still opens something."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from licheng.foundations.accounts.queries import accounts_opened_by, letters_of
from licheng.foundations.authz import Actor, found, require, seen
from licheng.foundations.privacy import blind_indexes
from licheng.school.people.models import ClassGroup, GuardianCode, Person
from licheng.school.people.permissions import ISSUE_CODE, LINK_GUARDIAN, PRINT_GUARDIAN_CODES, SEE_PERSON
from licheng.school.people.queries.accounts import class_for_codes


@dataclass(frozen=True, slots=True)
class Card:
    """One code on paper; `opens` is false once it was used, withdrawn, or replaced by a newer one."""

    person_id: int
    name: str
    account: str
    class_name: str
    seat_no: int | None
    code: str
    opens: bool


def enrolment_cards(actor: Actor, codes: Mapping[int, str]) -> list[Card]:
    """Cards for the codes of these people, by seat, as far as the actor still hands out codes to them."""
    people = list(_in_order(seen(Person.objects.filter(pk__in=list(codes), left_on=None), actor, ISSUE_CODE)))
    by_account = {one.user_id: codes[one.pk] for one in people if one.user_id is not None}
    opened = accounts_opened_by(by_account)
    return [_card(one, codes[one.pk], opens=one.user_id in opened) for one in people]


def guardian_cards(actor: Actor, codes: Mapping[int, str]) -> list[Card]:
    """Cards for the guardians of these students, by seat, as far as the actor still makes such codes."""
    students = list(
        _in_order(seen(Person.objects.filter(pk__in=list(codes), left_on=None), actor, LINK_GUARDIAN))
    )
    rows = GuardianCode.objects.filter(student__in=students, used_at=None, withdrawn_at=None)
    opening = set(rows.filter(expires_at__gt=timezone.now()).values_list("digest", flat=True))
    return [
        _card(one, codes[one.pk], opens=not opening.isdisjoint(digests_of(one.school_id, codes[one.pk])))
        for one in students
    ]


def digests_of(school_id: int, code: str) -> list[str]:
    """What is stored of a guardian's code, bound to its school: under each index key in use, newest first."""
    return blind_indexes(f"guardian/{school_id}/{letters_of(code)}")


def person_with_code(actor: Actor, person_id: int) -> Person:
    """Somebody whom the actor hands codes to.

    Raises NotFound when she is out of sight, NotAllowed for those who hand out no codes to her.
    """
    person = found(Person.objects.filter(left_on=None), actor, SEE_PERSON, person_id)
    require(actor, ISSUE_CODE, person)
    return person


def class_of_guardian_codes(actor: Actor, class_id: int) -> ClassGroup:
    """A class whose guardians the actor hands codes to.

    Raises NotFound or NotAllowed.
    """
    group = class_for_codes(actor, class_id)
    require(actor, PRINT_GUARDIAN_CODES, group)
    return group


def _in_order(people: QuerySet[Person]) -> QuerySet[Person]:
    return people.select_related("student__class_group").order_by("student__seat_no", "account")


def _card(person: Person, code: str, *, opens: bool) -> Card:
    student = person.student if person.is_student else None
    return Card(
        person_id=person.pk,
        name=person.name,
        account=person.account,
        class_name=student.class_group.name if student else "",
        seat_no=student.seat_no if student else None,
        code=code,
        opens=opens,
    )
