"""Two imports of one school at once, and a worker that is killed with SIGKILL in the middle of writing."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from licheng.school.people.models import Student
from licheng.school.records.models import Course
from licheng.school.rosters.models import RosterChange, RosterImport, RosterKind
from licheng.school.rosters.operations import apply_roster, write_roster
from licheng.school.rosters.operations.working import alone_at
from licheng.school.rosters.states import ImportState as S
from tests import factories
from tests.environment import POSTGRES, ROOT
from tests.school import roster_files as files
from tests.school.test_selection_race import race, somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)
OTHER_CREDITS = files.COURSES.replace("340000", "440000")
WORKER = """
import sys, uuid, django
django.setup()
from licheng.foundations.authz import Actor
from licheng.school.rosters.operations import write_roster
write_roster(actor=Actor.system("task:write_roster", int(sys.argv[1])), import_id=uuid.UUID(sys.argv[2]))
"""


def confirmed(person, kind, text):
    """An import whose preview was confirmed and that no worker has taken up."""
    roster = files.preview(factories.fresh_actor(person), kind, text.encode())
    return apply_roster(actor=factories.fresh_actor(person), import_id=roster.pk)


def written(roster):
    """The work of writing it."""
    return lambda: write_roster(actor=files.clock(roster.school_id), import_id=roster.pk)


def test_two_imports_of_one_school_write_one_after_the_other():
    person = files.registrar()
    files.bring_in(person, RosterKind.COURSE_CODES)
    one = confirmed(person, RosterKind.COURSE_CODES, OTHER_CREDITS)
    other = confirmed(person, RosterKind.COURSE_CODES, files.COURSES.replace("340000", "550000"))

    *_answers, waited = race(written(one), written(other))

    assert waited
    states = dict(RosterImport.objects.values_list("pk", "state"))
    assert (states[one.pk], states[other.pk]) == (S.APPLIED, S.APPLIED)
    assert Course.objects.filter(credits="550000").count() == 1


def test_while_an_import_holds_the_school_its_people_go_on_writing():
    school = factories.SchoolFactory()

    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        alone_at(RosterImport(school=school))

    assert [one["sql"].endswith("FOR NO KEY UPDATE") for one in asked] == [True]


def test_two_workers_at_one_import_write_it_once():
    person = files.registrar()
    one = confirmed(person, RosterKind.COURSE_CODES, files.COURSES)

    *_answers, waited = race(written(one), written(one))

    assert waited
    assert RosterImport.objects.get().state == S.APPLIED
    assert (Course.objects.count(), RosterChange.objects.count()) == (2, 2)


def test_a_killed_worker_has_written_nothing_and_the_next_one_writes_all(tmp_path):
    person = files.registrar()
    files.bring_in(person, RosterKind.STAFF, RosterKind.CLASSES)
    files.import_whole(factories.fresh_actor(person), RosterKind.STUDENTS, files.STUDENTS.encode())
    more = "B200020033,0991118,1152003,李安,女,1,商一甲,03,070406\n"
    roster = confirmed(person, RosterKind.STUDENTS, files.STUDENTS.replace("林宜", "林怡") + more)
    with transaction.atomic():
        Student.objects.select_for_update().get(person__account="1152001")
        Student.objects.filter(person__account="1152002").update(seat_no=2)
        first = _worker(roster, tmp_path)
        _wait_for(somebody_waits)
        first.send_signal(signal.SIGKILL)
        first.wait()
    seen = RosterImport.objects.get(pk=roster.pk)

    assert (seen.state, RosterChange.objects.filter(roster_import=roster).count()) == (S.APPLYING, 0)
    assert Student.objects.count() == 2
    again = _worker(roster, tmp_path)
    assert again.wait(60) == 0
    assert RosterImport.objects.get(pk=roster.pk).state == S.APPLIED
    assert Student.objects.count() == 3


def _worker(roster, home):
    """A worker process of its own, on the database and folders of the test."""
    environment = os.environ | {
        "LICHENG_HOME": str(home),
        "DATABASE_URL": POSTGRES.url(connection.settings_dict["NAME"]),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "packages/exchange/src")]),
    }
    command = [sys.executable, "-c", WORKER, str(roster.school_id), str(roster.pk)]
    return subprocess.Popen(command, env=environment, cwd=ROOT)


def _wait_for(ready, seconds=60):
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)
