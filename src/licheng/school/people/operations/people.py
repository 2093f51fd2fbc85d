"""People and their sign-ins in bulk: what staff and students have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl
from django.contrib.auth.hashers import make_password
from django.db import transaction

from licheng.foundations.accounts.models import User
from licheng.foundations.bulk import put_rows
from licheng.school.people.models import Person, School


class PersonRow(Protocol):
    """What a roster says about anybody."""

    @property
    def account(self) -> str:
        """Student number or staff account."""

    @property
    def name(self) -> str:
        """The name as the school writes it."""

    @property
    def email(self) -> str | None:
        """None when the roster does not say."""


@dataclass(frozen=True, slots=True)
class Put:
    """The people of a roster by account, and the accounts that are new, changed, or back after leaving."""

    people: dict[str, Person]
    added: frozenset[str]
    changed: frozenset[str]
    returned: frozenset[str]


@transaction.atomic
def put_people(*, school: School, rows: Sequence[PersonRow], is_student: bool) -> Put:
    """Add the people who are not there yet, each with a sign-in that no password opens; rename the others."""
    accounts = [row.account for row in rows]
    known = {
        person.account: person
        for person in Person.objects.filter(school=school, account__in=accounts).select_related("user")
    }
    new = [
        Person(
            school=school, account=row.account, name=row.name, email=row.email or "", is_student=is_student
        )
        for row in rows
        if row.account not in known
    ]
    _open_accounts(school, new)
    Person.objects.bulk_create(new)
    returned = frozenset(account for account, person in known.items() if person.left_on is not None)
    changed = [
        known[row.account] for row in rows if row.account in known and _take_over(known[row.account], row)
    ]
    _rename(changed)
    return Put(
        people=known | {person.account: person for person in new},
        added=frozenset(person.account for person in new),
        changed=frozenset(person.account for person in changed),
        returned=returned,
    )


def _rename(people: Sequence[Person]) -> None:
    """Write names, addresses and days of leaving of people who are there; their accounts follow by name."""
    columns = ("id", "name", "email", "left_on")
    values = [tuple(getattr(person, column) for column in columns) for person in people]
    types = {"id": pl.Int64, "name": pl.String, "email": pl.String, "left_on": pl.Date}
    put_rows(Person, pl.DataFrame(values, schema=types, orient="row"), key=("id",))
    accounts = [(person.user_id, person.name) for person in people if person.user_id is not None]
    put_rows(
        User, pl.DataFrame(accounts, schema={"id": pl.Int64, "name": pl.String}, orient="row"), key=("id",)
    )


def _open_accounts(school: School, people: Sequence[Person]) -> None:
    users = User.objects.bulk_create(
        User(login=f"{school.code}:{person.account}", name=person.name, password=make_password(None))
        for person in people
    )
    for person, user in zip(people, users, strict=True):
        person.user = user


def _take_over(person: Person, row: PersonRow) -> bool:
    email = person.email if row.email is None else row.email
    if (person.name, person.email, person.left_on) == (row.name, email, None):
        return False
    person.name, person.email, person.left_on = row.name, email, None
    if person.user is not None:
        person.user.name = row.name
    return True
