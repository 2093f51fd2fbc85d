"""Who may do what: an actor, and rules that are one sentence and one query each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import NotAllowed, NotFound, StepUpNeeded


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: a person of one school, an operator of the archive, or a named clock.

    `person_id` is None for clocks and commands, `school_id` is None on sites without schools.
    `is_fresh`: identity was shown again within the last minutes. `needs_factor`: may not work with a password
    alone. `staff_session_id`: the timed, logged session in which an administrator looks at people's records.
    `scopes`: what the token of a machine is for; empty for everybody else.
    """

    person_id: int | None
    school_id: int | None
    label: str
    roles: frozenset[str] = field(default_factory=frozenset)
    name: str = ""
    is_fresh: bool = False
    needs_factor: bool = False
    staff_session_id: int | None = None
    scopes: frozenset[str] = frozenset()

    @classmethod
    def system(cls, label: str, school_id: int | None = None) -> "Actor":
        """A clock, task or command; it is nobody's student or teacher, so no rule lets it in."""
        return cls(None, school_id, label)

    @property
    def is_system(self) -> bool:
        """Whether no person stands behind this actor."""
        return self.person_id is None


@dataclass(frozen=True, slots=True)
class Rule:
    """A permission: its name, the sentence shown to people, and the rows it reaches.

    `tenant` is the column that holds the school; None only for tables that belong to no school.
    `is_stepped_up`: acting on it wants a person's fresh proof of identity (step-up), seeing rows never does;
    a machine that the rule lets in has shown its token with the request.
    `machine_scope`: with a token of this scope a machine reaches every row inside the fence. A machine is no
    person, so rules without one never let it in, whatever their scope says.
    """

    name: str
    says: str | Promise
    scope: Callable[[Actor], Q]
    tenant: str | None = "school_id"
    is_stepped_up: bool = False
    machine_scope: str = ""

    def __post_init__(self) -> None:
        if self.name in RULES:
            raise ValueError(f"two rules are called {self.name}")
        RULES[self.name] = self

    def within(self, actor: Actor) -> Q:
        """The rows the rule reaches, fenced by school: no rule can reach another school's rows."""
        if actor.is_system:
            return self._within_for_machine(actor)
        if self.tenant is None:
            return self.scope(actor)
        if actor.school_id is None:
            return Q(pk__in=())
        return Q(**{self.tenant: actor.school_id}) & self.scope(actor)

    def _within_for_machine(self, actor: Actor) -> Q:
        if self.machine_scope not in actor.scopes or self.tenant is None or actor.school_id is None:
            return Q(pk__in=())
        return Q(**{self.tenant: actor.school_id})


RULES: dict[str, Rule] = {}


def anyone(_actor: Actor) -> Q:
    """Every row inside the fence."""
    return Q()


def with_role(*roles: str) -> Callable[[Actor], Q]:
    """Every row inside the fence, for actors who hold one of the roles."""

    def scope(actor: Actor) -> Q:
        return Q() if actor.roles.intersection(roles) else Q(pk__in=())

    return scope


def either(*scopes: Callable[[Actor], Q]) -> Callable[[Actor], Q]:
    """Rows that at least one of the scopes reaches."""

    def scope(actor: Actor) -> Q:
        reached = [one(actor) for one in scopes]
        # An empty Q reaches every row, yet `|` drops it as if it reached none.
        return reduce(or_, reached) if all(reached) else Q()

    return scope


def seen[M: Model](rows: QuerySet[M], actor: Actor, rule: Rule) -> QuerySet[M]:
    """The rows of a list that the rule lets the actor see; rows reached twice are listed once."""
    within = rule.within(actor)
    reached = rows.filter(within)
    if not _joins_many(reached.query.alias_map.items() - rows.query.alias_map.items()):
        return reached
    return rows.filter(pk__in=_reached(rows.model, within).values("pk"))


def _reached[M: Model](model: type[M], within: Q) -> QuerySet[M]:
    return model._default_manager.filter(within)  # noqa: SLF001 -- Django's documented name


def _joins_many(joins: Iterable[tuple[str, object]]) -> bool:
    """Whether one of these joins may find several rows for one: a relation seen from its other end."""
    return any(getattr(getattr(join, "join_field", None), "multiple", False) for _alias, join in joins)


def found[M: Model](rows: QuerySet[M], actor: Actor, rule: Rule, pk: object) -> M:
    """The one row with this key.

    Raises NotFound when it does not exist or the rule does not let the actor see it.
    """
    reached = _reached(rows.model, rule.within(actor)).filter(pk=pk)
    row = rows.filter(pk=pk, pk__in=reached.values("pk")).first()
    if row is None:
        raise NotFound
    return row


def own_row[M: Model](rows: QuerySet[M], actor: Actor, rule: Rule) -> M:
    """The row of the actor herself, for what nobody does for another and which has no row yet.

    Raises NotAllowed when the rule does not reach it.
    """
    row = rows.filter(rule.within(actor), pk=actor.person_id).first()
    if row is None:
        raise NotAllowed(rule=rule.says)
    return row


def allows(actor: Actor, rule: Rule, thing: Model) -> bool:
    """Whether the rule reaches this row for this actor."""
    return _reached(type(thing), rule.within(actor)).filter(pk=thing.pk).exists()


def require_reach(actor: Actor, rule: Rule, thing: Model) -> None:
    """Let the actor read what acting on this row under this rule needs: its form, or the list it acts on.

    Raises NotAllowed unless the rule reaches the row; whoever acts is asked later who she is.
    """
    if not allows(actor, rule, thing):
        raise NotAllowed(rule=rule.says)


def require(actor: Actor, rule: Rule, thing: Model) -> None:
    """Let the actor act on this row under this rule.

    Raises NotAllowed unless the rule reaches the row, StepUpNeeded where it wants a fresh proof of identity.
    """
    require_reach(actor, rule, thing)
    if rule.is_stepped_up and not actor.is_system:
        require_fresh(actor)


def require_fresh(actor: Actor) -> None:
    """Let pass whoever has shown within the last minutes who she is. Raises StepUpNeeded."""
    if not actor.is_fresh:
        raise StepUpNeeded


def require_system(actor: Actor) -> None:
    """Let clocks, tasks and commands pass: this work is nobody's to ask for by name of a row.

    Raises NotAllowed for people and machines.
    """
    if not actor.is_system:
        raise NotAllowed(rule=_("這項工作只由系統自己進行。"))
