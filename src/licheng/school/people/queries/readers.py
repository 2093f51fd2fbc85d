"""Who may see this? Told by the rules: each is asked about the row for everybody who could come near.

Nobody is listed for being in a role; the rule decides. Those who could come near are found by relation (the
student, her class, her guardians, who holds a role by hand in her class or for her, and whom the caller knows
besides) and by role: everybody who holds a role at the whole school is let in like everybody else who
holds it, so each role is asked about once. The number of queries does not grow with the school.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Exists, Model, OuterRef, Q, Value
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from licheng.foundations.authz import Actor, Rule, found
from licheng.school.people.models import (
    GrantScope,
    GuardianLink,
    Person,
    Role,
    RoleGrant,
    StaffSession,
)
from licheng.school.people.permissions import SEE_PERSON, STAFF
from licheng.school.people.relations import valid_today

IN_SESSION = "in-session"
NOBODY_ID = 0  # no person has it: an actor who is in a role and in no relation


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is let in, and as what. `name` is empty where only the role is told."""

    person_id: int | None
    name: str
    as_what: str


@dataclass(frozen=True, slots=True)
class RuleReaders:
    """One rule about the row: its sentence, and who it lets in now."""

    name: str
    says: str | Promise
    needs_step_up: bool
    readers: tuple[Reader, ...]


@dataclass(frozen=True, slots=True)
class _Near:
    """Somebody who could come near: as an actor without roles, and in which relation."""

    actor: Actor
    name: str
    as_what: str


def readers_of(
    actor: Actor,
    thing: Model,
    rules: Sequence[Rule],
    *,
    student_id: int,
    more: Iterable[tuple[int, str, str]] = (),
) -> tuple[RuleReaders, ...]:
    """Who each rule lets at this row now; the caller has looked the row up for the actor.

    `more` are people by key, name and relation whom apps above know: the teachers of a course.
    """
    near = _near(actor, student_id, more)
    in_role = [_actor(actor, NOBODY_ID, role) for role in STAFF]
    inside = replace(_actor(actor, NOBODY_ID, Role.ADMINISTRATOR), staff_session_id=NOBODY_ID)
    answers = _answers(rules, thing, [*(one.actor for one in near), *in_role, inside])
    roles = {
        name: {role for role, yes in zip(STAFF, let_in[len(near) :], strict=False) if yes}
        for name, let_in in answers.items()
    }
    holders = _holders(actor, set().union(*roles.values()))
    told = []
    for rule in rules:
        let_in = answers[rule.name]
        readers = [
            Reader(one.actor.person_id, one.name, one.as_what)
            for one, yes in zip(near, let_in, strict=False)
            if yes
        ]
        readers += [reader for role in STAFF if role in roles[rule.name] for reader in holders[role]]
        if let_in[-1] and Role.ADMINISTRATOR not in roles[rule.name]:
            readers += holders[IN_SESSION]
        if rule.machine_scope:
            readers.append(Reader(None, "", _("學校的系統（持有權杖時）")))
        told.append(RuleReaders(rule.name, rule.says, rule.is_stepped_up, tuple(readers)))
    return tuple(told)


def _actor(asking: Actor, person_id: int, *roles: str) -> Actor:
    return Actor(person_id, asking.school_id, f"person:{person_id}", frozenset(roles))


def person_readers(actor: Actor, person_id: int) -> tuple[Person, tuple[RuleReaders, ...]]:
    """Who may see a person's data. Raises NotFound when the actor may not."""
    person = found(Person.objects.all(), actor, SEE_PERSON, person_id)
    return person, readers_of(actor, person, [SEE_PERSON], student_id=person.pk)


def _answers(rules: Sequence[Rule], thing: Model, actors: Sequence[Actor]) -> dict[str, list[bool]]:
    """Whether each rule reaches the row, for each actor: one statement for all."""
    rows = type(thing)._default_manager  # noqa: SLF001 -- Django's documented name
    columns = {
        f"may_{place}_{number}": Exists(rows.filter(rule.within(actor), pk=OuterRef("pk")))
        for place, rule in enumerate(rules)
        for number, actor in enumerate(actors)
    }
    row = list(rows.filter(pk=thing.pk).annotate(**columns).values_list(*columns).get())
    return {
        rule.name: row[place * len(actors) : (place + 1) * len(actors)] for place, rule in enumerate(rules)
    }


def _near(asking: Actor, student_id: int, more: Iterable[tuple[int, str, str]]) -> list[_Near]:
    """People who stand in some relation to the student; whether it lets them in is for the rules to say."""
    # nosemgrep: unscoped-lookup -- readers_of found the record that names this student
    person = Person.objects.select_related("student__class_group__homeroom_teacher").get(pk=student_id)
    near = [] if person.left_on else [(person.pk, person.name, _("本人"))]
    if person.is_student:
        teacher = person.student.class_group.homeroom_teacher
        if teacher is not None and teacher.left_on is None:
            near.append((teacher.pk, teacher.name, _("導師")))
        near += _named_for_her(person)
    return [_Near(_actor(asking, pk), name, word) for pk, name, word in (*near, *more)]


def _named_for_her(person: Person) -> list[tuple[int, str, str]]:
    """Who holds a role for the student or in her class, and who is her guardian."""
    group = person.student.class_group_id
    for_her = Q(scope=GrantScope.CLASS, class_group=group) | Q(scope=GrantScope.STUDENTS, students=person.pk)
    grants = RoleGrant.objects.filter(valid_today(), for_her, person__left_on=None)
    links = GuardianLink.objects.filter(student=person, ended_at=None, guardian__left_on=None)
    words = {Role.HOMEROOM.value: _("代理導師")}
    rows = grants.values_list("person", "person__name", "role").union(
        links.values_list("guardian", "guardian__name", Value(Role.GUARDIAN.value))
    )
    return [
        (pk, name, words.get(role, str(Role(role).label)))
        for pk, name, role in sorted(rows, key=lambda row: (row[2], row[1]))
    ]


def _holders(asking: Actor, roles: set[Role]) -> dict[str, list[Reader]]:
    """Who holds these roles at the whole school today, and which administrators are in a staff session.

    One that nobody holds is told without a name.
    """
    now = timezone.now()
    held: dict[str, dict[int, str]] = {str(word): {} for word in (IN_SESSION, *roles)}
    grants = RoleGrant.objects.filter(
        valid_today(),
        school=asking.school_id,
        scope=GrantScope.SCHOOL,
        role__in=roles,
        person__left_on=None,
        person__is_student=False,
        person__is_guardian=False,
    )
    sessions = StaffSession.objects.filter(
        school=asking.school_id, closed_at=None, expires_at__gt=now, person__left_on=None
    )
    rows = grants.values_list("role", "person", "person__name").union(
        sessions.values_list(Value(IN_SESSION), "person", "person__name")
    )
    for role, person_id, name in sorted(rows, key=lambda row: row[2]):
        held[role][person_id] = name
    words: dict[str, str] = {role: str(role.label) for role in roles}
    words[IN_SESSION] = _("系統管理員（只在管理工作階段中）")
    return {role: _named(words[role], people) for role, people in held.items()}


def _named(word: str, people: dict[int, str]) -> list[Reader]:
    if not people:
        return [Reader(None, "", word)]
    return [Reader(person_id, name, word) for person_id, name in people.items()]
