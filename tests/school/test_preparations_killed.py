"""A worker that is killed with SIGKILL in the middle of ffmpeg: nothing of it goes on, and the next one begins anew."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from licheng.foundations.custody.copies import good_path
from licheng.school.uploads import operations, storage
from licheng.school.uploads.making import films
from licheng.school.uploads.models import Preparation
from licheng.school.uploads.states import PreparationState, UploadState
from tests.environment import POSTGRES, ROOT
from tests.factories import actor
from tests.school import preparation_cases as cases
from tests.school import preparation_sources as made

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = """
import sys, uuid, django
django.setup()
from licheng.foundations.authz import Actor
from licheng.school.uploads.operations import make_preparation
make_preparation(actor=Actor.system("task:prepare", int(sys.argv[1])), preparation_id=uuid.UUID(sys.argv[2]))
"""


def worker(preparation, home):
    """A worker process of its own, on the database and folders of the test."""
    database = POSTGRES.url(connection.settings_dict["NAME"])
    environment = os.environ | {
        "LICHENG_HOME": str(home),
        "DATABASE_URL": database,
        "LICHENG_RESERVE_MB": "0",
    }
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT / "packages/exchange/src")])
    command = [sys.executable, "-c", WORKER, str(preparation.school_id), str(preparation.pk)]
    return subprocess.Popen(command, env=environment, cwd=ROOT)


def encoders(preparation):
    """Processes that encode for this preparation now, by what they were started with."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes() if entry.name.isdecimal() else b""
        except OSError:  # ended while it was looked at
            continue
        if b"ffmpeg" in words.split(b"\0")[0] and str(preparation.pk).encode() in words:
            found.append(int(entry.name))
    return found


def wait_for(ready, seconds=60):
    until = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)
    return found


@pytest.mark.slow
def test_a_killed_worker_leaves_nothing_running_and_its_work_is_taken_up_again(tmp_path):
    student = cases.new_student()
    outcome = cases.outcome_of(student)
    film = made.film(tmp_path / "big.mov", seconds=6, size="1280x720", more=["-vf", "noise=alls=40:allf=t"])
    upload = cases.sent(student, outcome, film.read_bytes(), "IMG_7.mp4", role="media")
    assert upload.state == UploadState.TOO_LARGE
    asked = operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="small")

    first = worker(asked, tmp_path)
    wait_for(lambda: encoders(asked) and Preparation.objects.get().percent > 0)
    first.send_signal(signal.SIGKILL)
    first.wait()

    wait_for(lambda: not encoders(asked), seconds=10)
    interrupted = Preparation.objects.get()
    assert (interrupted.state, interrupted.result_facts) == (PreparationState.WORKING, {"attempts": 1})
    assert not storage.prepared_path(asked.pk).exists()

    second = worker(asked, tmp_path)
    assert second.wait(120) == 0
    ready = Preparation.objects.get()
    assert (ready.state, ready.percent, ready.problem) == (PreparationState.READY, 100, None)
    accepted = operations.accept_preparation(actor=actor(student), preparation_id=ready.pk)
    outcome.refresh_from_db()
    assert outcome.media == accepted.file
    assert accepted.file.size_bytes <= cases.LIMIT_MEDIA
    assert abs(films.probed(good_path(accepted.file.sha256)).seconds - 6) < 0.5
    assert not (tmp_path / "uploads" / "making" / str(asked.pk)).exists()
