"""Acts as people read them, newest first, paged by key: the last page is as fast as the first.

Whose acts somebody may read is for the sites to say; they also know the names behind the keys.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlencode

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.audit.words import says

PER_PAGE = 50
KEY_DIGITS = 18  # more than any key has
PERSON = "people.person"

type Names = Callable[[Sequence[AuditEntry]], Mapping[int, str]]  # who acted, by act


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; days are whole days in local time.

    `label` is whom programs call the one who acted, where a key does not tell an operator from a school.
    """

    person_id: int | None = None
    label: str = ""
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
    def from_query(cls, said: Mapping[str, str]) -> "Wanted":
        """What an address asks for; what cannot be read is as if it were not there."""
        said = {name: text for name, text in said.items() if text.isprintable()}
        return cls(
            person_id=_key(said.get("person_id", "")),
            label=said.get("label", "")[:120],
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
    query: str


def acts_wanted(school_id: int | None, wanted: Wanted) -> QuerySet[AuditEntry]:
    """The acts of a school, or of none, that are looked for, newest first; the caller has asked its rule."""
    plain = {"person_id": wanted.person_id, "actor_label": wanted.label, "action": wanted.action}
    plain |= {"subject_type": wanted.subject_type, "subject_id": wanted.subject_id}
    rows = _acts_of(school_id).filter(**{name: value for name, value in plain.items() if value})
    if wanted.since:
        rows = rows.filter(at__gte=_moment(wanted.since, time.min))
    if wanted.until:
        rows = rows.filter(at__lte=_moment(wanted.until, time.max))
    return rows.order_by("-at", "-id")


def acts_page(school_id: int | None, wanted: Wanted, before: str, named: Names) -> ActsPage:
    """One page of them; `before` is the key of the act above it, if there is one."""
    rows, key = acts_wanted(school_id, wanted), _key(before)
    last = _acts_of(school_id).filter(pk=key).first() if key else None
    if last is not None:
        rows = older_than(rows, last)
    found = list(rows[: PER_PAGE + 1])
    shown, query, older = found[:PER_PAGE], wanted.as_query(), ""
    if len(found) > PER_PAGE:
        older = "&".join(part for part in (query, f"before={shown[-1].pk}") if part)
    return ActsPage(tuple(lines_of(shown, named)), older, is_first=last is None, query=query)


def older_than(rows: QuerySet[AuditEntry], last: AuditEntry) -> QuerySet[AuditEntry]:
    """The acts below this one; the first condition is what an index can go by."""
    return rows.filter(at__lte=last.at).exclude(Q(at=last.at) & Q(id__gte=last.pk))


def lines_of(entries: Iterable[AuditEntry], named: Names) -> list[ActLine]:
    """Acts in words; the names of one page are asked for at once."""
    rows = list(entries)
    names = named(rows)
    return [_line(row, names.get(row.pk, "")) for row in rows]


def _acts_of(school_id: int | None) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.all()
    return rows.filter(school_id=None) if school_id is None else rows.filter(school_id=school_id)


def _line(row: AuditEntry, name: str) -> ActLine:
    who = name or _("系統（%(label)s）") % {"label": row.actor_label}
    facts = tuple(f"{name}: {value}" for name, value in sorted(row.data.items()))
    return ActLine(row.pk, row.at, who, says(row.action), _subject(row), facts)


def _subject(row: AuditEntry) -> str:
    try:
        word = str(apps.get_model(row.subject_type)._meta.verbose_name)  # noqa: SLF001 -- Django's documented name
    except (LookupError, ValueError):
        word = row.subject_type
    return f"{word} {row.subject_id}"


def _key(text: str) -> int | None:
    is_key = text.isascii() and text.isdecimal() and len(text) <= KEY_DIGITS
    return int(text) if is_key else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=timezone.get_default_timezone())
