"""Signed-in pages of a school: processor time and questions to the database, beside the same run's limit.

The site's own application (its settings, its role behind the fence, its log) answers in this process, with no
web server, which would add 0.03 to 0.4 ms (measurements: pages). Counted: processor time of this thread and
of its connection's process of PostgreSQL, a request; of many requests the one in the middle, because what
else runs on the machine makes some dearer and none cheaper. The limit is what the quality goals name:
session, person and thirty rows by three statements, and strings. It tells how slow this machine is.
"""

import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "packages" / "exchange" / "src")]

import django  # noqa: E402 -- the line above makes the others importable
import psycopg  # noqa: E402
from parts.site import prepared_site  # noqa: E402

if TYPE_CHECKING:
    from parts.browsing import Asked, Pages, Request

ROWS = 30
SIZES = (3, ROWS, 60, 300)  # students of a class, things of a student
STUDENTS = {"100A01": 100, "300A01": 3_000}
ROUNDS, REQUESTS = 3, 8  # of each page, in turns
MOST_MS = (
    10.0  # quality: performance, a signed-in page with a table of thirty rows, on the machine it was set on
)
LIMIT_MS = 0.85  # of the application for the limit there, with PostgreSQL (measurements: pages)
MOST_QUERIES = 12  # quality: performance, queries on any page
MOST_GROWTH = 1.3  # quality: performance, growth
# Pages as long with the smaller number as with the larger one: names are cut after ten, lists after fifty.
FIXED = {"student home": 30, "staff home": 30, "review form": 30, "certification queue": 60}

LIMIT = (
    "SELECT session_data FROM django_session WHERE session_key = %(key)s AND expire_date > now()",
    """SELECT p.id, p.name FROM people_person p JOIN accounts_user u ON u.id = p.user_id
    WHERE u.login = %(login)s""",
    """SELECT o.id, s.name, s.account, g.name, st.seat_no, c.name, f.section, o.note, o.sent_at, o.state
    FROM outcomes_outcome o JOIN people_person s ON s.id = o.student_id
    JOIN people_student st ON st.person_id = s.id JOIN people_classgroup g ON g.id = st.class_group_id
    JOIN records_enrolment e ON e.id = o.enrolment_id JOIN records_offering f ON f.id = e.offering_id
    JOIN records_course c ON c.id = f.course_id
    WHERE f.id = %(offering)s ORDER BY o.sent_at, o.id LIMIT 30""",
)


@dataclass(frozen=True)
class Taken:
    """What one request took: milliseconds here and in PostgreSQL, and questions."""

    here: float
    there: float
    queries: int = len(LIMIT)

    @property
    def both(self) -> float:
        """All of the processor's time."""
        return self.here + self.there


type Key = tuple[str, int]
type Table = dict[Key, Taken]


def backend_ms(process: int) -> float:
    """Processor time so far of one process of PostgreSQL."""
    return int(Path(f"/proc/{process}/schedstat").read_text("ascii").split()[0]) / 1e6


def timed(requests: "dict[Key, Request]", process: int) -> dict[Key, tuple[float, float]]:
    """Each request many times, all in turns: milliseconds of the middle one, here and in that process."""
    here: dict[Key, list[float]] = {key: [] for key in requests}
    there: dict[Key, list[float]] = {key: [] for key in requests}
    for turn in range(ROUNDS + 1):  # the first warms templates and plans
        for key, request in requests.items():
            for _one in range(REQUESTS if turn else 2):
                began, behind = time.thread_time(), backend_ms(process)
                request()
                if turn:
                    here[key].append((time.thread_time() - began) * 1000)
                    there[key].append(backend_ms(process) - behind)
    return {key: (statistics.median(here[key]), statistics.median(there[key])) for key in requests}


def table_of(asked: "Iterable[Asked]") -> Table:
    """Pages of one school."""
    from django.db import connection  # noqa: PLC0415 -- the site's settings exist only now
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- as above

    requests = {(one.page, one.size): one.request for one in asked}
    questions = {}
    for key, request in requests.items():
        request()  # a first look is written down, those of the next hours are not
        with CaptureQueriesContext(connection) as captured:
            request()
        questions[key] = len(captured)
    times = timed(requests, connection.connection.info.backend_pid)
    return {key: Taken(*both, questions[key]) for key, both in times.items()}


def limit_of(school: "Pages", database_url: str) -> Taken:
    """The least that the page of thirty rows can cost."""
    browser = school.browser(school.teachers[ROWS])
    who = {"key": browser.key, "login": browser.login, "offering": school.waiting(ROWS).enrolment.offering_id}
    with psycopg.connect(database_url, autocommit=True) as line:

        def request() -> None:
            session, person, rows = (line.execute(statement, who).fetchall() for statement in LIMIT)
            cells = "".join(
                f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows
            )
            page = f"<!doctype html><title>{escape(person[0][1])}</title><table>{cells}</table>".encode()
            if not session or page.count(b"<tr>") != ROWS:
                raise SystemExit("the limit reads something else")

        return Taken(*timed({("limit", ROWS): request}, line.info.backend_pid)["limit", ROWS])


def make_schools() -> None:
    """The two schools."""
    from parts.schools import make_school  # noqa: PLC0415 -- as above

    from licheng.foundations import fence  # noqa: PLC0415 -- the site's settings exist only now
    from tests.factories import open_windows  # noqa: PLC0415 -- as above

    with fence.everywhere():
        open_windows()
        for code, students in STUDENTS.items():
            sizes = list(SIZES) if students > sum(SIZES) else []
            while left := students - sum(sizes):
                sizes.append(min(left, ROWS))
            make_school(code, sizes)


@contextmanager
def log_kept(path: Path) -> Iterator[None]:
    """Lines of the log go to a file meanwhile, as a service's do."""
    kept = os.dup(2)
    with path.open("ab") as log:
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def measure(folder: Path, host: str, database_url: str) -> bool:
    """Measure in this process, which has the site's environment; whether every row holds."""
    from parts.browsing import Pages  # noqa: PLC0415 -- as above

    from licheng.config.wsgi import application  # noqa: PLC0415 -- the site's settings exist only now

    small, large = (Pages(application, host, code) for code in STUDENTS)
    with log_kept(folder / "web.log"):
        tables = table_of(small.of_size((ROWS,))), table_of(large.of_size(SIZES))
        limit = limit_of(large, database_url)
    goals = {(one.page, one.size) for one in large.of_size((ROWS,)) if one.has_goal}
    faults = [*pages_report(tables[1], goals, limit), *growth_report(*tables)]
    print(f"{len(faults)} rows do not hold" if faults else "every row holds")
    return not faults


def pages_report(table: Table, goals: set[Key], limit: Taken) -> Iterator[str]:
    """Print the pages; what does not hold."""
    slower = max(1.0, limit.here / LIMIT_MS)
    most = MOST_MS * slower
    print(f"limit, three statements and strings: {limit.here:.2f} ms, and {limit.there:.2f} in PostgreSQL")
    print(f"{slower:.2f} x slower than the goals' machine: {MOST_MS:g} ms there are {most:.1f} here")
    print(f"{'page, rows':32}{'questions':>10}{'here':>8}{'PostgreSQL':>12}{'both':>8}{'x limit':>9}")
    for (page, size), one in table.items():
        faults = [f"over {most:.1f} ms"] if (page, size) in goals and one.both > most else []
        if one.queries > MOST_QUERIES:
            faults.append(f"over {MOST_QUERIES} questions")
        numbers = (
            f"{one.queries:10}{one.here:8.1f}{one.there:12.1f}{one.both:8.1f}{one.both / limit.both:9.1f}"
        )
        print(f"{f'{page}, {size}':32}{numbers}  {'; '.join(faults)}")
        yield from faults


def growth_report(small: Table, large: Table) -> Iterator[str]:
    """Print what grows with the school, or with rows that a page does not show; what grows too much."""
    pairs: list[tuple[str, Taken, Taken]] = [
        (f"{page}: 100 to 3,000 students", one, large[page, size]) for (page, size), one in small.items()
    ]
    pairs += [
        (f"{page}: {size} to {SIZES[-1]} rows", large[page, size], large[page, SIZES[-1]])
        for page, size in FIXED.items()
    ]
    for name, before, after in pairs:
        ratio = after.both / before.both
        fault = f"over {MOST_GROWTH}" if ratio > MOST_GROWTH else ""
        fault = fault or ("asks more" if after.queries > before.queries else "")
        print(f"{name:52}{ratio:10.2f}  {fault}")
        if fault:
            yield fault


def run(root: Path) -> bool:
    """Prepare a site, answer for it here."""
    with prepared_site(root) as (site, processes, _postgres):
        processes.run(site, "guard")
        os.environ.update(site.environment(), LICHENG_STARTS_NOWHERE="1")
        django.setup()
        make_schools()
        with psycopg.connect(site.database_url, autocommit=True) as line:
            line.execute("ANALYZE")  # as autovacuum does a minute after so many rows came
        return measure(root, site.url.removeprefix("http://"), site.database_url)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops this, PostgreSQL ends with it
    with tempfile.TemporaryDirectory(prefix="licheng-bench-", dir=ROOT / "var") as place:
        Path(place).chmod(0o755)  # PostgreSQL runs as an account of its own where this runs as root
        held = run(Path(place))
    sys.exit(0 if held else 1)
