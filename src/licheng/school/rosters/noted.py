"""What the notes of an import mean: whose row it is, which rows are one thing, and how it is called.

`t` is the row as it stands, `c` the note; a row that is gone stands whole in `c.before`.
"""

from dataclasses import dataclass

# What is only written about a row and not built on it goes with it: that somebody looked at a student, and
# codes that nobody used; a used one has changed the account or left a link, and these stand in the way.
# Table, its key, and the table that the key leads to.
TRACES = (
    ("people_look", "student_id", "people_person"),
    ("people_guardiancode", "student_id", "people_person"),
    ("accounts_enrolmentcode", "user_id", "accounts_user"),
)
# What an added row was like, so that a later change of it is noticed; as the triggers take it.
DIGEST = "hash_record_extended(t, 0)"
# Counters of accounts that only ever rise: put back, they would make good again what was ended.
NEVER_BACK = ("epoch", "factors_version")


@dataclass(frozen=True, slots=True)
class NotedTable:
    """One watched table.

    `item` groups rows that people take for one thing, known by `item_id`; the row that makes or ends it is in
    the `is_head` table. `subject` is whose line of the preview it stands on, known by `subject_id`.
    """

    key: str
    item: str
    subject: str
    subject_id: str
    item_id: str = ""
    is_head: bool = True
    label: str = "''"
    has_left: str = "false"


def column(name: str) -> str:
    """An id of the row, whether it stands or is gone."""
    return f"COALESCE(t.{name}, (c.before->>'{name}')::bigint)"


def text(name: str) -> str:
    """A word of the row, whether it stands or is gone."""
    return f"COALESCE(t.{name}::text, c.before->>'{name}')"


_STUDENT = column("student_id")
_OFFERING = column("offering_id")
_TEACHER = f"(SELECT p.name FROM people_person p WHERE p.id = {column('person_id')})"  # noqa: S608 -- constants of this file
_COURSE_OF = (
    "(SELECT k.name FROM records_offering o JOIN records_course k ON k.id = o.course_id"  # noqa: S608 -- as above
    f" WHERE o.id = {_OFFERING})"
)
_TERM = f"concat_ws('-', {text('school_year')}, {text('semester')})"


def _of_student(item: str, label: str) -> NotedTable:
    return NotedTable("id", item, "person", _STUDENT, label=label)


TABLES = {
    "accounts_user": NotedTable(
        "id",
        "person",
        "person",
        "(SELECT p.id FROM people_person p WHERE p.user_id = c.row_key)",
        item_id="(SELECT p.id FROM people_person p WHERE p.user_id = c.row_key)",
        is_head=False,
    ),
    "people_person": NotedTable(
        "id",
        "person",
        "person",
        "c.row_key",
        label=text("name"),
        has_left="(c.act = 'changed' AND c.after->>'left_on' IS NOT NULL)",
    ),
    "people_student": NotedTable("person_id", "person", "person", "c.row_key", is_head=False),
    "people_rolegrant": NotedTable(
        "id",
        "person",
        "person",
        column("person_id"),
        item_id=column("person_id"),
        is_head=False,
        label=text("role"),
    ),
    "people_guardiancontact": _of_student("contact", text("name")),
    "people_classgroup": NotedTable("id", "class", "class", "c.row_key", label=text("name")),
    "records_course": NotedTable("id", "course", "course", "c.row_key", label=text("name")),
    "records_offering": NotedTable("id", "offering", "offering", "c.row_key", label=text("section")),
    "records_offering_teachers": NotedTable(
        "id", "offering", "offering", _OFFERING, item_id=_OFFERING, is_head=False, label=_TEACHER
    ),
    "records_offering_co_teachers": NotedTable(
        "id", "offering", "offering", _OFFERING, item_id=_OFFERING, is_head=False, label=_TEACHER
    ),
    "records_enrolment": _of_student("enrolment", _COURSE_OF),
    "records_coursemark": _of_student("mark", text("course_name")),
    "records_studentterm": _of_student("term", _TERM),
    "records_borrowedstudy": _of_student("borrowed", text("host_school_code")),
    "records_cadrerecord": _of_student("cadre", text("duty")),
}


# What people call a person, class, course or offering, as SQL; `SUBJECT` is the expression that holds its id.
_NAMES = {
    "person": "(SELECT concat_ws(' ', p.account, p.name) FROM people_person p WHERE p.id = SUBJECT)",
    "class": "(SELECT concat_ws(' ', g.school_year, g.name) FROM people_classgroup g WHERE g.id = SUBJECT)",
    "course": "(SELECT concat_ws(' ', k.code, k.name) FROM records_course k WHERE k.id = SUBJECT)",
    "offering": (
        "(SELECT concat_ws(' ', k.name, o.section) FROM records_offering o"
        " JOIN records_course k ON k.id = o.course_id WHERE o.id = SUBJECT)"
    ),
}
SUBJECTS = tuple(_NAMES)


def named(subject: str, subject_id: str) -> str:
    """SQL for what people call a subject, over the expression that holds its id."""
    return _NAMES[subject].replace("SUBJECT", subject_id)
