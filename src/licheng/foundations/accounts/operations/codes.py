"""Single-use codes that let a person choose a password: the first time, or again after losing the way in."""

import secrets
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.accounts.entering import may_enter
from licheng.foundations.accounts.errors import AlreadyEnrolled, CodeRefused
from licheng.foundations.accounts.models import CodePurpose, EnrolmentCode, User
from licheng.foundations.accounts.operations.factors import clear_factors
from licheng.foundations.accounts.operations.letters import write_to_owner
from licheng.foundations.accounts.operations.passwords import set_own_password
from licheng.foundations.accounts.operations.sessions import end_sessions
from licheng.foundations.accounts.queries import digest_of, open_codes
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid
from licheng.foundations.limits.operations import Limit, consume

# Letters and digits that nobody confuses when reading from a printed sheet: 31 of them, so 16 are 79 bits.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP_LENGTH = 4, 4
RECOVERY_DAYS = 3  # own bound: handed over in person, so used soon
TRIES = Limit(times=5, seconds=900)  # wrong ones for one account
TRIES_FROM_ADDRESS = Limit(times=100, seconds=900)  # own bound: a whole class enrols from one address


@transaction.atomic
def issue_code(
    *, actor: Actor, user: User, purpose: str, identity_check: str = "", checked_by: str = ""
) -> str:
    """Give an account a single-use code, returned here and never stored; an open one is withdrawn.

    Never derived from the ID number: that rule of older systems let classmates in. `identity_check` says how
    the person's identity was seen, `checked_by` its code for the audit. The owner is told of a recovery.
    Raises Invalid for a recovery without identity check, AlreadyEnrolled for a first code of somebody who has
    a password.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if purpose == CodePurpose.RECOVER and not identity_check.strip():
        raise Invalid(field=_("如何確認身分"), reason=_("請寫明。"))
    if purpose == CodePurpose.ENROL and user.has_usable_password():
        raise AlreadyEnrolled
    open_codes(user.pk).update(withdrawn_at=timezone.now())
    code = new_code()
    days = RECOVERY_DAYS if purpose == CodePurpose.RECOVER else settings.ENROLMENT_CODE_DAYS
    issued = EnrolmentCode.objects.create(
        user=user,
        purpose=purpose,
        digest=digest_of(user.pk, code),
        issued_by=actor.label,
        identity_check=identity_check.strip(),
        expires_at=timezone.now() + timedelta(days=days),
    )
    facts = {"purpose": purpose, "code": issued.pk} | ({"checked_by": checked_by} if checked_by else {})
    record(actor=actor, action="account.code_issued", subject=user, **facts)
    if purpose == CodePurpose.RECOVER:
        transaction.on_commit(partial(_tell_of_issue, user))
    return code


@transaction.atomic
def withdraw_code(*, actor: Actor, user: User) -> bool:
    """Make an account's open code worthless; whether there was one."""
    user = User.objects.select_for_update().get(pk=user.pk)
    withdrawn = open_codes(user.pk).update(withdrawn_at=timezone.now()) == 1
    if withdrawn:
        record(actor=actor, action="account.code_withdrawn", subject=user)
    return withdrawn


def redeem_code(*, actor: Actor, login: str, code: str, password: str, address: str) -> User:
    """Exchange a code for a password of one's own; whoever holds the code is nobody yet.

    Wrong codes alone are counted, outside the transaction; `address` is where they came from. The right one
    is taken whatever was counted: 79 bits cannot be guessed, and a count that shut it out would let a
    classmate keep somebody, or a whole school, from enrolling.
    A code of a recovery also ends every session and known device and removes second factors.
    Raises CodeRefused with one answer for every reason, TooMany in its place after many of them, Invalid for
    a password that is refused (the code stays good).
    """
    try:
        return _redeem(actor, login, code, password)
    except CodeRefused:
        consume(action="enrol.address", who=address, limit=TRIES_FROM_ADDRESS)
        consume(action="enrol.account", who=login, limit=TRIES)
        raise


@transaction.atomic
def _redeem(actor: Actor, login: str, code: str, password: str) -> User:
    user = User.objects.select_for_update().filter(login=login, is_active=True).first()
    user = user or User(pk=0, login=login)  # nobody is asked about in as many statements as somebody
    belongs = may_enter(user)
    found = open_codes(user.pk).filter(digest=digest_of(user.pk, code), expires_at__gt=timezone.now()).first()
    if found is None or not belongs:
        raise CodeRefused
    set_own_password(user, password)
    if found.purpose == CodePurpose.RECOVER:
        end_sessions(actor=actor, user=user)
        clear_factors(actor=actor, user=user)  # lost with the way in, or in somebody else's hands
        transaction.on_commit(partial(_tell_of_use, user))
    found.used_at = timezone.now()
    found.save(update_fields=["used_at"])
    record(actor=actor, action="account.code_redeemed", subject=user, purpose=found.purpose, code=found.pk)
    return user


def new_code() -> str:
    """A code that nobody can guess, in groups that are easy to copy from paper."""
    return "-".join(readable(GROUP_LENGTH) for _group in range(GROUPS))


def readable(length: int) -> str:
    """So many random letters and digits that nobody confuses."""
    return "".join(secrets.choice(READABLE) for _letter in range(length))


def _tell_of_issue(user: User) -> None:
    write_to_owner(
        user,
        _("有人為您的帳號辦理重新啟用"),
        _(
            "剛才有人在學校（或主機）為您的帳號辦理重新啟用，發出了一組啟用碼。用了它，就能設定新密碼，"
            "原有的登入與第二道驗證都會失效。\n\n"
            "如果是您本人申請的，不必做什麼。\n"
            "如果不是，請立刻打電話給%(office)s，請他作廢這組啟用碼。"
        )
        % {"office": settings.OFFICE},
    )


def _tell_of_use(user: User) -> None:
    write_to_owner(
        user,
        _("您的帳號剛用啟用碼重新啟用"),
        _(
            "您的帳號剛用重新啟用的啟用碼設定了新密碼；原有的登入、已知裝置與第二道驗證都已失效。\n\n"
            "如果不是您本人，請立刻打電話給%(office)s，請他停用帳號。"
        )
        % {"office": settings.OFFICE},
    )
