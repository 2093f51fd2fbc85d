from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations.letters import write_to_owner
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid
from licheng.foundations.limits.operations import Limit, consume, forget

OLD_TRIES = Limit(times=5, seconds=900)  # own bound


def open_account(*, actor: Actor, login: str, name: str, is_operator: bool = False) -> User:
    """Make a sign-in without a password; it opens once its owner redeems a code.

    Raises Invalid when somebody else has just opened it.
    """
    user = User(login=login, name=name, is_operator=is_operator)
    user.set_unusable_password()
    try:
        with transaction.atomic():  # a savepoint: whoever calls may go on
            user.save()
    except IntegrityError as taken:
        reason = _("「%(login)s」剛剛由別人開立了；請先看是不是同一個人，再決定要不要更新。")
        raise Invalid(field=_("帳號"), reason=reason % {"login": login}) from taken
    record(actor=actor, action="account.opened", subject=user)
    return user


def change_password(*, actor: Actor, user: User, old: str, new: str) -> User:
    """Replace one's own password. Wrong old ones are counted: a session left open is no place to guess.

    Raises Invalid when the old one is wrong, the new one against the rules, or the same; TooMany after five.
    """
    consume(action="old-password", who=str(user.pk), limit=OLD_TRIES)
    if not user.check_password(old):
        raise Invalid(field=_("目前的密碼"), reason=_("不正確，請再輸入一次。"))
    forget(action="old-password", who=str(user.pk))
    if old == new:
        raise Invalid(field=_("新密碼"), reason=_("不能和目前的密碼相同。"))
    with transaction.atomic():
        set_own_password(user, new)
        record(actor=actor, action="account.password_changed", subject=user)
    return user


def set_own_password(user: User, password: str) -> None:
    """A part of the operations that let somebody choose a password, which name their actor.

    Raises Invalid with every rule that the password breaks.
    """
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        raise Invalid(field=_("新密碼"), reason=" ".join(refusal.messages)) from refusal
    user.set_password(password)
    user.save(update_fields=["password"])


def tell_of_new_password(*, actor: Actor, user: User) -> bool:  # noqa: ARG001 -- changes nothing
    """Write to the owner that the password was changed; whether there was an address."""
    text = _("您的密碼剛才更換了，其他裝置上的登入都已結束。\n\n如果不是您本人，請立刻洽%(office)s。\n") % {
        "office": settings.OFFICE
    }
    return write_to_owner(user, _("您的密碼已更換"), text)
