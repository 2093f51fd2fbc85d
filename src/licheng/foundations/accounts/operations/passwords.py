import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from licheng.foundations.accounts.models import User
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid

# Letters and digits that nobody confuses when reading from a printed sheet.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP_LENGTH = 4, 4


def open_account(*, actor: Actor, login: str, name: str, is_operator: bool = False) -> User:
    """Make a sign-in without a password; it opens once a first password is issued."""
    user = User(login=login, name=name, is_operator=is_operator)
    user.set_unusable_password()
    user.save()
    record(actor=actor, action="account.opened", subject=user)
    return user


@transaction.atomic
def issue_first_password(*, actor: Actor, user: User) -> str:
    """Give a person a random first password, to be replaced at once; returned here, never stored.

    Never derived from the ID number: that rule of older systems let classmates in.
    """
    password = "-".join(
        "".join(secrets.choice(READABLE) for _letter in range(GROUP_LENGTH)) for _group in range(GROUPS)
    )
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    record(actor=actor, action="account.password_issued", subject=user)
    return password


@transaction.atomic
def change_password(*, actor: Actor, user: User, old: str, new: str) -> User:
    """Replace one's own password.

    Raises Invalid when the old one is wrong, the new one too short, too common, or the same.
    """
    if not user.check_password(old):
        raise Invalid(field=_("目前的密碼"), reason=_("不正確，請再輸入一次。"))
    if old == new:
        raise Invalid(field=_("新密碼"), reason=_("不能和目前的密碼相同。"))
    try:
        validate_password(new, user)
    except ValidationError as refusal:
        raise Invalid(field=_("新密碼"), reason=" ".join(refusal.messages)) from refusal
    user.set_password(new)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record(actor=actor, action="account.password_changed", subject=user)
    return user
