"""A semester's marks of a whole school into PostgreSQL: read, checked, written, committed; beside COPY alone.

Run: python bench/imports.py [ROWS]. Both ways in turn, in one run, each on an empty table; the best round of
each counts. Wall seconds, and CPU seconds of this process, its sandbox and its PostgreSQL backend, which a
busy machine does not stretch. COPY alone writes the same rows, typed and joined already: into a table without
keys, and into the table as it is. Needs nothing but the tests' PostgreSQL, which does not wait for disks.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "packages" / "exchange" / "src")]

import django  # noqa: E402

import tests.environment  # noqa: E402, F401 -- names the database before settings are read

django.setup()

import polars as pl  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test.utils import get_runner, setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402
from parts.semester import CODE, STUDENTS, course_code, mark_lines, national_id  # noqa: E402

from licheng.foundations import keys  # noqa: E402
from licheng.foundations.authz import Actor  # noqa: E402
from licheng.foundations.privacy import blind_index  # noqa: E402
from licheng.school.people.models import Authority, ClassGroup, Person, School, Student  # noqa: E402
from licheng.school.records.models import Course, CourseMark  # noqa: E402
from licheng.school.rosters.models import RosterImport, RosterKind  # noqa: E402
from licheng.school.rosters.operations.applying import write_rows  # noqa: E402
from licheng.school.rosters.operations.noting import notes_for  # noqa: E402
from licheng.school.rosters.queries.checks import RosterCheck, roster_check  # noqa: E402
from licheng.school.rosters.tables import read_file  # noqa: E402

MOST_TIMES = 2.5 / 0.73  # quality: performance; a whole import of 100,000 rows where COPY alone took 0.73 s
ROUNDS = 3
COURSES = 60
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds of one step: by the clock, and of both processes."""

    wall: float
    cpu: float


def make_school() -> School:
    """A school with its students and courses; ID numbers by their index alone, which is all that is asked."""
    authority = Authority.objects.create(code="k12ea", name="國教署")
    school = School.objects.create(
        code=CODE, name="學校", kind="V", authority=authority, active_year=115, active_semester=1
    )
    group = ClassGroup.objects.create(school=school, school_year=115, grade=1, name="商一甲")
    people = Person.objects.bulk_create(
        Person(school=school, account=str(1_000_000 + n), name="學生", is_student=True)
        for n in range(STUDENTS)
    )
    Student.objects.bulk_create(
        Student(
            person=person,
            school=school,
            class_group=group,
            seat_no=1,
            birth_date=date(2010, 1, 1),
            id_number_index=blind_index(national_id(number)),
        )
        for number, person in enumerate(people)
    )
    Course.objects.bulk_create(
        Course(school=school, code=course_code(n), name=f"科目{n}", credits="300000") for n in range(COURSES)
    )
    return school


def cpu_of_all() -> float:
    """CPU seconds so far of this process, of the sandbox beside it, and of its database backend."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pids = [str(cursor.fetchone()[0])]
    for task in Path("/proc/self/task").glob("*/children"):
        pids += task.read_text(encoding="ascii").split()
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        ticks += sum(map(int, fields[11:15]))  # its own time, and that of its children that ended
    return time.process_time() + ticks / TICKS


@contextmanager
def timed(found: dict[str, Taken], name: str) -> Iterator[None]:
    """Keep the best round of a step."""
    cpu, begun = cpu_of_all(), time.perf_counter()
    yield
    taken = Taken(time.perf_counter() - begun, cpu_of_all() - cpu)
    found[name] = min(found.get(name, taken), taken, key=lambda one: one.cpu)


def import_once(school: School, data: bytes, found: dict[str, Taken]) -> None:
    """The whole way of a confirmed file, as the worker goes it."""
    roster = RosterImport.objects.create(
        school=school, kind=RosterKind.MARKS, school_year=115, semester=1, file_name="b.csv",
        size_bytes=len(data), keeps_until=timezone.now(),
    )  # fmt: skip
    with timed(found, "whole import"):
        with timed(found, "  read and check"):
            check = roster_check(roster, read_file(data, "b.csv", RosterKind.MARKS.value))
        if check.is_refused:
            raise SystemExit(f"the file is refused: {check.issues[:3]}")
        _write(roster, check, found)


def _write(roster: RosterImport, check: RosterCheck, found: dict[str, Taken]) -> None:
    with timed(found, "  write, with notes, and commit"), transaction.atomic(), notes_for(roster):
        write_rows(Actor.system("bench", roster.school_id), roster, check.reports)


def copied(table: str, text: bytes, columns: str) -> Callable[[], None]:
    """COPY of the rows into a table, and commit."""

    def copy() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            statement = (
                f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({', '.join(TEXTS)}))"
            )
            with cursor.copy(statement) as stream:
                stream.write(text)

    return copy


TEXTS = ("remark", "manner", "standing", "repeat_mark")


def emptied() -> None:
    """No marks and no imports, as before the first round."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE records_coursemark, rosters_rosterimport CASCADE")


def measure(rows: int) -> dict[str, Taken]:
    """Every way in turn, round after round."""
    data, school = "\n".join(mark_lines(rows)).encode(), make_school()
    found: dict[str, Taken] = {}
    text, columns = b"", ""
    for _ in range(ROUNDS):
        emptied()
        import_once(school, data, found)
        if not text:
            names = [str(field.column) for field in CourseMark._meta.concrete_fields if field.column != "id"]  # noqa: SLF001 -- Django's documented name
            written: list[tuple[Any, ...]] = list(CourseMark.objects.order_by("pk").values_list(*names))
            frame = pl.DataFrame(written, schema=names, orient="row", infer_schema_length=None)
            text, columns = frame.write_csv(include_header=False).encode(), ", ".join(names)
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE bare (LIKE records_coursemark INCLUDING IDENTITY)")
        with timed(found, "the same file again"):
            import_once(school, data, {})
        for name, table in (("COPY alone", "bare"), ("COPY into the table as it is", "records_coursemark")):
            emptied()
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE bare")
            with timed(found, name):
                copied(table, text, columns)()
    return found


def main() -> int:
    """Make a school in a test database, time both ways, print them."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    keys.make_keys("bench.licheng.invalid/ledger")
    setup_test_environment()
    runner = get_runner(settings)(verbosity=0, interactive=False)
    made = runner.setup_databases()
    try:
        found = measure(rows)
    finally:
        runner.teardown_databases(made)
    print(f"{rows} rows of marks, {STUDENTS} students, best of {ROUNDS}")
    for name, taken in found.items():
        print(f"{name:32} {taken.wall:6.2f} s   CPU {taken.cpu:6.2f} s")
    times = found["whole import"].cpu / found["COPY into the table as it is"].cpu
    print(f"whole import / COPY into the table, by CPU: {times:.2f}, bound {MOST_TIMES:.2f}")
    return int(times > MOST_TIMES)


if __name__ == "__main__":
    sys.exit(main())
