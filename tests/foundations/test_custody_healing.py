"""Healing: only from bytes hashed just now, evidence kept, nothing called healed before it was read again."""

import io
import shutil

import pytest
from django.core.management import CommandError, call_command

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.custody.copies import copies
from licheng.foundations.custody.errors import UnknownCopy
from licheng.foundations.custody.models import Content, Defect, DefectKind, Job, KeptCopy
from licheng.foundations.custody.operations import heal_content, heal_copy, scrub_whole
from tests.foundations.kept import ACTOR, keep, keep_many, path, rot, run, state

pytestmark = pytest.mark.django_db


def broken(sha256, *names, kind=DefectKind.CHANGED):
    for name in names:
        Defect.objects.create(copy=name, sha256=sha256, kind=kind, found_by=Job.SCRUB)


def evidence(copy, sha256):
    """Files of this content that were moved aside in a copy."""
    return [file for file in copies()[copy].root.rglob(f"*{sha256}*") if file != path(copy, sha256)]


def test_a_changed_file_is_replaced_and_kept_as_evidence():
    sha256 = keep(b"work")
    rot(path(0, sha256))
    rotten = path(0, sha256).read_bytes()

    assert scrub_whole(actor=ACTOR, copy="a").figures == {"read": 1, "changed": 1, "healed": 1}

    assert path(0, sha256).read_bytes() == b"work"
    assert [file.read_bytes() for file in evidence(0, sha256)] == [rotten]
    assert list(copies()[0].hashes()) == [sha256]  # evidence is no content
    healed = AuditEntry.objects.get(action="defect.healed")
    assert (healed.data["copy"], healed.data["source"]) == ("a", "b")


def test_damage_never_travels_to_the_good_copy():
    """A defect that names the wrong copy: the bytes decide, not the row."""
    sha256 = keep(b"work")
    rot(path(1, sha256))
    broken(sha256, "a")

    assert heal_content(actor=ACTOR, sha256=sha256) == "healed"

    assert path(0, sha256).read_bytes() == b"work"
    assert Defect.objects.filter(healed_at__isnull=True).count() == 0
    assert scrub_whole(actor=ACTOR, copy=None).figures["changed"] == 1


def test_without_a_good_copy_everything_stays_and_is_named(caplog):
    sha256 = keep(b"work")
    rot(path(0, sha256))
    path(1, sha256).unlink()

    done = scrub_whole(actor=ACTOR, copy=None)

    assert (done.is_good, done.figures["lost"]) == (False, 1)
    assert Defect.objects.filter(healed_at__isnull=True).count() == 2
    assert (path(0, sha256).exists(), evidence(0, sha256)) == (True, [])
    assert f"NO GOOD COPY of {sha256}" in caplog.text


def test_what_a_person_brings_back_is_read_and_closes_the_defect():
    sha256 = keep(b"work")
    rot(path(0, sha256))
    path(1, sha256).unlink()
    scrub_whole(actor=ACTOR, copy=None)

    path(1, sha256).write_bytes(b"work")

    assert scrub_whole(actor=ACTOR, copy=None).figures["healed"] == 1
    assert Defect.objects.filter(healed_at__isnull=True).count() == 0


def test_a_copy_that_takes_nothing_leaves_the_defect_open(settings):
    sha256 = keep(b"work")
    broken(sha256, "b", kind=DefectKind.MISSING)
    shutil.rmtree(settings.COPY_ROOTS[1])
    settings.COPY_ROOTS[1].write_text("no folder")

    assert heal_content(actor=ACTOR, sha256=sha256) == "left"
    assert Defect.objects.get().healed_at is None


def told(*_figures):
    """Nobody listens."""


def test_a_wiped_copy_is_rebuilt_byte_for_byte(settings):
    hashes = keep_many(12)
    before = {sha256: path(1, sha256).read_bytes() for sha256 in hashes}
    shutil.rmtree(settings.COPY_ROOTS[1])
    lines = io.StringIO()

    call_command("heal", "--copy", "b", "--from", "a", stdout=lines)

    assert {sha256: path(1, sha256).read_bytes() for sha256 in hashes} == before
    assert "12/12" in lines.getvalue()
    assert Defect.objects.filter(healed_at__isnull=True).count() == 0
    assert {row.state for row in KeptCopy.objects.all()} == {"good"}
    assert run("compare").is_good


def test_a_rebuild_that_was_stopped_goes_on(settings):
    keep_many(9)
    shutil.rmtree(settings.COPY_ROOTS[1])

    def stop(done, _total, _tally):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        heal_copy(actor=ACTOR, target="b", source="a", told=stop)
    again = heal_copy(actor=ACTOR, target="b", source="a", told=told)

    assert again.figures == {"good": 4, "healed": 5}


def test_a_rebuild_takes_nothing_from_a_bad_source_and_says_so(settings):
    fine, bad = keep(b"fine"), keep(b"bad")
    rot(path(0, bad))
    shutil.rmtree(settings.COPY_ROOTS[1])

    with pytest.raises(CommandError):
        call_command("heal", "--copy", "b", "--from", "a", stdout=io.StringIO())

    assert (path(1, fine).exists(), path(1, bad).exists()) == (True, False)
    assert state("b", bad) == "missing"


def test_names_of_copies_are_checked():
    with pytest.raises(UnknownCopy):
        heal_copy(actor=ACTOR, target="z", source=None, told=told)
    with pytest.raises(CommandError, match="有：a, b"):
        call_command("scrub", "--copy", "z")


def test_the_clocks_by_hand_print_figures_and_end_with_what_they_found():
    keep(b"work")
    said = io.StringIO()

    call_command("custody_run", "compare", stdout=said)
    call_command("scrub", stdout=said)
    rot(path(1, Content.objects.get().pk))

    assert said.getvalue() == '{"adopted": 0, "untracked": 0, "compared": 2}\n{"read": 2}\n'
    with pytest.raises(CommandError):
        call_command("scrub", "--copy", "b", stdout=said)
