"""Search of course plans at the size of the country: 500 schools with 300 courses each, two entry years.

Fills a database of its own in the cluster of the tests, asks what families ask, prints what each page costs
the processor, in the process of the site and of the database together, and the median time it took. It fails
when the processor's part is above the bound: the time tells of other work too. Needs nothing but the
PostgreSQL of the tests, on this machine.
"""

import logging
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "packages" / "exchange" / "src")]
os.environ["LICHENG_TEST_DB"] = "licheng_bench_plans"

import django  # noqa: E402

import tests.environment  # noqa: E402 -- names the database before settings are read

os.environ["LICHENG_SITE"] = "courseplans"
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from licheng.courseplans.offices.models import PlanAuthority, PlanSchool  # noqa: E402
from licheng.courseplans.plans.models import Plan, PlanCourse, PlanGroup  # noqa: E402
from licheng.foundations import keys  # noqa: E402

SCHOOLS, COURSES, YEARS = 500, 300, (114, 115)
ROUNDS = 20
BOUND_MS = 150  # own bound for one whole page, in milliseconds of processor
COUNTIES = (
    "臺北市",
    "新北市",
    "桃園市",
    "臺中市",
    "臺南市",
    "高雄市",
    "彰化縣",
    "屏東縣",
    "花蓮縣",
    "金門縣",
)
STEMS = ["國語文", "英語文", "數學", "歷史", "地理", "公民與社會", "物理", "化學", "生物", "地球科學", "音樂"]
STEMS += ["美術", "體育", "資訊科技", "生活科技", "日語", "法語", "程式設計"]
ENDS = ("", "", "", "進階", "選讀", "探索", "實作", "專題", "與生活", "與世界", "基礎", "應用")
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")
RARE = "天文觀測第七單元"
QUESTIONS = {
    "front page": {},
    "a subject of two characters": {"q": "日語"},
    "a subject everybody has": {"q": "國語文"},
    "two words, one rare": {"q": "天文 第七"},
    "one character": {"q": "語"},
    "subject in one county": {"q": "程式設計", "county": "彰化縣"},
    "a domain in every school": {"domain": "02"},
    "a group and a domain": {"group": "11", "domain": "01"},
    "the last page of much": {"domain": "02", "page": "99999"},
    "nothing there": {"q": "煉金術"},
    "school by name": {"school": "範例第四九"},
}


def fill() -> None:
    """Rows as filing leaves them, written past the operations: only reading is measured."""
    chance = Random(5)
    authority = PlanAuthority.objects.create(code="bench", name="教育局")
    schools = PlanSchool.objects.bulk_create(
        PlanSchool(
            code=f"{n:06d}",
            name=f"範例第{str(n).translate(NUMERALS)}高中",
            county=COUNTIES[n % len(COUNTIES)],
            authority=authority,
        )
        for n in range(SCHOOLS)
    )
    for year in YEARS:
        for school in schools:
            plan = Plan.objects.create(
                plan_school=school, entry_year=year, version=1, state="filed", filed_at=timezone.now()
            )
            groups = PlanGroup.objects.bulk_create(
                PlanGroup(
                    plan=plan,
                    course_type="H",
                    group_code="11",
                    department_code="101",
                    class_group_code=letter,
                )
                for letter in "0AB"
            )
            PlanCourse.objects.bulk_create(_course(chance, plan, groups[n % 3], n) for n in range(COURSES))
        PlanCourse.objects.filter(pk=PlanCourse.objects.latest("pk").pk).update(name=RARE)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _course(chance: Random, plan: Plan, group: PlanGroup, place: int) -> PlanCourse:
    number = 37 + place
    category, domain = chance.choice("1235"), f"{chance.randrange(10):02d}"
    subject = DIGITS[number // 36] + DIGITS[number % 36]
    return PlanCourse(
        plan=plan,
        group=group,
        code=f"{plan.entry_year}{plan.plan_school.code}{group}{category}01{domain}{subject}",
        name=chance.choice(STEMS) + chance.choice(ENDS),
        credits="222222",
        category=category,
        delivery="0",
        attribute="1",
        domain=domain,
        subject=subject,
        position=place,
    )


def measure() -> list[str]:
    """Every question asked of the page itself; what took longer than the bound."""
    client, slow = Client(), []
    with connection.cursor() as cursor:
        cursor.execute(
            "SET max_parallel_workers_per_gather = 0"
        )  # so that one process does all that is counted
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    head = f"{'question':32}{'site cpu':>10}{'db cpu':>9}{'together':>10}{'median ms':>11}"
    print(f"{head}{'queries':>9}{'found':>8}")
    for name, asked in QUESTIONS.items():
        answer = client.get("/search/", asked)
        if answer.status_code != 200:  # noqa: PLR2004 -- the page is there
            slow.append(f"{name}: status {answer.status_code}")
            continue
        with CaptureQueriesContext(connection) as queries:
            client.get("/search/", asked)
        asked_of = len(queries)
        taken = []
        site, database = time.process_time(), _processor_ms(backend)
        for _round in range(ROUNDS):
            began = time.perf_counter()
            client.get("/search/", asked)
            taken.append((time.perf_counter() - began) * 1000)
        site_ms = (time.process_time() - site) * 1000 / ROUNDS
        database_ms = (_processor_ms(backend) - database) / ROUNDS
        courses = answer.context["found"].courses if answer.context["found"] else 0
        line = f"{name:32}{site_ms:10.1f}{database_ms:9.1f}{site_ms + database_ms:10.1f}"
        print(f"{line}{statistics.median(taken):11.1f}{asked_of:9}{courses:8}")
        if site_ms + database_ms > BOUND_MS:
            slow.append(f"{name}: {site_ms + database_ms:.0f} ms of processor is above {BOUND_MS}")
    return slow


def _processor_ms(pid: int) -> float:
    """Milliseconds that a process has run so far. Units: the file counts nanoseconds."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1_000_000


def main() -> int:
    """Fill once, measure, say what was too slow."""
    tests.environment.POSTGRES.ensure_database(os.environ["LICHENG_TEST_DB"])
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    logging.getLogger("licheng.requests").setLevel(logging.WARNING)
    setup_test_environment()
    with tempfile.TemporaryDirectory() as folder:
        settings.KEYS_ROOT = Path(folder)
        keys.make_keys("bench.licheng.invalid/ledger")
        call_command("migrate", verbosity=0)
        if not PlanCourse.objects.exists():
            fill()
        slow = measure()
    for line in slow:
        print(f"✗ {line}", file=sys.stderr)
    return int(bool(slow))


if __name__ == "__main__":
    code = main()
    if tests.environment.STARTED_HERE:
        tests.environment.POSTGRES.stop()
    sys.exit(code)
