"""Items as they travel: the record of one item word for word, and the ministry's rosters over them."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from django.utils import translation

from licheng.foundations.files.models import StoredFile
from licheng.school.activities.categories import CATEGORIES
from licheng.school.activities.models import Activity, Category
from licheng.school.outcomes.models import Outcome
from licheng.school.people.models import School

# Roster numbers of a normal year: domain reference §4.6.
OUTCOME_BOOK = ("26", "學生課程學習成果名冊", "學期")
ACTIVITY_BOOK = ("25", "學生自填多元表現名冊")
COMMON_COLUMNS = ("sch_year", "semester", "book", "book_nm", "sheet_nm", "sch_cd", "sch_nm", "身分證號")
YEARLY = 0  # rosters of a whole year carry semester 0
ROSTER_LANGUAGE = "zh-hant"  # what travels is the ministry's own words, whoever presses the button


def _files(item: Outcome | Activity) -> list[dict[str, Any]]:
    kept: Iterable[tuple[str, StoredFile | None]] = (("document", item.document), ("media", item.media))
    return [
        {
            "role": role,
            "name": stored.original_name,
            "sha256": stored.sha256,
            "size": stored.size_bytes,
            "md5": stored.md5,
        }
        for role, stored in kept
        if stored is not None
    ]


def outcome_record(outcome: Outcome) -> dict[str, Any]:
    """The record of a certified outcome; needs enrolment, course, decided_by and both files loaded."""
    enrolment = outcome.enrolment
    return {
        "item": str(outcome.pk),
        "kind": "outcome",
        "school_year": outcome.school_year,
        "semester": outcome.semester,
        "course_code": enrolment.offering.course.code,
        "course_name": enrolment.offering.course.name,
        "credits": enrolment.credits,
        "grade": enrolment.grade,
        "note": outcome.note,
        "certified_at": outcome.decided_at.isoformat() if outcome.decided_at else None,
        "certified_by": outcome.decided_by.account if outcome.decided_by else None,
        "files": _files(outcome),
    }


def activity_record(activity: Activity) -> dict[str, Any]:
    """The record of an activity, its fields under the exchange format's keys; needs both files loaded."""
    fields = {
        field.exchange_key: activity.fields.get(field.key, "")
        for field in CATEGORIES[activity.category].fields
    }
    return {
        "item": str(activity.pk),
        "kind": "activity",
        "category": activity.category,
        "category_name": _roster_word(Category(activity.category).label),
        "school_year": activity.school_year,
        "semester": activity.semester,
        "title": activity.title,
        "fields": fields,
        "note": activity.note,
        "link": activity.link or None,
        "files": _files(activity),
    }


def _roster_word(word: object) -> str:
    with translation.override(ROSTER_LANGUAGE):
        return str(word)


def student_entry(person: Any, items: list[dict[str, Any]]) -> dict[str, Any]:
    """A student's part of the manifest; the ID number travels inside the encrypted package only."""
    profile = person.student
    return {
        "no": person.account,
        "name": person.name,
        "id_number": profile.id_number,
        "birth_date": profile.birth_date.isoformat(),
        "grade": profile.class_group.grade,
        "class_name": profile.class_group.name,
        "seat_no": profile.seat_no,
        "subject_key": profile.subject_key,
        "items": items,
    }


def rosters(school: School, year: int, students: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """The rosters of a package as UTF-8 CSV with the ministry's column names, one per sheet."""
    outcomes: list[Any] = []
    activities: dict[str, Any] = {}
    for student in students:
        for item in student["items"]:
            if item["kind"] == "outcome":
                outcomes.append(_outcome_row(school, year, student, item))
            else:
                activities.setdefault(item["category_name"], []).append(
                    _activity_row(school, year, student, item)
                )
    sheets = {f"{OUTCOME_BOOK[1]}_{OUTCOME_BOOK[2]}": outcomes} if outcomes else {}
    sheets |= {f"{ACTIVITY_BOOK[1]}_{name}": rows for name, rows in activities.items()}
    return {name: _csv(rows) for name, rows in sheets.items()}


def _common(
    school: School, year: int, book: tuple[str, str, str], student: Mapping[str, Any]
) -> dict[str, Any]:
    values = (year, YEARLY, *book, school.code, school.name, student["id_number"])
    return dict(zip(COMMON_COLUMNS, values, strict=True))


def _links(item: Mapping[str, Any]) -> dict[str, str]:
    by_role = {file["role"]: f"files/{file['sha256']}" for file in item["files"]}
    return {"證明文件連結": by_role.get("document", ""), "影音檔案連結": by_role.get("media", "")}


def _outcome_row(
    school: School, year: int, student: Mapping[str, Any], item: Mapping[str, Any]
) -> dict[str, Any]:
    return _common(school, year, OUTCOME_BOOK, student) | {
        "實際修課學期": item["semester"],
        "課程代碼": item["course_code"],
        "科目名稱": item["course_name"],
        "開課年級": item["grade"],
        "修課學分(節數)": item["credits"],
        "成果簡述": item["note"],
        **_links(item),
    }


def _activity_row(
    school: School, year: int, student: Mapping[str, Any], item: Mapping[str, Any]
) -> dict[str, Any]:
    labels = {field.exchange_key: _roster_word(field.label) for field in CATEGORIES[item["category"]].fields}
    return _common(school, year, (*ACTIVITY_BOOK, item["category_name"]), student) | {
        **{labels[key]: value for key, value in item["fields"].items()},
        "內容簡述": item["note"],
        **_links(item),
        "外部影音連結": item["link"] or "",
    }


def _csv(rows: list[dict[str, Any]]) -> bytes:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")
