"""Which schools, classes and offices the sample country has."""

import csv
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCHOOL_YEAR = 115
SEMESTER = 1
CLASS_SIZE = 17
GRADES = (1, 2, 3)
SAMPLES = Path(__file__).resolve().parent.parent
REFERENCE = SAMPLES / "reference"


@dataclass(frozen=True, slots=True)
class Programme:
    """A 群 and 科(學程) of a school, with the class name of each of the three grades."""

    group: str
    department: str
    class_group: str
    class_names: tuple[str, str, str]
    vocational: bool


@dataclass(frozen=True, slots=True)
class School:
    """One sample school; `number` starts its accounts, `style` is how it saves its rosters."""

    number: int
    code: str
    name: str
    course_type: str
    kind: str
    authority: str
    style: str
    id_letters: str
    cast_subject: str
    programmes: tuple[Programme, ...]


NATIONAL = "教育部國民及學前教育署"
TAICHUNG = "臺中市政府教育局"
AUTHORITIES = (NATIONAL, TAICHUNG)


def _programme(group: str, department: str, class_group: str, names: str, *, vocational: bool) -> Programme:
    first, second, third = names.split()
    return Programme(group, department, class_group, (first, second, third), vocational)


@functools.cache
def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of one reference table."""
    with (REFERENCE / name).open(encoding="utf-8-sig", newline="") as table:
        return list(csv.DictReader(table))


def chance(key: str) -> float:
    """A number in [0, 1) that depends on `key` alone, so every run makes the same country."""
    return int.from_bytes(hashlib.sha256(f"licheng-sample:{key}".encode()).digest()[:6]) / 2**48


def pick[T](key: str, choices: Sequence[T]) -> T:
    """One of `choices`, settled by `key`."""
    return choices[int(chance(key) * len(choices))]


def schools() -> tuple[School, ...]:
    """The three sample schools; codes and names come from schools.csv."""
    names = {row["school_code"]: row["name"] for row in rows_of("schools.csv")}
    academic = _programme("11", "101", "A", "一年忠班 二年忠班 三年忠班", vocational=False)
    science = _programme("11", "101", "B", "一年孝班 二年孝班 三年孝班", vocational=False)
    business = _programme("26", "401", "0", "商一甲 商二甲 商三甲", vocational=True)
    trade = _programme("26", "402", "0", "貿一甲 貿二甲 貿三甲", vocational=True)
    social = _programme("11", "197", "0", "101 201 301", vocational=False)
    commerce = _programme("26", "F13", "0", "102 202 302", vocational=True)
    return (
        School(
            1,
            "12M301",
            names["12M301"],
            "H",
            "普通型",
            NATIONAL,
            "xlsx",
            "EST",
            "國語文",
            (academic, science),
        ),
        School(
            2, "070406", names["070406"], "V", "技術型", NATIONAL, "cp950", "NMB", "國語文", (business, trade)
        ),
        School(
            3, "064308", names["064308"], "M", "綜合型", TAICHUNG, "utf8", "BLK", "英語文", (social, commerce)
        ),
    )
