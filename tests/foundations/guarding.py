"""What tests of the start-up guard share: an opened site, the command, and what it left behind."""

import hashlib
import io
import json

import pytest
from django.core.management import CommandError, call_command

from licheng.foundations.custody import witness
from licheng.foundations.custody.copies import declared_copies, put_everywhere
from licheng.foundations.custody.guard import NotOpened, require_open
from licheng.foundations.custody.models import Volume
from licheng.foundations.custody.operations import note_kept


def keep(data):
    """Acknowledge some bytes."""
    sha256 = hashlib.sha256(data).hexdigest()
    said = put_everywhere(io.BytesIO(data), sha256)
    note_kept(sha256=sha256, size_bytes=len(data), stored=said)
    return sha256


def guard(*options):
    """Run the command; what it printed as an object, and how it ended."""
    out = io.StringIO()
    try:
        call_command("guard", "--json", *options, stdout=out)
    except CommandError as closed:
        return json.loads(out.getvalue()), closed.returncode
    return json.loads(out.getvalue()), 0


def guard_text(*options):
    """The lines that people read."""
    out = io.StringIO()
    try:
        call_command("guard", *options, stdout=out)
    except CommandError:
        return out.getvalue()
    return out.getvalue()


@pytest.fixture
def site():
    """An opened site with ten files."""
    assert guard()[1] == 0
    return [keep(f"file {number}".encode() * 99) for number in range(10)]


def epochs():
    """What volume, witness and database say of every copy."""
    rows = {row.copy: row.epoch for row in Volume.objects.all()}
    return [
        (copy.identity().epoch, witness.remembered(copy.name).identity.epoch, rows[copy.name])
        for copy in declared_copies()
    ]


def closed(report, ended):
    """Whether the site is closed, also for whoever starts it without asking the guard."""
    try:
        require_open()
    except NotOpened:
        return ended == 3 and not report["open"]
    return False
