"""Acts of a school as people read them, newest first, paged by key: the last page is as fast as the first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.audit.words import says
from licheng.foundations.authz import Actor, found, require
from licheng.school.oversight.permissions import SEARCH, SEE_OWN
from licheng.school.people.actors import school_of
from licheng.school.people.models import Person

PER_PAGE = 50
PERSON = "people.person"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; days are whole days in local time."""

    person_id: int | None = None
    action: str = ""
    since: date | None = None
    until: date | None = None
    subject_type: str = ""
    subject_id: str = ""

    @property
    def person_named(self) -> dict[str, str]:
        """The key of whoever is looked for: as the one who acted, and as the one it was done to."""
        named = {"person": str(self.person_id or "")}
        named["of_person"] = self.subject_id if self.subject_type == PERSON else ""
        return {place: key for place, key in named.items() if key}

    def as_query(self) -> str:
        """For an address: keys and words of the system, no name and no account."""
        pairs = {name: getattr(self, name) for name in self.__slots__}
        return urlencode({name: value for name, value in pairs.items() if value})

    @classmethod
    def from_query(cls, said: dict[str, str]) -> "Wanted":
        """What an address asks for; what cannot be read is as if it were not there."""
        person = said.get("person_id", "")
        return cls(
            person_id=int(person) if person.isdecimal() and len(person) < 19 else None,  # noqa: PLR2004 -- digits of a key
            action=said.get("action", "")[:60],
            since=_day(said.get("since", "")),
            until=_day(said.get("until", "")),
            subject_type=said.get("subject_type", "")[:60],
            subject_id=said.get("subject_id", "")[:60],
        )


@dataclass(frozen=True, slots=True)
class ActLine:
    """One act: when, who, what, on what, and its facts as they were written down."""

    entry_id: int
    at: datetime
    who: str
    what: str
    subject: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActsPage:
    """A page of acts; `older` is the query of the next one, empty at the end."""

    lines: tuple[ActLine, ...]
    older: str
    is_first: bool
    person: str  # the account that was asked for
    query: str


def acts_page(actor: Actor, wanted: Wanted, before: str) -> ActsPage:
    """Acts of the actor's school.

    Raises NotAllowed for whoever may not search.
    """
    require(actor, SEARCH, school_of(actor))
    return _page(actor, acts_wanted(actor, wanted), wanted, before)


def own_acts_page(actor: Actor, before: str) -> ActsPage:
    """What the actor did."""
    person = found(Person.objects.all(), actor, SEE_OWN, actor.person_id)
    return _page(actor, acts_wanted(actor, Wanted(person_id=person.pk)), Wanted(), before)


def acts_wanted(actor: Actor, wanted: Wanted) -> "QuerySet[AuditEntry]":
    """The acts of the actor's school that were asked for, newest first; the caller has asked the rule."""
    rows = AuditEntry.objects.filter(school_id=actor.school_id or 0)
    plain = {"person_id": wanted.person_id, "action": wanted.action}
    plain |= {"subject_type": wanted.subject_type, "subject_id": wanted.subject_id}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    if wanted.since:
        rows = rows.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        rows = rows.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    return rows.order_by("-at", "-id")


def person_with_account(actor: Actor, account: str) -> int | None:
    """The key of the person at the actor's school with this account."""
    return (
        Person.objects.filter(school_id=actor.school_id or 0, account=account)
        .values_list("pk", flat=True)
        .first()
    )


def lines_of(actor: Actor, entries: Iterable[AuditEntry]) -> list[ActLine]:
    """Acts in words; the people of one page are asked for at once."""
    rows = list(entries)
    keys = {row.person_id for row in rows if row.person_id}
    people = Person.objects.filter(school_id=actor.school_id or 0).in_bulk(keys)
    return [_line(row, people.get(row.person_id or 0)) for row in rows]


def _page(actor: Actor, rows: "QuerySet[AuditEntry]", wanted: Wanted, before: str) -> ActsPage:
    is_first = True
    if before.isdecimal() and len(before) < 19:  # noqa: PLR2004 -- digits of a key
        last = AuditEntry.objects.filter(school_id=actor.school_id or 0, pk=int(before)).values_list(
            "at", flat=True
        )
        for at in last:
            rows, is_first = rows.filter(at__lte=at).exclude(Q(at=at) & Q(id__gte=int(before))), False
    found_rows = list(rows[: PER_PAGE + 1])
    shown, query = found_rows[:PER_PAGE], wanted.as_query()
    older = ""
    if len(found_rows) > PER_PAGE:
        older = "&".join(part for part in (query, f"before={shown[-1].pk}") if part)
    person = Person.objects.filter(school_id=actor.school_id or 0, pk=wanted.person_id or 0).first()
    return ActsPage(tuple(lines_of(actor, shown)), older, is_first, person.account if person else "", query)


def _line(row: AuditEntry, person: Person | None) -> ActLine:
    who = (
        _("%(name)s（%(account)s）") % {"name": person.name, "account": person.account}
        if person
        else _("系統（%(label)s）") % {"label": row.actor_label}
    )
    facts = tuple(f"{name}: {value}" for name, value in sorted(row.data.items()))
    return ActLine(row.pk, row.at, who, says(row.action), _subject(row), facts)


def _subject(row: AuditEntry) -> str:
    try:
        word = str(apps.get_model(row.subject_type)._meta.verbose_name)  # noqa: SLF001 -- Django's documented name
    except (LookupError, ValueError):
        word = row.subject_type
    return f"{word} {row.subject_id}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())
