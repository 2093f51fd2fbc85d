"""Whom a counsellor may name: classes to list, and students to tick."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from licheng.foundations.authz import Actor, seen
from licheng.foundations.errors import NotAllowed
from licheng.school.counselling.permissions import COUNSEL, PLAN
from licheng.school.people.models import ClassGroup, Person, School

LISTED_CLASSES = 200  # own bound: classes offered at once


@dataclass(frozen=True, slots=True)
class Pick:
    """A student to tick."""

    person_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Picks:
    """What the form offers: classes to list, and the students who are listed or ticked already."""

    classes: tuple[tuple[int, str], ...]
    students: tuple[Pick, ...]
    of_class: frozenset[int]


def may_counsel(actor: Actor) -> bool:
    """Whether the actor is a counsellor today, of the school, a class or some students."""
    return School.objects.filter(COUNSEL.within(actor)).exists()


def require_counsellor(actor: Actor) -> int:
    """The key of the counsellor who asks. Raises NotAllowed for everybody who is none today."""
    if actor.person_id is None or not may_counsel(actor):
        raise NotAllowed(rule=COUNSEL.says)
    return actor.person_id


def picks(actor: Actor, *, class_id: int | None = None, chosen: Iterable[int] = ()) -> Picks:
    """The classes in reach, and those of one class together with those who are chosen.

    Who is chosen but out of reach is not offered. Raises NotAllowed for everybody but counsellors.
    """
    require_counsellor(actor)
    reached = seen(Person.objects.filter(left_on=None), actor, PLAN)
    groups = ClassGroup.objects.filter(pk__in=reached.values("student__class_group"))
    classes = groups.order_by("grade", "name").values_list("pk", "name")[:LISTED_CLASSES]
    wanted = Q(pk__in=set(chosen))
    if class_id is not None:
        wanted |= Q(student__class_group=class_id)
    rows = reached.filter(wanted).order_by(
        "student__class_group__grade", "student__class_group__name", "student__seat_no", "account"
    )
    found = list(
        rows.values_list(
            "pk", "name", "account", "student__class_group__name", "student__seat_no", "student__class_group"
        )
    )
    return Picks(
        classes=tuple(classes),
        students=tuple(
            Pick(pk, f"{group} {seat:02d} {name} {account}") for pk, name, account, group, seat, _pk in found
        ),
        of_class=frozenset(row[0] for row in found if class_id is not None and row[5] == class_id),
    )
