"""Who may see this? Told by the rules: each is asked about the row for everybody who could come near.

Nobody is listed for being in a role; the rule decides. Those who could come near are found by relation (the
students, their classes, their guardians, who holds a role by hand in a class or for a student, and whom the
caller knows besides) and by role: everybody who holds a role at the whole school is let in like everybody
else who holds it, so each role is asked about once. The number of queries grows neither with the school nor
with the students.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from django.db.models import Exists, Model, OuterRef, Q, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.askers import Reader, RuleReaders, let_in
from licheng.foundations.authz import Actor, Rule, found
from licheng.school.people.models import (
    ClassGroup,
    GrantScope,
    GuardianLink,
    Person,
    Role,
    RoleGrant,
    StaffSession,
)
from licheng.school.people.permissions import CLOSE_SESSION, LINK_GUARDIAN, SEE_PERSON, SEE_SESSION, STAFF
from licheng.school.people.relations import valid_today

IN_SESSION = "in-session"
NOBODY_ID = 0  # no person has it: an actor who is in a role and in no relation

type Near = tuple[int, str, str]  # key and name of somebody who could come near, and in which relation


def readers_of(
    actor: Actor,
    thing: Model,
    rules: Sequence[Rule],
    *,
    students: Collection[int] = (),
    known: Collection[int] | None = None,
    more: Sequence[Near] = (),
    machine: str | None = None,
) -> tuple[RuleReaders, ...]:
    """Who each rule lets at this row now; the caller has looked the row up for the actor.

    `students` are those it is about, `known` those of them whom the actor may know (None: all of them): who
    reads through one of the others is told as a relation, without a name. So are guardians, but to those who
    may list them (`LINK_GUARDIAN`): one parent is not told the other's name. `more` are people whom apps
    above know: the teachers of a course. `machine`: the words for machines where a rule lets them in, or
    empty.
    """
    near = _near(students, known, more)
    people = let_in(rules, thing, {pk for pk, _name, _word in near}, _actor(actor, NOBODY_ID))
    roles = _roles_let_in(actor, thing, rules)
    holders = _holders(actor, {role for held in roles.values() for role in held if role in STAFF})
    guardians = _guardians_to_hide(actor, students, near)
    machine = _("學校的系統（持有權杖時）") if machine is None else machine
    told = []
    for rule in rules:
        readers = _without_names_of(guardians, _in_relation(near, people[rule.name], more))
        readers += [reader for role in roles[rule.name] for reader in holders[role]]
        if machine and rule.machine_scope:
            readers.append(Reader(None, "", machine))
        told.append(RuleReaders(rule.name, rule.says, rule.is_stepped_up, tuple(readers)))
    return tuple(told)


def _actor(asking: Actor, person_id: int, *roles: str) -> Actor:
    return Actor(person_id, asking.school_id, f"person:{person_id}", frozenset(roles))


def person_readers(actor: Actor, person_id: int) -> tuple[Person, tuple[RuleReaders, ...]]:
    """Who may see a person's data. Raises NotFound when the actor may not."""
    person = found(Person.objects.all(), actor, SEE_PERSON, person_id)
    return person, readers_of(actor, person, [SEE_PERSON], students=[person.pk])


def session_readers(actor: Actor, session_id: int) -> tuple[RuleReaders, ...]:
    """Who may read a staff session and end it. Raises NotFound when the actor may not."""
    session = found(StaffSession.objects.select_related("person"), actor, SEE_SESSION, session_id)
    more = [] if session.person.left_on else [(session.person_id, session.person.name, _("開始的人"))]
    return readers_of(actor, session, [SEE_SESSION, CLOSE_SESSION], more=more)


def class_staff(class_id: int) -> list[Near]:
    """The homeroom teacher of a class, and who holds a role in it; rules say whether they may."""
    # nosemgrep: unscoped-lookup -- the caller found this class
    group = ClassGroup.objects.select_related("homeroom_teacher").get(pk=class_id)
    return [*_homeroom(group), *(one for _students, one in _by_hand({group.pk: ()}, ()))]


def _in_relation(near: dict[Near, bool], readers: Collection[int], more: Collection[Near]) -> list[Reader]:
    """Those near who are let in; who is near by a student out of the asker's sight is not named for it.

    Somebody near by two relations, one of them hidden, is named for the other only where that one surely lets
    in: it is told by the caller, or somebody is let in who has no other.
    """
    reached = {one: is_known for one, is_known in near.items() if one[0] in readers}
    relations = Counter(pk for pk, _name, _word in reached)
    sure = {one[2] for one in reached if relations[one[0]] == 1 and one not in more}
    hidden = {pk for (pk, _name, _word), is_known in reached.items() if not is_known}
    named = [
        Reader(*one)
        for one, is_known in reached.items()
        if is_known and (one[0] not in hidden or one[2] in sure or one in more)
    ]
    others = dict.fromkeys(word for (_pk, _name, word), is_known in reached.items() if not is_known)
    says = _("其他學生：%(who)s")
    return named + [Reader(None, "", says % {"who": word}, _("不列姓名")) for word in others]


def _guardians_to_hide(actor: Actor, students: Collection[int], near: Iterable[Near]) -> frozenset[Near]:
    """Guardians other than the actor, unless she may list the guardians of all these students."""
    word = str(Role.GUARDIAN.label)
    guardians = frozenset(one for one in near if one[2] == word and one[0] != actor.person_id)
    if not guardians:
        return guardians
    listed = Person.objects.filter(LINK_GUARDIAN.within(actor), pk__in=students)
    return frozenset() if listed.count() == len(set(students)) else guardians


def _without_names_of(hidden: Collection[Near], readers: Iterable[Reader]) -> list[Reader]:
    told = (
        Reader(None, "", one.as_what, _("不列姓名"))
        if (one.person_id, one.name, one.as_what) in hidden
        else one
        for one in readers
    )
    return list(dict.fromkeys(told))


def _roles_let_in(asking: Actor, thing: Model, rules: Sequence[Rule]) -> dict[str, list[str]]:
    """By which roles at the whole school each rule lets in, and in a staff session: one statement for all.

    Roles that make no difference to a rule are asked about together.
    """
    actors = {str(role): _actor(asking, NOBODY_ID, role) for role in STAFF}
    actors[IN_SESSION] = replace(actors[Role.ADMINISTRATOR], staff_session_id=NOBODY_ID)
    rows = type(thing)._default_manager  # noqa: SLF001 -- Django's documented name
    asked: dict[tuple[str, Q], str] = {}
    columns = {
        (rule.name, role): asked.setdefault((rule.name, rule.within(actor)), f"may_{len(asked)}")
        for rule in rules
        for role, actor in actors.items()
    }
    reached = {
        name: Exists(rows.filter(within, pk=OuterRef("pk"))) for (_rule, within), name in asked.items()
    }
    answers = rows.filter(pk=thing.pk).annotate(**reached).values(*reached).get()
    told: dict[str, list[str]] = {rule.name: [] for rule in rules}
    for (rule_name, role), column in columns.items():
        # administrators who are let in at any time need no session
        if answers[column] and not (role == IN_SESSION and Role.ADMINISTRATOR in told[rule_name]):
            told[rule_name].append(role)
    return told


def _near(students: Collection[int], known: Collection[int] | None, more: Iterable[Near]) -> dict[Near, bool]:
    """Who stands in some relation to the students, and whether to one whom the asker may know."""
    near: dict[Near, bool] = {}
    for student_id, one in _related(students):
        near[one] = near.get(one, False) or known is None or student_id in known
    return near | dict.fromkeys(more, True)


def _related(students: Collection[int]) -> Iterator[tuple[int, Near]]:
    """Each student's key with somebody in a relation to her; whether it lets in is for the rules to say."""
    if not students:
        return
    # nosemgrep: unscoped-lookup -- readers_of found the record that names these students
    people = Person.objects.filter(pk__in=students).order_by("account")
    classes: defaultdict[ClassGroup, list[int]] = defaultdict(list)
    for person in people.select_related("student__class_group__homeroom_teacher"):
        if person.is_student:
            classes[person.student.class_group].append(person.pk)
        if person.left_on is None:
            yield person.pk, (person.pk, person.name, _("本人"))
    for group, members in classes.items():
        yield from ((student, one) for one in _homeroom(group) for student in members)
    for reached, one in _by_hand({group.pk: members for group, members in classes.items()}, students):
        yield from ((student, one) for student in reached)


def _homeroom(group: ClassGroup) -> list[Near]:
    teacher = group.homeroom_teacher
    return [(teacher.pk, teacher.name, _("導師"))] if teacher is not None and teacher.left_on is None else []


def _by_hand(
    classes: Mapping[int, Collection[int]], students: Collection[int]
) -> list[tuple[Collection[int], Near]]:
    """Who holds a role in one of the classes or for one of the students, or is a student's guardian.

    Each comes after the students for whom; `classes` names those of a class that matter.
    """
    grants = RoleGrant.objects.filter(valid_today(), person__left_on=None)
    of_classes = grants.filter(scope=GrantScope.CLASS, class_group__in=classes)
    of_students = grants.filter(scope=GrantScope.STUDENTS, students__in=students)
    links = GuardianLink.objects.filter(student__in=students, ended_at=None, guardian__left_on=None)
    rows = of_classes.values_list("class_group", Value(NOBODY_ID), "person", "person__name", "role").union(
        of_students.values_list(Value(NOBODY_ID), "students", "person", "person__name", "role"),
        links.values_list(
            Value(NOBODY_ID), "student", "guardian", "guardian__name", Value(Role.GUARDIAN.value)
        ),
    )
    words = {Role.HOMEROOM.value: _("代理導師")}
    return [
        (classes[group] if group else (student,), (pk, name, words.get(role, str(Role(role).label))))
        for group, student, pk, name, role in sorted(rows, key=lambda row: (row[4], row[3]))
    ]


def _holders(asking: Actor, roles: set[str]) -> dict[str, list[Reader]]:
    """Who holds these roles at the whole school today, and which administrators are in a staff session.

    One that nobody holds is told without a name.
    """
    now = timezone.now()
    held: dict[str, dict[int, str]] = {word: {} for word in (IN_SESSION, *roles)}
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
    words: dict[str, str] = {role: str(Role(role).label) for role in roles}
    words[IN_SESSION] = _("系統管理員（只在管理工作階段中）")
    return {role: _named(words[role], people) for role, people in held.items()}


def _named(word: str, people: dict[int, str]) -> list[Reader]:
    if not people:
        return [Reader(None, "", word, _("現在沒有人"))]
    return [Reader(person_id, name, word) for person_id, name in people.items()]
