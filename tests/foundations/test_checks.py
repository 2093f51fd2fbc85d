"""What must not be started, each refusal by its own number."""

import subprocess

import pytest

from licheng.foundations.custody.checks import copies_stand_apart


def found():
    return [error.id for error in copies_stand_apart()]


@pytest.fixture
def disks(tmp_path, settings):
    """A production site with a device for each copy and another for the witness."""
    places = [tmp_path / name for name in ("disk-a", "disk-b")]
    for place in places:
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=True)
    settings.EMBEDDED = False
    settings.COPY_ROOTS = tuple(place / "copy" for place in places)
    yield places
    for place in places:
        subprocess.run(["umount", place], check=True)


def test_one_copy_is_refused_everywhere(settings):
    settings.COPY_ROOTS = settings.COPY_ROOTS[:1]
    for embedded in (False, True):
        settings.EMBEDDED = embedded
        assert found() == ["custody.E001"]


def test_copies_on_one_device_are_refused_outside_the_embedded_default(settings):
    settings.EMBEDDED = False
    assert found() == ["custody.E002", "custody.E003"]

    settings.EMBEDDED = True
    assert found() == []


def test_copies_and_witness_on_devices_of_their_own_are_right(disks):
    assert found() == []


def test_a_witness_on_the_device_of_a_copy_is_refused(disks, settings):
    settings.WITNESS_ROOT = disks[1] / "witness"

    assert found() == ["custody.E003"]


@pytest.mark.parametrize(
    ("address", "errors"),
    [
        ("https://copy.example.edu.tw:8200", []),
        ("http://127.0.0.1:8200", []),
        ("http://[::1]:8200", []),
        ("http://localhost:8200", []),
        ("http://copy.example.edu.tw:8200", ["custody.E004"]),
        ("http://10.0.0.7:8200", ["custody.E004"]),
        ("ftp://127.0.0.1/", ["custody.E004"]),
    ],
)
def test_an_agent_is_reached_by_https_or_on_this_machine(disks, settings, address, errors):
    settings.COPY_ROOTS = (settings.COPY_ROOTS[0], address)

    assert found() == errors


def test_one_agent_is_not_two_copies(disks, settings):
    settings.COPY_ROOTS = ("https://copy.example.edu.tw:8200",) * 2

    assert found() == ["custody.E002"]


def test_a_site_that_takes_no_files_needs_no_devices_for_copies(settings):
    settings.EMBEDDED, settings.TAKES_FILES = False, False

    assert found() == []


def test_a_trial_is_not_served_over_https(settings):
    settings.HTTPS = True

    assert found() == ["custody.E005"]
