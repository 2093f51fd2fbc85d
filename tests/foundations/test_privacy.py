"""Sealed columns: bound to their place, under a ring of keys that can be changed while the site runs."""

import io
import os
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from licheng.archive.holdings.models import HeldStudent
from licheng.foundations import keys
from licheng.foundations.accounts.operations.sealing import looked_over, retire_keys, rotate_keys
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotAllowed
from licheng.foundations.privacy import (
    FieldUnreadable,
    blind_index,
    blind_indexes,
    key_of,
    masked,
    seal,
    sealed_columns,
    unseal,
)
from licheng.school.people.models import Student
from tests.factories import PersonFactory, StudentFactory, actor

CLOCK = Actor.system("test")
PLACE = "table.column/1/2"
NUMBER = "A123456789"


def rotate(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("rotate_field_keys", *arguments, stdout=out, stderr=err)
    return out.getvalue()


def later():
    return time_machine.travel(datetime.now(UTC) + timedelta(hours=2), tick=True)


def test_a_value_opens_at_its_place_only(caplog):
    sealed = seal(NUMBER, place=PLACE)

    assert unseal(sealed, place=PLACE) == NUMBER
    with pytest.raises(FieldUnreadable) as refused:
        unseal(sealed, place="table.column/1/3")

    assert refused.value.__cause__ is None
    assert NUMBER not in caplog.text
    assert "table.column/1/3" in caplog.text


@pytest.mark.parametrize("damage", [b"", b"\x01", b"\x09" * 60, b"short-\xff"])
def test_what_is_no_value_is_refused(damage):
    with pytest.raises(FieldUnreadable):
        unseal(damage, place=PLACE)


def test_every_byte_of_a_value_counts():
    sealed = seal(NUMBER, place=PLACE)

    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(FieldUnreadable):
            unseal(bytes(changed), place=PLACE)


def test_old_values_open_after_a_key_was_added_and_new_ones_take_the_newest():
    old, index = seal(NUMBER, place=PLACE), blind_index(NUMBER)

    keys.add_key("fields")
    keys.add_key("index")

    assert (key_of(old), key_of(seal(NUMBER, place=PLACE))) == (1, 2)
    assert unseal(old, place=PLACE) == NUMBER
    assert blind_indexes(NUMBER) == [blind_index(NUMBER), index]
    assert blind_index(NUMBER) != index


@pytest.mark.slow
def test_a_running_process_learns_of_a_key_that_another_added(settings):
    before = seal(NUMBER, place=PLACE)
    script = "import django; django.setup(); from licheng.foundations import keys; keys.add_key('fields')"
    environment = {
        **os.environ,
        "LICHENG_KEYS": str(settings.KEYS_ROOT),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }

    subprocess.run([sys.executable, "-c", script], check=True, env=environment)

    assert (key_of(before), key_of(seal(NUMBER, place=PLACE))) == (1, 2)


def test_the_ring_is_for_its_owner_only(settings):
    keys.add_key("fields")

    path = Path(settings.KEYS_ROOT) / "fields.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content", ["", "word\n", "1 " + "0" * 64 + "\n1 " + "1" * 64, "0 " + "0" * 64, "999 " + "0" * 64]
)
def test_a_damaged_ring_is_named_without_its_content(settings, content):
    (Path(settings.KEYS_ROOT) / "fields.key").write_text(content)

    with pytest.raises(keys.KeyUnreadable, match=r"^fields\.key ") as refused:
        seal(NUMBER, place=PLACE)

    assert "000" not in str(refused.value)


def test_a_ring_has_ids_for_255_keys(settings):
    (Path(settings.KEYS_ROOT) / "fields.key").write_text(f"255 {'ab' * 32}\n")

    assert key_of(seal(NUMBER, place=PLACE)) == 255
    with pytest.raises(keys.KeyUnreadable):
        keys.add_key("fields")


def test_a_masked_number_tells_rows_apart():
    assert masked(NUMBER) == "A••••••789"


@pytest.fixture
def sealed_rows(db):
    """Rows with sealed values at both sites."""
    students = [StudentFactory().student for _one in range(3)]
    place = "holdings_heldstudent.id_number/000001/1"
    held = HeldStudent.objects.create(
        school_code="000001", number="1", name="學生", id_number_sealed=seal(NUMBER, place=place),
        id_number_index=blind_index(NUMBER), subject_key="0" * 64,
    )  # fmt: skip
    return [*students, held]


def numbers(rows):
    for row in rows:
        row.refresh_from_db()
    return [row.id_number for row in rows]


def test_every_sealed_column_is_registered():
    assert [str(column) for column in sealed_columns()] == [
        "holdings.HeldStudent.id_number_sealed",
        "intake.Deposit.password_sealed",
        "mfa.Authenticator.data",
        "people.Student.id_number_sealed",
        "rosters.RosterImport.content_sealed",
        "submission.Batch.password_sealed",
    ]


def test_rotation_seals_everything_anew_and_the_old_key_can_go(sealed_rows):
    before = numbers(sealed_rows)

    said = rotate()
    with later():
        retired = rotate("--retire")

    assert "people.Student.id_number_sealed: 3 values, 0 under an older key" in said
    assert "retired 1" in retired
    assert numbers(sealed_rows) == before
    assert {key_of(row.id_number_sealed) for row in sealed_rows} == {2}
    assert list(keys.ring("fields").keys) == [2]
    assert AuditEntry.objects.filter(action="keys.rotated").count() == len(sealed_columns())


def test_the_index_can_be_changed_and_is_found_under_both_meanwhile(sealed_rows):
    student = sealed_rows[0]
    number, old = student.id_number, student.id_number_index
    keys.add_key("index")
    assert old in blind_indexes(number)

    rotate("--ring", "index")

    student.refresh_from_db()
    assert student.id_number_index == blind_index(number) != old
    assert keys.ring("index").newest == 2  # the key added before was not used up yet: no third one


def test_a_dry_run_changes_nothing(sealed_rows, settings):
    before = (Path(settings.KEYS_ROOT) / "fields.key").read_bytes()

    said = rotate("--dry-run")

    assert "people.Student.id_number_sealed: 3 values, 0 under an older key" in said
    assert (Path(settings.KEYS_ROOT) / "fields.key").read_bytes() == before


def test_an_interrupted_rotation_is_continued_without_another_key(sealed_rows):
    keys.add_key("fields")
    student = sealed_rows[0]
    place = f"people_student.id_number/{student.school_id}/{student.person_id}"
    Student.objects.filter(pk=student.pk).update(id_number_sealed=seal(student.id_number, place=place))

    states = {state.name: state.stale for state in looked_over(actor=CLOCK, ring="fields")}
    rotate()

    assert states["people.Student.id_number_sealed"] == 2
    assert sorted(keys.ring("fields").keys) == [1, 2]
    assert {key_of(row.id_number_sealed) for row in Student.objects.all()} == {2}


def test_a_key_is_not_retired_while_something_stands_under_it(sealed_rows):
    old = bytes(sealed_rows[0].id_number_sealed)
    rotate()
    Student.objects.filter(pk=sealed_rows[0].pk).update(id_number_sealed=old)

    with later(), pytest.raises(CommandError, match=r"people\.Student"):
        rotate("--retire")

    assert sorted(keys.ring("fields").keys) == [1, 2]


def test_a_key_is_not_retired_within_the_hour(sealed_rows):
    rotate()

    with pytest.raises(CommandError):
        rotate("--retire")


def test_a_value_that_does_not_open_is_told_and_left(sealed_rows):
    damaged = bytes(sealed_rows[0].id_number_sealed[:-1]) + b"\x00"
    Student.objects.filter(pk=sealed_rows[0].pk).update(id_number_sealed=damaged)

    with pytest.raises(CommandError):
        rotate()

    kept = Student.objects.get(pk=sealed_rows[0].pk)
    assert bytes(kept.id_number_sealed) == damaged
    with later(), pytest.raises(CommandError):
        rotate("--retire")


def test_a_destroyed_value_needs_no_key(sealed_rows):
    Student.objects.filter(pk=sealed_rows[0].pk).update(id_number_sealed=b"", id_number_index="gone")

    assert "people.Student.id_number_sealed: 2 values" in rotate()


def test_people_do_not_change_keys(db):
    person = actor(PersonFactory())

    for operation in (looked_over, rotate_keys, retire_keys):
        with pytest.raises(NotAllowed):
            operation(actor=person, ring="fields")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_rotation_leaves_everything_readable_and_is_finished_by_the_next(settings):
    students = [StudentFactory().student for _one in range(4)]
    before = numbers(students)
    script = """
import django, os, signal
django.setup()
from licheng.foundations.accounts.operations import sealing
from licheng.foundations.authz import Actor
for column in sealing.sealed_columns():
    object.__setattr__(column, "rows_at_once", 2)
real, done = sealing._reseal, []
def reseal(column, ring, ids):
    done.append(real(column, ring, ids))
    if sum(done) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return done[-1]
sealing._reseal = reseal
sealing.rotate_keys(actor=Actor.system("killed"), ring="fields")
"""
    url = f"postgresql:///{connection.settings_dict['NAME']}?host={connection.settings_dict['HOST']}"
    url = url.replace("///", f"//{connection.settings_dict['USER']}@/")
    environment = {
        **os.environ, "LICHENG_KEYS": str(settings.KEYS_ROOT), "DATABASE_URL": url,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip

    killed = subprocess.run([sys.executable, "-c", script], check=False, env=environment)
    assert killed.returncode == -signal.SIGKILL
    assert numbers(students) == before
    assert sorted(key_of(row.id_number_sealed) for row in students) == [1, 1, 2, 2]

    rotate()

    assert numbers(students) == before
    assert {key_of(row.id_number_sealed) for row in students} == {2}
    assert sorted(keys.ring("fields").keys) == [1, 2]
