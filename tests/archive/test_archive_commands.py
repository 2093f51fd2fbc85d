import io
import stat

import pytest
from django.core.management import CommandError, call_command

from licheng.archive.intake.models import RegisteredSchool
from licheng.foundations.accounts.models import CodePurpose, EnrolmentCode, User
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.machines.models import MachineToken
from tests.archive.packages import (
    SCHOOL_CODE,
    SCHOOL_KEY,
    STRANGER_KEY,
    arrived,
    depositor_with,
    small_package,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path):
    """Runs register_school with these keys; gives what it printed and the token file."""

    def command(keys):
        (tmp_path / "keys.txt").write_text(keys, encoding="utf-8")
        out = io.StringIO()
        token = tmp_path / "token"
        arguments = ["--code", SCHOOL_CODE, "--name", "示範高中", "--keys", f"{tmp_path}/keys.txt"]
        call_command("register_school", *arguments, "--token-file", str(token), stdout=out)
        return out.getvalue(), token

    return command


def test_a_school_is_registered_and_its_token_written_for_its_owner_only(run):
    _said, token = run(f"{SCHOOL_KEY.vkey}\n")

    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert depositor_with(token.read_text().strip()).label == f"school:{SCHOOL_CODE}"
    assert token.read_text().strip() not in str(RegisteredSchool.objects.values().get())
    assert token.read_text().strip() not in str(MachineToken.objects.values().get())
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"school.registered", "token.made"}


def test_registering_again_replaces_keys_and_keeps_the_token(run):
    _said, token = run(f"{SCHOOL_KEY.vkey}\n")
    before = token.read_text()

    said, _token = run(f"{SCHOOL_KEY.vkey}\n{STRANGER_KEY.vkey}\n")

    assert "token stays" in said
    assert token.read_text() == before
    assert depositor_with(before.strip()) is not None
    assert RegisteredSchool.objects.get().keys == f"{SCHOOL_KEY.vkey}\n{STRANGER_KEY.vkey}\n"


def test_a_new_token_ends_the_old_one(run):
    _said, token = run(f"{SCHOOL_KEY.vkey}\n")
    old = token.read_text().strip()

    call_command("renew_token", code=SCHOOL_CODE, token_file=token, stdout=io.StringIO())

    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert depositor_with(old) is None
    assert depositor_with(token.read_text().strip()) is not None
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["school.registered", "token.made", "token.revoked", "token.made"]


def test_a_token_that_cannot_be_written_leaves_the_old_one_working(run, tmp_path):
    _said, token = run(f"{SCHOOL_KEY.vkey}\n")

    with pytest.raises(CommandError):
        call_command("renew_token", code=SCHOOL_CODE, token_file=tmp_path / "no" / "token")

    assert depositor_with(token.read_text().strip()) is not None


def test_nobody_gets_a_token_for_a_school_that_is_not_registered(tmp_path):
    with pytest.raises(CommandError, match="not-found"):
        call_command("renew_token", code="999999", token_file=tmp_path / "token")

    assert not MachineToken.objects.exists()


@pytest.mark.parametrize(
    "keys", ["", "nonsense\n", SCHOOL_KEY.vkey, f"{SCHOOL_KEY.vkey}\n{SCHOOL_KEY.vkey}\n"]
)
def test_keys_that_cannot_be_read_register_nobody(run, keys):
    with pytest.raises(CommandError, match="keys-unreadable"):
        run(keys)

    assert not RegisteredSchool.objects.exists()


def said(command, **options):
    """What a command prints, in words."""
    out = io.StringIO()
    call_command(command, **options, stdout=out)
    return out.getvalue().split()


def test_an_operator_is_added_with_a_code_and_renamed():
    first = said("add_operator", account="op1", name="李操作")
    second = said("add_operator", account="op1", name="李新名")

    user = User.objects.get()
    assert (user.name, user.is_operator, user.has_usable_password()) == ("李新名", True, False)
    assert first[0] == second[0] == "op1"
    assert first[1] != second[1]
    assert [bool(code.withdrawn_at) for code in EnrolmentCode.objects.order_by("pk")] == [True, False]


def test_an_operator_who_has_enrolled_gets_no_first_code_but_is_recovered():
    said("add_operator", account="op1", name="李操作")
    user = User.objects.get()
    user.set_password("a long sentence of hers")
    user.save()

    assert said("add_operator", account="op1", name="李操作")[1:] == ["has", "enrolled", "already"]
    given = said("recover_operator", account="op1", identity_check="身分證正本", reason="手機遺失")

    code = EnrolmentCode.objects.get(withdrawn_at=None)
    assert (code.purpose, code.identity_check) == (CodePurpose.RECOVER, "身分證正本；手機遺失")
    assert len(given[1]) == 19
    assert User.objects.get().check_password("a long sentence of hers")


def test_an_operator_who_was_ended_is_nobody_until_she_is_added_again(client, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_archive"
    settings.ACTOR_OF = "licheng.archive.intake.actors.actor_of"
    said("add_operator", account="op1", name="李操作")
    client.force_login(User.objects.get())

    assert said("end_operator", account="op1") == ["op1", "has", "ended"]

    user = User.objects.get()
    assert (user.is_operator, user.epoch) == (False, 1)
    assert EnrolmentCode.objects.get().withdrawn_at is not None
    assert client.get("/acts/").status_code == 302
    assert AuditEntry.objects.filter(action="operator.ended", subject_id=str(user.pk)).count() == 1
    with pytest.raises(CommandError):
        said("end_operator", account="op1")
    said("add_operator", account="op1", name="李操作")
    assert User.objects.get().is_operator


@pytest.mark.parametrize("wrong", [{"account": "nobody"}, {"identity_check": " "}, {"reason": ""}])
def test_a_recovery_names_operator_check_and_reason(wrong):
    said("add_operator", account="op1", name="李操作")

    with pytest.raises(CommandError):
        said("recover_operator", **{"account": "op1", "identity_check": "正本", "reason": "遺失", **wrong})

    assert EnrolmentCode.objects.get().purpose == CodePurpose.ENROL


def test_queue_undecided_says_how_many(depositor):
    package = small_package()
    arrived(depositor, package, package.sealed())
    out = io.StringIO()

    call_command("queue_undecided", stdout=out)

    assert out.getvalue() == "1 queued\n"
