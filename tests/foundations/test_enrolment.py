"""Single-use codes: what they open, once, and for whom they never do."""

import threading
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.accounts.errors import AlreadyEnrolled, CodeRefused
from licheng.foundations.accounts.models import CodePurpose, EnrolmentCode, User
from licheng.foundations.accounts.operations import issue_code, redeem_code, withdraw_code
from licheng.foundations.accounts.operations.codes import READABLE, TRIES
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid, TooMany
from tests import factories

pytestmark = pytest.mark.django_db
OFFICE = Actor.system("command:test")
WRONG = "abcd-abcd-abcd-abcd"
SECONDS_FOR_A_PAGE = 5
NOBODY = Actor.system("enrolment")
OWN = "河邊有三隻白鷺鷥在散步"
PASSWORD = f"{OWN}呢"


@pytest.fixture
def user():
    account = factories.StudentFactory().user
    account.set_unusable_password()
    account.save()
    return account


def enrolment(user):
    return issue_code(actor=OFFICE, user=user, purpose=CodePurpose.ENROL)


def recovery(user):
    return issue_code(
        actor=OFFICE, user=user, purpose=CodePurpose.RECOVER, identity_check="看過學生證", checked_by="card"
    )


def redeem(user, code, password=PASSWORD, address="192.0.2.1"):
    return redeem_code(actor=NOBODY, login=user.login, code=code, password=password, address=address)


def test_a_code_is_readable_long_and_kept_as_a_digest_only(user):
    code = enrolment(user)

    groups = code.split("-")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert set("".join(groups)) <= set(READABLE)
    assert len(READABLE) ** 16 > 2**79
    row = EnrolmentCode.objects.get()
    assert len(row.digest) == 64
    assert code not in str(row.__dict__)
    assert code not in str(list(AuditEntry.objects.values()))
    assert row.expires_at - row.issued_at > timedelta(days=59)
    assert not User.objects.get(pk=user.pk).has_usable_password()


def test_a_code_sets_a_password_once(user):
    code = enrolment(user)

    redeem(user, code)
    with pytest.raises(CodeRefused):
        redeem(user, code, "另一句自己想出來的很長的話")

    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert EnrolmentCode.objects.get().used_at is not None
    actions = AuditEntry.objects.order_by("pk").values_list("action", "actor_label")
    assert list(actions) == [
        ("account.code_issued", "command:test"),
        ("account.code_redeemed", "enrolment"),
    ]


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: code.upper(),
        lambda code: code.replace("-", ""),
        lambda code: f" {code.replace('-', ' ')} ",
        lambda code: "".join(chr(ord(letter) + 0xFEE0) if letter != "-" else "－" for letter in code),
    ],
)
def test_a_code_may_be_typed_in_other_ways(user, typed):
    redeem(user, typed(enrolment(user)))

    assert User.objects.get(pk=user.pk).has_usable_password()


def test_codes_that_open_nothing_have_one_answer(user):
    other = factories.StudentFactory().user
    first = enrolment(user)
    second = enrolment(user)  # withdraws the first
    answers = {}
    for name, (account, code) in {
        "withdrawn": (user, first),
        "another account's": (other, second),
        "nobody's": (User(login="070406:nobody"), second),
        "empty": (user, ""),
        "hyphens": (user, "----"),
    }.items():
        with pytest.raises(CodeRefused) as refused:
            redeem(account, code)
        answers[name] = f"{refused.value}"
    with time_machine.travel(timezone.now() + timedelta(days=61)), pytest.raises(CodeRefused) as refused:
        redeem(user, second)
    answers["expired"] = f"{refused.value}"
    user.is_active = False
    user.save()
    with pytest.raises(CodeRefused):
        redeem(user, second)

    assert len(set(answers.values())) == 1, answers
    assert not User.objects.get(pk=user.pk).has_usable_password()


def test_accounts_that_do_not_exist_are_asked_about_in_as_many_statements(user):
    enrolment(user)
    asked = []
    for login in (user.login, f"{user.login[:6]}:nobody"):
        with CaptureQueriesContext(connection) as statements, pytest.raises(CodeRefused):
            redeem(User(login=login), WRONG)
        asked.append(len(statements))

    assert asked[0] == asked[1]


def test_a_withdrawn_code_opens_nothing(user):
    code = enrolment(user)

    assert withdraw_code(actor=OFFICE, user=user)
    assert not withdraw_code(actor=OFFICE, user=user)

    with pytest.raises(CodeRefused):
        redeem(user, code)


def test_the_database_keeps_one_open_code_for_an_account(user):
    enrolment(user)

    with pytest.raises(IntegrityError), transaction.atomic():
        EnrolmentCode.objects.create(
            user=user, purpose=CodePurpose.ENROL, digest="1" * 64, expires_at=timezone.now()
        )


def test_a_refused_password_leaves_the_code_good_and_counts_as_no_try(user):
    code = enrolment(user)

    for _n in range(TRIES.times + 1):
        with pytest.raises(Invalid):
            redeem(user, code, f"{user.login.split(':')[1]} is my account")
    redeem(user, code)

    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_the_sixth_wrong_code_waits_and_keeps_nobody_with_the_right_one_out(user):
    code = enrolment(user)
    for _n in range(TRIES.times):
        with pytest.raises(CodeRefused):
            redeem(user, WRONG)

    with pytest.raises(TooMany):
        redeem(user, WRONG)
    redeem(user, code)

    assert User.objects.get(pk=user.pk).has_usable_password()


def test_an_address_that_guesses_many_accounts_waits_and_shuts_out_nobody_beside_it(user):
    code = enrolment(user)
    for number in range(100):
        with pytest.raises(CodeRefused):
            redeem(User(login=f"070406:{number}"), WRONG, address="192.0.2.9")

    with pytest.raises(TooMany):
        redeem(User(login="070406:100"), WRONG, address="192.0.2.9")
    with pytest.raises(CodeRefused):
        redeem(User(login="070406:100"), WRONG, address="192.0.2.10")
    redeem(user, code, address="192.0.2.9")

    assert User.objects.get(pk=user.pk).has_usable_password()


def test_a_password_longer_than_anybody_types_is_refused_before_any_rule_reads_it(client, user):
    """The rules take time that grows with the square of the length; the page is open to everybody."""
    sent = {"school": "x", "account": "x", "code": WRONG, "new": "ab" * 200_000, "again": "ab" * 200_000}
    began = time.monotonic()

    assert client.post(reverse("enrol"), sent).status_code == 422
    assert time.monotonic() - began < SECONDS_FOR_A_PAGE


def test_a_first_code_is_not_for_those_who_have_a_password(user):
    redeem(user, enrolment(user))

    with pytest.raises(AlreadyEnrolled):
        enrolment(user)


def test_a_recovery_names_its_identity_check(user):
    with pytest.raises(Invalid):
        issue_code(actor=OFFICE, user=user, purpose=CodePurpose.RECOVER, identity_check="  ")
    with pytest.raises(IntegrityError), transaction.atomic():
        EnrolmentCode.objects.create(
            user=user, purpose=CodePurpose.RECOVER, digest="1" * 64, expires_at=timezone.now()
        )


def test_a_recovery_ends_the_old_way_in_when_it_is_used_and_not_before(
    user, django_capture_on_commit_callbacks
):
    user.set_password("the sentence of before")
    user.save()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "sealed"})
    EmailAddress.objects.create(user=user, email="owner@example.tw", verified=True)
    EmailAddress.objects.create(user=user, email="unproven@example.tw", verified=False)

    with django_capture_on_commit_callbacks(execute=True):
        code = recovery(user)
    before = User.objects.get(pk=user.pk)
    with django_capture_on_commit_callbacks(execute=True):
        redeem(user, code)

    after = User.objects.get(pk=user.pk)
    assert before.check_password("the sentence of before")
    assert (before.epoch, before.factors_version) == (0, 0)
    assert after.check_password(PASSWORD)
    assert (after.epoch, after.factors_version) == (1, 1)
    assert not Authenticator.objects.exists()
    assert [letter.to for letter in mail.outbox] == [["owner@example.tw"]] * 2
    assert "作廢" in mail.outbox[0].body
    assert "停用" in mail.outbox[1].body
    assert not any(code in letter.body for letter in mail.outbox)


def test_a_recovery_code_lasts_three_days(user):
    code = recovery(user)

    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)), pytest.raises(CodeRefused):
        redeem(user, code)


@pytest.mark.django_db(transaction=True)
def test_two_who_redeem_one_code_at_once_are_one():
    """The second waits for the first one's row lock and then finds the code used."""
    user = factories.StudentFactory().user
    user.set_unusable_password()
    user.save()
    code = enrolment(user)
    answers = []

    def second():
        try:
            answers.append(redeem(user, code, "第二個人自己想的一句很長的話"))
        except CodeRefused as refusal:
            answers.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        redeem(user, code)
        thread.start()
        _wait_for_a_waiter()
    thread.join(timeout=20)

    assert [type(answer) for answer in answers] == [CodeRefused]
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def _wait_for_a_waiter():
    for _attempt in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waited for the lock")
