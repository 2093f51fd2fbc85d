"""Openings that broke off, and what volume, witness and database mean together."""

import pytest

from licheng.foundations.custody.copies import declared_copies
from licheng.foundations.custody.guard import require_open
from licheng.foundations.custody.judging import Sayings, Verdict, judge
from licheng.foundations.custody.models import Volume
from licheng.foundations.custody.volumes import VolumeIdentity
from tests.foundations.guarding import epochs, guard, site

pytestmark = pytest.mark.django_db
__all__ = ["site"]


STEPS = ("volume a", "volume b", "witness a", "witness b", "database")


@pytest.mark.parametrize("done", range(len(STEPS) + 1), ids=lambda n: f"{n} writes done")
def test_an_opening_that_broke_off_is_repaired_not_misjudged(site, settings, done):
    before = state_of_all(settings)
    assert guard()[1] == 0
    after = state_of_all(settings)
    put_back({step: (after if place < done else before)[step] for place, step in enumerate(STEPS)}, settings)

    report, ended = guard()

    assert (ended, report["copies"]) == (0, {"a": "good", "b": "good"})
    assert len(set(epochs())) == 1
    assert len(set(epochs()[0])) == 1
    require_open()


@pytest.mark.parametrize("done", range(len(STEPS) + 1), ids=lambda n: f"{n} writes done")
def test_the_first_opening_may_break_off_too(settings, done):
    nothing = dict.fromkeys(STEPS)
    assert guard()[1] == 0
    after = state_of_all(settings)
    put_back({step: (after if place < done else nothing)[step] for place, step in enumerate(STEPS)}, settings)

    report, ended = guard()

    assert (ended, report["open"]) == (0, True)
    require_open()


def state_of_all(settings):
    """Every place that an opening writes, by its step."""
    a, b = (copy.root / "VOLUME.json" for copy in declared_copies())
    files = dict(zip(STEPS[:4], (a, b, *(settings.WITNESS_ROOT / f"{n}.json" for n in "ab")), strict=True))
    rows = list(Volume.objects.values("copy", "uuid", "epoch", "opened_at"))
    return {step: path.read_bytes() for step, path in files.items()} | {"database": rows}


def put_back(state, settings):
    """Make every place what it was at that step."""
    a, b = (copy.root / "VOLUME.json" for copy in declared_copies())
    files = dict(zip(STEPS[:4], (a, b, *(settings.WITNESS_ROOT / f"{n}.json" for n in "ab")), strict=True))
    for step, path in files.items():
        path.unlink()
        if state[step] is not None:
            path.write_bytes(state[step])
    Volume.objects.all().delete()
    Volume.objects.bulk_create([Volume(**row) for row in state["database"] or ()])


def identity(epoch, volume=VolumeIdentity.new()):  # noqa: B008 -- one and the same volume
    return None if epoch is None else VolumeIdentity(volume.uuid, epoch, "")


@pytest.mark.parametrize(
    ("volume", "witnessed", "known", "verdict"),
    [
        (5, 5, 5, Verdict.GOOD),
        (6, 5, 5, Verdict.GOOD),
        (6, 6, 5, Verdict.GOOD),
        (5, 6, 5, Verdict.ROLLED_BACK),
        (5, 6, 6, Verdict.ROLLED_BACK),
        (4, 5, 5, Verdict.ROLLED_BACK),
        (6, 5, 6, Verdict.WITNESS_ROLLED_BACK),
        (7, 5, 5, Verdict.DATABASE_ROLLED_BACK),
        (7, 7, 5, Verdict.DATABASE_ROLLED_BACK),
        (None, 5, 5, Verdict.NO_VOLUME),
        (None, None, 5, Verdict.NO_VOLUME),
        (None, None, None, Verdict.NEVER_OPENED),
        (5, None, None, Verdict.NEVER_OPENED),
        (5, None, 5, Verdict.NO_WITNESS),
        (5, 5, None, Verdict.NOT_IN_DATABASE),
    ],
)
def test_what_volume_witness_and_database_mean_together(volume, witnessed, known, verdict):
    assert judge(Sayings(identity(volume), identity(witnessed), identity(known))) == verdict


@pytest.mark.parametrize("place", range(3))
def test_one_other_uuid_among_the_three_is_another_volume(place):
    said = [identity(5), identity(5), identity(5)]
    said[place] = VolumeIdentity(VolumeIdentity.new().uuid, 5, "")

    assert judge(Sayings(*said)) == Verdict.OTHER_VOLUME
