"""Sources on disk for makers, and a student with a photo over the limit on its way to her outcome."""

import pytest

from licheng.school.uploads import operations
from tests.factories import actor
from tests.school import preparation_cases as cases
from tests.school import preparation_sources as made


@pytest.fixture
def put(tmp_path):
    """A function that writes a source file."""

    def write(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "made"
    folder.mkdir()
    return folder


@pytest.fixture
def student(db):
    return cases.new_student()


@pytest.fixture
def outcome(student):
    return cases.outcome_of(student)


@pytest.fixture(scope="session")
def big_photo():
    data = made.jpeg_bytes(made.picture(2600, 2000), orientation=6, quality=97)
    assert len(data) > cases.LIMIT_DOCUMENT
    return data


@pytest.fixture
def ready(student, outcome, big_photo):
    """A version that waits for the student's answer."""
    upload = cases.sent(student, outcome, big_photo, "IMG_1.jpg")
    asked = operations.start_reduction(actor=actor(student), upload_id=upload.pk, quality="medium")
    return cases.worked(asked)
