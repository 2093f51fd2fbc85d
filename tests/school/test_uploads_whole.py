"""A file that comes whole with its checksum in the request that creates it: one act, everything still asked."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licheng.foundations.files.models import StoredFile
from licheng.foundations.files.operations import receiving
from licheng.school.calendar.models import Window
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.operations import attaching
from licheng.school.uploads import storage
from licheng.school.uploads.models import Upload
from tests.factories import open_windows
from tests.school.outcomes_cases import make_outcome
from tests.school.tus_client import DOCUMENT, Tus, checksum

pytestmark = pytest.mark.django_db(transaction=True)
MOST_STATEMENTS = 31  # own bound: each is about a millisecond of CPU of an upload


@pytest.fixture
def outcome(db):
    open_windows()
    draft = make_outcome()
    Outcome.objects.filter(pk=draft.pk).update(document=None)
    return draft


def whole(outcome, tus=None, data=DOCUMENT, **headers):
    tus = tus or Tus(outcome.student)
    return tus.create(outcome, "a.pdf", len(data), data, **{"Upload_Checksum": checksum(data), **headers})


def test_it_is_stored_in_few_statements(outcome):
    tus = Tus(outcome.student)
    with CaptureQueriesContext(connection) as asked:
        answer = whole(outcome, tus)

    assert (answer.status_code, answer.json()["state"]) == (201, "stored")
    statements = [one["sql"] for one in asked.captured_queries if one["sql"] not in {"BEGIN", "COMMIT"}]
    assert len(statements) <= MOST_STATEMENTS
    upload = Upload.objects.get()
    assert upload.sha256 == upload.file.sha256 == Outcome.objects.get(pk=outcome.pk).document.sha256
    assert not storage.path_of(upload.pk).exists()


def test_a_wrong_checksum_leaves_nothing(outcome):
    answer = whole(outcome, Upload_Checksum=checksum(b"other bytes"))

    assert answer.status_code == 460
    assert not Upload.objects.exists()
    assert not StoredFile.objects.filter(original_name="a.pdf").exists()


def test_somebody_elses_outcome_is_not_there(outcome):
    stranger = Tus(make_outcome().student)

    assert whole(outcome, stranger).status_code == 404
    assert not Upload.objects.exists()


def test_it_is_hashed_on_arrival_and_in_every_copy_and_nowhere_else(outcome, monkeypatch):
    for module in (storage, attaching, receiving):
        monkeypatch.setattr(module, "digests", None)

    assert whole(outcome).json()["state"] == "stored"


def test_one_that_was_given_up_while_it_was_looked_at_is_said_to_be_gone(outcome, monkeypatch):
    inspect = receiving.inspect

    def giving_up(*args, **more):
        Upload.objects.all().delete()
        return inspect(*args, **more)

    monkeypatch.setattr(receiving, "inspect", giving_up)

    assert whole(outcome).status_code == 404
    assert not Upload.objects.exists()


def test_a_window_that_closes_while_the_bytes_are_looked_at_still_refuses(outcome, monkeypatch):
    inspect = receiving.inspect

    def closing(*args, **more):
        Window.objects.all().delete()
        return inspect(*args, **more)

    monkeypatch.setattr(receiving, "inspect", closing)

    answer = whole(outcome)

    assert (answer.json()["state"], answer.json()["problem"]["code"]) == ("refused", "window-closed")
    assert Outcome.objects.get(pk=outcome.pk).document is None
