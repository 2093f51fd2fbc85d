"""The address by which an account can be opened again: shown to be its owner's by a code sent there."""

import hmac
import secrets
from functools import partial

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.accounts.errors import LetterNotSent
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations.letters import Letter, send_letters
from licheng.foundations.accounts.queries import email_of
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_fresh
from licheng.foundations.errors import Invalid
from licheng.foundations.limits.operations import Limit, consume, forget
from licheng.foundations.privacy import blind_index

CODE_DIGITS = 6
CODE_MINUTES = 15
LETTERS = Limit(times=6, seconds=3600)  # own bound: codes sent for one account
TRIES = Limit(times=5, seconds=CODE_MINUTES * 60)  # of six digits: 5 in a million for each letter


def send_email_code(*, actor: Actor, user: User, address: str) -> str:
    """Send a code to an address that its owner says is hers; the digest by which it is known again.

    Raises StepUpNeeded where the account has an address, or has said that it has none: both are its way back
    in; TooMany after six letters an hour, LetterNotSent when the mail server is away.
    """
    _require_fresh(actor, user)
    consume(action="email-letter", who=str(user.pk), limit=LETTERS)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    text = _(
        "您的確認碼是 %(code)s，%(minutes)s 分鐘內有效。請回到剛才的網頁輸入。\n\n"
        "如果不是您本人要求的，請不要理會這封信，也不要把確認碼告訴任何人。\n"
    ) % {"code": code, "minutes": CODE_MINUTES}
    if send_letters([Letter(address, _("學習歷程檔案：電子郵件確認碼"), text)]) != 1:
        raise LetterNotSent
    forget(action="email-try", who=str(user.pk))
    record(actor=actor, action="account.email_code_sent", subject=user)
    return code_digest(user, address, code)


def confirm_email(*, actor: Actor, user: User, address: str, digest: str, code: str) -> None:
    """Take an address as the account's own, once the code sent there comes back; the old one is told.

    Raises StepUpNeeded as sending does, TooMany after five tries, Invalid for a wrong code.
    """
    _require_fresh(actor, user)
    consume(action="email-try", who=str(user.pk), limit=TRIES)
    if not hmac.compare_digest(digest, code_digest(user, address, code)):
        raise Invalid(field=_("確認碼"), reason=_("不正確。請看最新的一封信，再輸入一次。"))
    _settle(actor, user, address)
    forget(action="email-try", who=str(user.pk))


def code_digest(user: User, address: str, code: str) -> str:
    """What is kept of a code: bound to account and address, meaningless without the site's index key."""
    return blind_index(f"email/{user.pk}/{address}/{code.strip()}")


@transaction.atomic
def _settle(actor: Actor, user: User, address: str) -> None:
    user = User.objects.select_for_update().get(pk=user.pk)
    old = email_of(user)
    EmailAddress.objects.filter(user_id=user.pk).delete()
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    user.without_email_at = None
    user.save(update_fields=["without_email_at"])
    record(actor=actor, action="account.email_verified", subject=user, replaced=bool(old))
    if old and old != address:
        text = _(
            "您在學習歷程檔案的電子郵件剛才更換了，以後忘記密碼時，信會寄到新的信箱。\n\n"
            "如果不是您本人更換的，請立刻洽%(office)s。\n"
        ) % {"office": settings.OFFICE}
        letters = [Letter(to, _("您的電子郵件已更換"), text) for to in (old, address)]
        transaction.on_commit(partial(send_letters, letters))


@transaction.atomic
def declare_no_email(*, actor: Actor, user: User) -> None:
    """Write down that a person has no address: then only the school can open the account again.

    Raises Invalid where the account has a verified address.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if email_of(user):
        raise Invalid(field=_("電子郵件"), reason=_("您已經有確認過的電子郵件。"))
    user.without_email_at = timezone.now()
    user.save(update_fields=["without_email_at"])
    record(actor=actor, action="account.without_email", subject=user)


def _require_fresh(actor: Actor, user: User) -> None:
    if user.without_email_at is not None or email_of(user):
        require_fresh(actor)
