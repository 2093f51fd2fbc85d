"""Which rows a connection sees, table by table; a table that is in no list makes `migrate` stop.

Source: PostgreSQL, "Row Security Policies"; ADR 0020.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import ForeignKey, Model

SCHOOL = "people.school"
HERE = "current_setting('licheng.school', true)"
# A number compared with a number: the planner then knows how many rows of a table are one school's, and does
# not take every table for nearly empty, which made plans that grew with the school.
SCHOOL_HERE = f"nullif(nullif({HERE}, ''), 'everywhere')::bigint"
BY_ID = f"({{column}} = {SCHOOL_HERE} OR {HERE} = 'everywhere')"

# Tables whose school stands in another column than a key to it. Acts of no school are written from anywhere.
BY_OTHER_COLUMN = {
    "people.school": BY_ID.format(column="id"),
    "audit.auditentry": f"(school_id IS NULL OR {BY_ID.format(column='school_id')})",
    "audit.auditlink": f"(chain = 0 OR {BY_ID.format(column='chain')})",
    "audit.auditanchor": f"(chain = 0 OR {BY_ID.format(column='chain')})",
    "audit.audithead": f"(chain = 0 OR {BY_ID.format(column='chain')})",
    "files.storedfile": (
        f"(scope = (SELECT code FROM people_school WHERE id = {SCHOOL_HERE})"  # noqa: S608 -- our own constant names
        f" OR {HERE} = 'everywhere')"
    ),
}

# Tables whose rows everybody reads and only their own school writes, each with its reason.
READ_BY_ALL = {"people.school": "the names of schools are public: strangers choose theirs to sign in"}

# Tables and whole apps that are behind no fence, each with its reason.
OPEN = {
    "people.authority": "above schools",
    "calendar": "ministry and authorities set windows too, and everybody may read them",
    "accounts": "whoever signs in is nobody's yet; holds no record of a student",
    "account": "as accounts; unused tables of allauth",
    "mfa": "as accounts",
    "usersessions": "as accounts",
    "socialaccount": "as accounts",
    "sessions": "as accounts",
    "axes": "as accounts: counts failures before anybody is known",
    "auth": "unused tables of Django",
    "contenttypes": "names of tables",
    "limits": "counts strangers and people alike, by keyed digests",
    "machines": "a token is looked up before its holder is known; holds no record of a student",
    "ledger": "leaves hold hashes alone",
    "custody": "contents by their hash, without names or owners",
    "django_ox": "tasks name rows by their key alone; the worker works for every school",
    "intake": "the archive is one site of one office; its own rules tell depositors apart",
    "holdings": "as intake",
    "archive_receipts": "as intake",
    "offices": "the course-plan platform holds no students; its own rules tell schools apart",
    "plans": "as offices; plans on file are public",
}


class Unfenced(RuntimeError):
    """A table belongs to no school by its columns and stands in no list."""


@dataclass(frozen=True, slots=True)
class Fenced:
    """A table and the condition on its rows; `is_read_by_all` leaves only writing behind the fence."""

    table: str
    condition: str
    is_read_by_all: bool = False

    @property
    def mark(self) -> str:
        """What the policy's comment says: with another one it is made anew."""
        return f"{self.condition}; read by all" if self.is_read_by_all else self.condition


def fenced_tables() -> list[Fenced]:
    """Every table behind the fence; none on a site without schools.

    Raises Unfenced with the tables that nobody decided about.
    """
    if not apps.is_installed("licheng.school.people"):
        return []
    found, undecided = [], []
    for model in apps.get_models(include_auto_created=True):
        condition = condition_of(model)
        if condition is not None:
            names = model._meta  # noqa: SLF001 -- Django's documented name
            found.append(Fenced(names.db_table, condition, names.label_lower in READ_BY_ALL))
        elif not is_open(model):
            undecided.append(model._meta.label)  # noqa: SLF001 -- as above
    if undecided:
        raise Unfenced(
            f"put these behind the fence or into OPEN of fence/policies.py: {', '.join(undecided)}"
        )
    return found


def is_open(model: type[Model]) -> bool:
    """Whether the list says that this table, or its whole app, is behind no fence."""
    names = model._meta  # noqa: SLF001 -- Django's documented name
    return names.app_label in OPEN or names.label_lower in OPEN


def condition_of(model: type[Model]) -> str | None:
    """What a row must fulfil to be there: by its key to a school, or by the rows on both sides it joins."""
    names = model._meta  # noqa: SLF001 -- Django's documented name
    if names.label_lower in BY_OTHER_COLUMN:
        return BY_OTHER_COLUMN[names.label_lower]
    keys = [field for field in names.fields if isinstance(field, ForeignKey)]
    for key in keys:
        if key.name == "school" and _target(key) == SCHOOL:
            return BY_ID.format(column=key.column)
    if names.auto_created and any(condition_of(key.related_model) for key in keys):
        return f"({HERE} = 'everywhere' OR ({' AND '.join(_is_there(key) for key in keys)}))"
    return None


def _target(key: "ForeignKey[Model, Model]") -> str:
    return str(key.related_model._meta.label_lower)  # noqa: SLF001 -- Django's documented name


def _is_there(key: "ForeignKey[Model, Model]") -> str:
    """That the row at the other end is there, under its own policy."""
    other = key.related_model._meta  # noqa: SLF001 -- Django's documented name
    theirs = key.target_field.column
    return f"EXISTS (SELECT 1 FROM {other.db_table} o WHERE o.{theirs} = {key.column})"  # noqa: S608 -- names of models
