"""Searching the audit at a million acts: every kind of search by its plan and time, first page and late page.

Counted: PostgreSQL's own execution time of the page's statement, warm, the middle one of some rounds. A plan
that reads the whole table, or more than MOST_READ rows for its 51, is a failure whatever it took.
"""

import json
import statistics
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "packages" / "exchange" / "src")]

import django  # noqa: E402

import tests.environment  # noqa: E402, F401 -- names the database before settings are read

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import get_runner, setup_test_environment  # noqa: E402

ACTS, ROUNDS = 1_000_000, 5
MOST_MS = 20.0  # own bound
MOST_READ = 20_000  # own bound: rows looked at for one page
BIG_SCHOOL = 1  # six in ten acts are its own; the others belong to 499 schools
FILL = """
INSERT INTO audit_auditentry (at, actor_label, person_id, school_id, action, subject_type, subject_id, data)
SELECT timestamptz '2024-08-01 08:00+08' + n * interval '95 seconds', 'person:' || person, person,
    CASE WHEN a < 0.6 THEN 1 ELSE 2 + n %% 499 END,
    CASE WHEN b < 0.00005 THEN 'id_number.revealed'
        WHEN b < 0.3 THEN 'account.step_up' ELSE 'upload.offset' END,
    CASE WHEN c < 0.0005 THEN 'people.rolegrant'
        WHEN c < 0.3 THEN 'people.person' ELSE 'outcomes.outcome' END,
    (d * 20000)::int::text, '{}'
FROM (
    SELECT n, random() AS a, random() AS b, random() AS c, random() AS d, 1 + (random() * 3200)::int AS person
    FROM generate_series(1::bigint, %s) AS n
) AS drawn
"""


def searches() -> dict[str, dict[str, Any]]:
    """What somebody may look for: common, rare and absent, alone and together."""
    return {
        "everything": {},
        "one person": {"person_id": 77},
        "a common action": {"action": "account.step_up"},
        "a rare action": {"action": "id_number.revealed"},
        "an action that never was": {"action": "site.restored"},
        "a common kind": {"subject_type": "outcomes.outcome"},
        "a rare kind": {"subject_type": "people.rolegrant"},
        "a kind that never was": {"subject_type": "submission.batch"},
        "one thing": {"subject_type": "outcomes.outcome", "subject_id": "7919"},
        "a number without its kind": {"subject_id": "7919"},
        "a person's rare action": {"person_id": 77, "action": "id_number.revealed"},
        "one day": {"since": date(2025, 6, 2), "until": date(2025, 6, 2)},
        "a rare action in a month": {
            "action": "id_number.revealed", "since": date(2025, 6, 1), "until": date(2025, 6, 30),
        },
    }  # fmt: skip


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def looked_at(plan: dict[str, Any]) -> int:
    """Rows that the plan's scans gave or threw away."""
    scans = [node for node in nodes(plan) if "Scan" in node["Node Type"]]
    return sum(
        int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        for node in scans
    )


def measure(name: str, rows: Any) -> bool:
    """Explain one page's statement; whether it holds."""
    statement, values = rows[:51].query.sql_with_params()
    times, plan = [], {}
    for _ in range(ROUNDS):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
            found = cursor.fetchone()[0]
        told = (json.loads(found) if isinstance(found, str) else found)[0]
        times.append(told["Execution Time"])
        plan = told["Plan"]
    scans = {
        node["Node Type"]: node.get("Index Name", "") for node in nodes(plan) if "Scan" in node["Node Type"]
    }
    took, read = statistics.median(times), looked_at(plan)
    is_good = took <= MOST_MS and read <= MOST_READ and "Seq Scan" not in scans
    print(f"{'ok  ' if is_good else 'FAIL'} {name}: {took:.2f} ms, {read} rows by {scans}")
    return is_good


def main() -> int:
    """Fill a test database past the chain's triggers, search it, drop it."""
    from licheng.foundations.audit.models import AuditEntry  # noqa: PLC0415 -- after setup
    from licheng.foundations.audit.queries import Wanted, acts_wanted, older_than  # noqa: PLC0415

    setup_test_environment()
    runner = get_runner(settings)(verbosity=0, interactive=False)
    made = runner.setup_databases()
    try:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER USER")
            cursor.execute("SELECT setseed(0.25)")
            cursor.execute(FILL, [ACTS])
            cursor.execute("VACUUM ANALYZE audit_auditentry")
        late = AuditEntry.objects.filter(school_id=BIG_SCHOOL).order_by("at")[1_000]
        good = []
        for name, wanted in searches().items():
            rows = acts_wanted(BIG_SCHOOL, Wanted(**wanted))
            good.append(measure(name, rows))
            if name in {"everything", "a common action", "one person"}:
                good.append(measure(f"{name}, a late page", older_than(rows, late)))
        good.append(measure("acts of no school", acts_wanted(None, Wanted())))
        good.append(
            measure("a small school's rare kind", acts_wanted(44, Wanted(subject_type="people.rolegrant")))
        )
    finally:
        runner.teardown_databases(made)
    print(f"{sum(good)} of {len(good)} searches hold at {ACTS:,} acts, bound {MOST_MS} ms")
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
