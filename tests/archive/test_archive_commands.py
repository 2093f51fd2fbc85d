import io
import stat

import pytest
from django.core.management import CommandError, call_command

from licheng.archive.intake.actors import depositor_of
from licheng.archive.intake.models import RegisteredSchool
from licheng.foundations.accounts.models import User
from licheng.foundations.audit.models import AuditEntry
from tests.archive.packages import SCHOOL_CODE, SCHOOL_KEY, STRANGER_KEY, arrived, small_package

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path):
    """Runs register_school with these keys; gives what it printed and the token file."""

    def command(keys, *extra):
        (tmp_path / "keys.txt").write_text(keys, encoding="utf-8")
        out = io.StringIO()
        token = tmp_path / "token"
        arguments = ["--code", SCHOOL_CODE, "--name", "示範高中", "--keys", f"{tmp_path}/keys.txt"]
        call_command("register_school", *arguments, "--token-file", str(token), *extra, stdout=out)
        return out.getvalue(), token

    return command


def test_a_school_is_registered_and_its_token_written_for_its_owner_only(run):
    _said, token = run(f"{SCHOOL_KEY.vkey}\n")

    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert depositor_of(token.read_text().strip()).label == f"school:{SCHOOL_CODE}"
    assert token.read_text().strip() not in str(RegisteredSchool.objects.values().get())
    assert AuditEntry.objects.get().action == "school.registered"


def test_registering_again_replaces_keys_and_keeps_the_token(run):
    _said, token = run(f"{SCHOOL_KEY.vkey}\n")
    before = token.read_text()

    said, _token = run(f"{SCHOOL_KEY.vkey}\n{STRANGER_KEY.vkey}\n")

    assert "token stays" in said
    assert token.read_text() == before
    assert depositor_of(before.strip()) is not None
    assert RegisteredSchool.objects.get().keys == f"{SCHOOL_KEY.vkey}\n{STRANGER_KEY.vkey}\n"


def test_a_new_token_ends_the_old_one(run):
    _said, token = run(f"{SCHOOL_KEY.vkey}\n")
    old = token.read_text().strip()

    run(f"{SCHOOL_KEY.vkey}\n", "--new-token")

    assert depositor_of(old) is None
    assert depositor_of(token.read_text().strip()) is not None


@pytest.mark.parametrize(
    "keys", ["", "nonsense\n", SCHOOL_KEY.vkey, f"{SCHOOL_KEY.vkey}\n{SCHOOL_KEY.vkey}\n"]
)
def test_keys_that_cannot_be_read_register_nobody(run, keys):
    with pytest.raises(CommandError, match="keys-unreadable"):
        run(keys)

    assert not RegisteredSchool.objects.exists()


def test_an_operator_is_added_and_changed(tmp_path):
    password = tmp_path / "password"
    for name, word in (("李操作", "a-long-enough-sentence"), ("李新名", "another-long-sentence")):
        password.write_text(f"{word}\n")
        call_command("add_operator", account="op1", name=name, password_file=password, stdout=io.StringIO())

    user = User.objects.get()
    assert (user.name, user.is_operator, user.check_password("another-long-sentence")) == (
        "李新名",
        True,
        True,
    )


def test_a_weak_password_adds_nobody(tmp_path):
    password = tmp_path / "password"
    password.write_text("short")

    with pytest.raises(CommandError, match="invalid"):
        call_command("add_operator", account="op1", name="李操作", password_file=password)

    assert not User.objects.exists()


def test_queue_undecided_says_how_many(depositor):
    package = small_package()
    arrived(depositor, package, package.sealed())
    out = io.StringIO()

    call_command("queue_undecided", stdout=out)

    assert out.getvalue() == "1 queued\n"
