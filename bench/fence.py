"""What the fence between schools costs: the same pages as the application behind it and as the owner.

Counted: wall time of a whole request through Django's handler, queries included. Owner and application take
turns; the middle one of all requests of each counts. Needs nothing but the tests' PostgreSQL.
"""

import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "packages" / "exchange" / "src")]

import django  # noqa: E402

import tests.environment  # noqa: E402, F401 -- names the database before settings are read

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.signals import user_logged_in  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import get_runner, setup_test_environment  # noqa: E402

ROUNDS, REQUESTS = 30, 4
PAGES = {
    "homeroom": "/",
    "owner": "/outcomes/",
    "teacher": "/outcomes/queue/",
    "registrar": "/people/classes/",
}
MOST = 1.10  # own bound: the fence makes no page a tenth slower


def milliseconds(client: Client, path: str, role: str) -> list[float]:
    """Some requests of one page as this role of the database."""
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{role}"' if role else "RESET ROLE")
    taken = []
    for _ in range(REQUESTS):
        begun = time.perf_counter()
        answer = client.get(path)
        taken.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:  # noqa: PLR2004 -- OK
            raise SystemExit(f"{path}: {answer.status_code}")
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    return taken


def compare(client: Client, path: str, role: str) -> tuple[float, float]:
    """Median request without and with the fence."""
    times: dict[str, list[float]] = {"": [], role: []}
    for _ in range(ROUNDS):
        for one in times:
            times[one] += milliseconds(client, path, one)
    return statistics.median(times[""]), statistics.median(times[role])


def main() -> int:
    """Build a world in a test database, compare page by page."""
    from licheng.foundations import keys  # noqa: PLC0415 -- after setup
    from licheng.foundations.accounts import factors, gate  # noqa: PLC0415
    from licheng.foundations.accounts.models import User  # noqa: PLC0415
    from tests.test_fence import ROLE, build, make_role  # noqa: PLC0415
    from tests.world import make_world  # noqa: PLC0415

    def settle(request: HttpRequest, user: User, **_more: object) -> None:
        """Whoever is put into a session by `force_login` has signed in fully, as in the tests."""
        gate.begin(request, user)
        factors.mark(request, user, "shown")
        request.session[gate.EMAIL_SETTLED] = True

    user_logged_in.connect(settle, weak=False)
    keys.make_keys("bench.licheng.invalid/ledger")
    setup_test_environment()
    runner = get_runner(settings)(verbosity=0, interactive=False)
    made = runner.setup_databases()
    worst = 0.0
    try:
        make_role()
        build(ROLE)
        with transaction.atomic():
            world = make_world()
            for who, path in PAGES.items():
                client = Client()
                client.force_login(world.here.cast[who].user)
                without, fenced = compare(client, path, ROLE)
                worst = max(worst, fenced / without)
                print(f"{path}: {without:.1f} → {fenced:.1f} ms, ratio {fenced / without:.3f}")
            transaction.set_rollback(True)
    finally:
        runner.teardown_databases(made)
    print(f"worst ratio {worst:.3f}, bound {MOST}")
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main())
