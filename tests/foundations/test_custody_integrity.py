"""The integrity page: the difference is 0 only from fresh readings, and nothing is green from memory."""

import json
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licheng.foundations.custody.copies import copies
from licheng.foundations.custody.integrity import integrity_now
from licheng.foundations.custody.models import Content, CustodyRun, Defect, DefectKind, Job, KeptCopy
from licheng.foundations.custody.operations import note_run, scrub_whole
from licheng.foundations.custody.queries import figures_now, period_of, runs_now
from licheng.foundations.ledger.operations import sequence
from tests.foundations.kept import ACTOR, keep, keep_many, path, rot, run

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SITES = [
    (
        "licheng.config.urls_school",
        "licheng.school.people.actors.actor_of",
        "licheng.school.navigation.navigation",
    ),
    (
        "licheng.config.urls_archive",
        "licheng.archive.intake.actors.actor_of",
        "licheng.archive.navigation.navigation",
    ),
]


@pytest.fixture(params=SITES, ids=["school", "archive"])
def site(request, settings):
    settings.ROOT_URLCONF, settings.ACTOR_OF, settings.NAVIGATION = request.param


def acknowledged(count=3):
    """Files that the signed log speaks of, every needed clock run."""
    hashes = keep_many(count)
    sequence()
    for job in ("watch", "scrub", "compare"):
        run(job)
    return hashes


def data(client):
    """The page for programs, asked anew."""
    cache.clear()
    return client.get("/integrity.json").json()


def test_a_site_that_read_everything_back_is_good_and_says_so_in_one_sentence(client, site):
    acknowledged()

    page = client.get("/integrity/").content.decode()

    assert data(client)["verdict"] == "good"
    assert "收下的 3 個檔案，個個都有兩份副本，七天內逐一讀回核對過，內容完全相同。" in page
    assert 'href="/integrity/"' in page  # the footer leads here


def test_an_empty_site_is_unknown(client, site):
    said = data(client)

    assert (said["verdict"], said["acknowledged"], said["difference"]) == ("unknown", 0, 0)
    assert "目前還沒有收下任何檔案。" in client.get("/integrity/").content.decode()


@pytest.mark.parametrize("copy", ["a", "b"])
def test_a_reading_older_than_a_week_counts_for_nothing(client, copy):
    old, *_fresh = acknowledged()
    KeptCopy.objects.filter(content=old, copy=copy).update(verified_at=timezone.now() - 7 * DAY)

    said = data(client)

    assert (said["verdict"], said["acknowledged"], said["verified"], said["difference"]) == (
        "unknown",
        3,
        2,
        1,
    )
    assert "（超過七天）" in client.get("/integrity/").content.decode()


def test_damage_is_bad_until_it_was_healed_and_read_again(client):
    lost = acknowledged()[0]
    rot(path(0, lost))
    path(1, lost).rename(path(1, lost).with_name("elsewhere"))
    scrub_whole(actor=ACTOR, copy=None)

    said = data(client)
    assert (said["verdict"], said["difference"]) == ("bad", 1)
    assert said["defects"] == {"found": 2, "healed": 0, "open": 2}
    assert "有副本已知損壞，還沒修好。" in client.get("/integrity/").content.decode()

    path(1, lost).with_name("elsewhere").rename(path(1, lost))
    scrub_whole(actor=ACTOR, copy=None)
    scrub_whole(actor=ACTOR, copy=None)
    said = data(client)
    assert (said["verdict"], said["difference"]) == ("good", 0)
    assert said["defects"] == {"found": 2, "healed": 2, "open": 0}


def test_a_file_that_was_never_written_down_is_in_the_difference(client):
    acknowledged()
    Content.objects.filter(pk__in=keep_many(1)).delete()

    said = data(client)

    assert (said["acknowledged"], said["verified"], said["difference"]) == (3, 2, 1)
    assert said["verdict"] == "unknown"


def test_a_file_nobody_knows_is_no_damage(client):
    acknowledged()
    Defect.objects.create(copy="a", sha256="ab" * 32, kind=DefectKind.UNTRACKED, found_by=Job.COMPARE)

    assert data(client)["defects"]["open"] == 0


def test_the_newest_files_are_read_for_the_answer_though_no_row_knows_of_the_damage(client):
    newest = acknowledged()[-1]
    rot(path(1, newest))

    said = data(client)

    assert (said["difference"], said["sample"]["verdict"], said["verdict"]) == (0, "bad", "bad")
    assert said["sample"]["copies"] == [
        {"name": "a", "good": 3, "answers": True},
        {"name": "b", "good": 2, "answers": True},
    ]


def test_many_people_do_not_keep_the_disks_busy_and_are_told_when_it_was_read(client):
    newest = acknowledged()[-1]
    first = data(client)["sample"]
    rot(path(1, newest))

    again = client.get("/integrity.json").json()["sample"]

    assert again == first
    assert "（最多每 15 秒讀一次）" in client.get("/integrity/").content.decode()


def test_while_the_first_sample_is_read_for_somebody_else_it_is_unknown(client):
    acknowledged()
    cache.clear()
    cache.set("custody-sample-busy", 1)

    said = client.get("/integrity.json").json()

    assert (said["sample"], said["verdict"]) == (None, "unknown")


def test_a_log_that_does_not_verify_is_bad(client, settings):
    acknowledged()
    file = settings.LEDGER_ROOT / "checkpoint"
    file.chmod(0o600)
    file.write_text(file.read_text().replace("\n3\n", "\n2\n"))

    said = data(client)

    assert (said["ledger"]["verdict"], said["ledger"]["size"], said["verdict"]) == ("bad", None, "bad")
    assert client.get("/integrity/").status_code == 200


def test_a_clock_that_jumped_ahead_makes_nothing_good_for_longer(client):
    first, *_rest = acknowledged()
    ahead = timezone.now() + 300 * DAY
    KeptCopy.objects.filter(content=first, copy="b").update(verified_at=ahead)
    CustodyRun.objects.filter(job="watch").update(ended_at=ahead)

    assert (data(client)["difference"], line(Job.WATCH).verdict) == (1, "unknown")

    run("scrub")  # a slice of one file: the one from the future comes first
    run("watch")
    assert (data(client)["difference"], data(client)["verdict"]) == (0, "good")


def line(job):
    return next(line for line in runs_now() if line.job == job)


@pytest.mark.parametrize("job", [Job.WATCH, Job.SCRUB, Job.COMPARE, Job.SWEEP, Job.GUARD, Job.RESTORE_DRILL])
def test_a_verdict_stands_for_its_period_only(job):
    assert line(job).verdict == "unknown"
    done = note_run(actor=ACTOR, job=job, is_good=True, figures={"read": 1})
    assert line(job).verdict == "good"

    CustodyRun.objects.filter(pk=done.pk).update(
        ended_at=timezone.now() - period_of(job) - timedelta(seconds=1)
    )

    assert line(job).verdict == "unknown"


def test_a_run_without_end_is_running_for_a_period_and_then_broken():
    note_run(actor=ACTOR, job=Job.SCRUB, is_good=True, figures={})
    begun = CustodyRun.objects.create(job=Job.SCRUB)
    assert line(Job.SCRUB).verdict == "good"

    CustodyRun.objects.filter(pk=begun.pk).update(began_at=timezone.now() - period_of(Job.SCRUB) - DAY)
    CustodyRun.objects.exclude(pk=begun.pk).update(began_at=timezone.now() - 2 * DAY)

    assert line(Job.SCRUB).verdict == "bad"


def test_a_run_that_found_something_is_bad_until_the_next_one(client):
    acknowledged()
    note_run(actor=ACTOR, job=Job.COMPARE, is_good=False, figures={"missing": 2, "healed": 2})

    page = client.get("/integrity/").content.decode()

    assert "不見了 2 個、修復 2 個" in page
    assert data(client)["verdict"] == "bad"
    run("compare")
    assert data(client)["verdict"] == "good"


@pytest.mark.parametrize("is_embedded", [True, False])
def test_copies_on_one_machine_are_called_so(client, settings, is_embedded):
    settings.EMBEDDED = is_embedded

    assert ("兩份副本在同一台機器" in client.get("/integrity/").content.decode()) is is_embedded


def queries(client):
    cache.clear()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get("/integrity/").status_code == 200
    return len(asked)


def test_the_page_asks_the_same_few_questions_at_any_size(client):
    acknowledged(1)
    few = queries(client)
    acknowledged(30)

    assert queries(client) == few
    assert few <= 12


MANY = 20_000


def fill(count):
    """Rows as a large site has them, written by the database itself."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # keys hold by construction
        cursor.execute(
            "INSERT INTO custody_content (sha256, size_bytes, kept_at, reads_done)"
            " SELECT encode(sha256(n::text::bytea), 'hex'), 1000, now() - n * interval '1 second', 3"
            " FROM generate_series(1, %s) n",
            [count],
        )
        for copy in "ab":
            cursor.execute(
                "INSERT INTO custody_keptcopy (content_id, copy, state, verified_at)"
                " SELECT sha256, %s, 'good', kept_at FROM custody_content",
                [copy],
            )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        cursor.execute("ANALYZE custody_content, custody_keptcopy")


def test_many_files_are_counted_in_a_moment(record_property):
    fill(MANY)
    figures_now()

    begun = time.perf_counter()
    figures = figures_now()
    seconds = time.perf_counter() - begun

    record_property("milliseconds", round(seconds * 1000))
    assert (figures.acknowledged, figures.verified, figures.difference) == (MANY, MANY, 0)
    assert seconds < 2  # a busy machine; a quiet one needs a tenth of it


@pytest.mark.parametrize(("late", "bad", "unread"), [(0, 0, 0), (3, 0, 0), (0, 2, 0), (2, 2, 0), (1, 1, 3)])
def test_the_quick_count_is_the_plain_one(late, bad, unread):
    """Verified contents counted the long way, from every row, whatever is wrong with some of them."""
    hashes = keep_many(12)
    week_ago = timezone.now() - 7 * DAY
    KeptCopy.objects.filter(content__in=hashes[:late], copy="a").update(verified_at=week_ago)
    KeptCopy.objects.filter(content__in=hashes[2 : 2 + bad]).update(state="changed")
    KeptCopy.objects.filter(content__in=hashes[12 - unread :], copy="b").delete()

    plain = sum(
        KeptCopy.objects.filter(content=sha256, state="good", verified_at__gt=week_ago).count() == 2
        for sha256 in hashes
    )

    assert figures_now().verified == plain


def test_readyz_needs_the_volumes_and_tells_the_difference(client):
    old = acknowledged()[0]
    assert client.get("/readyz").status_code == 200
    KeptCopy.objects.filter(content=old).update(verified_at=timezone.now() - 8 * DAY)

    late = client.get("/readyz")

    assert (late.status_code, late.content.decode().splitlines()[-1]) == (200, "unknown 檔案差額")
    copies()[1].root.rename(copies()[1].root.with_name("away"))
    copies()[1].root.write_text("no folder")
    gone = client.get("/readyz")
    assert (gone.status_code, "bad 檔案副本" in gone.content.decode()) == (503, True)


def test_the_page_holds_no_personal_data(client):
    sha256 = acknowledged()[0]

    text = client.get("/integrity/").content.decode() + json.dumps(data(client))

    assert (sha256 in text, "a.pdf" in text, "070406" in text) == (False, False, False)
    assert integrity_now().figures.acknowledged == 3
    assert keep(b"work 0") == sha256
