"""A forgotten password: by a link sent to the account's verified address, and by nothing else."""

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.urls import reverse
from django.utils.http import base36_to_int, int_to_base36
from django.utils.translation import gettext as _

from licheng.foundations.accounts import lockout
from licheng.foundations.accounts.entering import may_enter
from licheng.foundations.accounts.errors import LinkRefused
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations.letters import Letter, send_letters, write_to_owner
from licheng.foundations.accounts.operations.passwords import set_own_password
from licheng.foundations.accounts.operations.sessions import end_sessions
from licheng.foundations.accounts.queries import email_of, user_named
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.limits.operations import Limit, consume
from licheng.foundations.queueing import enqueue_on_commit

# Own bound: letters for one account, while one link lives. Whoever asks for another's leaves her a good link.
ASKED = Limit(times=3, seconds=settings.PASSWORD_RESET_TIMEOUT)
ASKED_FROM_ADDRESS = Limit(times=300, seconds=3600)  # own bound: a school stands behind one address


class ResetTokens(PasswordResetTokenGenerator):
    """Single use: a token dies with the password, last sign-in, epoch or address it was made for."""

    key_salt = "licheng.reset"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.epoch}{email_of(user)}"


tokens = ResetTokens()


@transaction.atomic
def ask_for_reset(*, actor: Actor, login: str, address: str) -> None:  # noqa: ARG001 -- whoever asks is nobody yet
    """Ask for a link; known and unknown accounts take the same steps here, and the letter is written later.

    Raises TooMany, for unknown accounts too.
    """
    consume(action="reset.address", who=address, limit=ASKED_FROM_ADDRESS)
    consume(action="reset.account", who=login, limit=ASKED)
    user = user_named(login)
    enqueue_on_commit(
        "licheng.foundations.accounts.tasks.send_reset_link", user_id=user.pk if user is not None else 0
    )


def send_reset_link(*, actor: Actor, user_id: int) -> bool:
    """Write to the verified address of an open account; whether there was anybody to write to."""
    user = User.objects.filter(pk=user_id).first()
    if user is None or not user.has_usable_password() or not may_enter(user):
        return False
    address = email_of(user)
    if not address:
        return False
    token = f"{int_to_base36(user.pk)}-{tokens.make_token(user)}"
    text = _(
        "有人（多半是您）說忘記了密碼。請在 %(minutes)s 分鐘內打開這個網址，設定新密碼；網址只能用一次：\n\n"
        "%(link)s\n\n"
        "如果不是您本人，不必做什麼，密碼沒有變。請不要把這個網址給任何人。\n"
    ) % {
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        "link": f"{settings.PUBLIC_URL.rstrip('/')}{reverse('reset', args=[token])}",
    }
    record(actor=actor, action="account.reset_asked", subject=user)
    return send_letters([Letter(address, _("學習歷程檔案：重新設定密碼"), text)]) == 1


def account_of_link(token: str) -> User | None:
    """The account that a link opens now, or None for links that are used, old or made up."""
    number, _dash, secret = token.partition("-")
    try:
        user = User.objects.filter(pk=base36_to_int(number)).first()
    except (ValueError, OverflowError):
        return None
    is_good = user is not None and may_enter(user) and tokens.check_token(user, secret)
    return user if is_good else None


@transaction.atomic
def reset_password(*, actor: Actor, token: str, new: str) -> User:
    """Set a new password by a link. Sessions end, devices are forgotten; second factors stay.

    Raises LinkRefused, or Invalid for a password that breaks the rules (the link stays good).
    """
    asked = account_of_link(token)
    if asked is None:
        raise LinkRefused
    User.objects.select_for_update().get(pk=asked.pk)
    user = account_of_link(token)  # again, under the lock: two at once are one
    if user is None:
        raise LinkRefused
    set_own_password(user, new)
    end_sessions(actor=actor, user=user)
    AccessAttempt.objects.filter(username=lockout.key_of(user.login)).delete()
    record(actor=actor, action="account.password_reset", subject=user)
    text = _(
        "您的密碼剛才重新設定了，所有裝置上的登入都已結束。\n\n如果不是您本人，請立刻洽%(office)s。\n"
    ) % {"office": settings.OFFICE}
    transaction.on_commit(lambda: write_to_owner(user, _("您的密碼已重新設定"), text) and None)
    return user
