"""Adding, naming and removing second factors. Each change is told to the owner and to the other sessions."""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.accounts.errors import LastFactor
from licheng.foundations.accounts.factors import KEPT_AT, SHOWABLE, Registration, counter_of
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.operations.letters import write_to_owner
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_fresh
from licheng.foundations.errors import Invalid, NotFound

NAME_LENGTH = 60
APP, PASSKEY = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN
CODES = Authenticator.Type.RECOVERY_CODES


@transaction.atomic
def add_app(*, actor: Actor, user: User, secret: str, code: str) -> bool:
    """Add the authenticator app that shows this secret's codes; whether recovery codes were made with it.

    Raises StepUpNeeded, or Invalid when the code is not of this secret or the account has an app already.
    """
    _lock(actor, user)
    counter = counter_of(secret, code)
    if counter is None:
        raise Invalid(field=_("驗證碼"), reason=_("不正確。請看應用程式現在顯示的 6 位數字，再輸入一次。"))
    if Authenticator.objects.filter(user_id=user.pk, type=APP).exists():
        raise Invalid(
            field=_("驗證應用程式"), reason=_("已經設定過。要換一支手機，請先加通行金鑰或移除舊的。")
        )
    row = TOTP.activate(user, secret).instance
    row.data["last_counter"] = counter  # the code that proved it is spent
    row.save(update_fields=["data"])
    return _added(actor, user, row)


@transaction.atomic
def add_passkey(*, actor: Actor, user: User, registration: Registration, name: str) -> bool:
    """Add a passkey that the browser has just made; whether recovery codes were made with it.

    Raises StepUpNeeded, or Invalid when the account has `MFA_PASSKEYS_MOST` already.
    """
    _lock(actor, user)
    held = Authenticator.objects.filter(user_id=user.pk, type=PASSKEY).count()
    if held >= settings.PASSKEYS_MOST:
        raise Invalid(field=_("通行金鑰"), reason=_("已經太多把，請先移除不用的。"))
    row = WebAuthn.add(user, name[:NAME_LENGTH] or _("通行金鑰"), registration.credential).instance
    row.data["sign_count"] = registration.sign_count
    row.save(update_fields=["data"])
    return _added(actor, user, row)


def _added(actor: Actor, user: User, row: Authenticator) -> bool:
    makes_codes = not Authenticator.objects.filter(user_id=user.pk, type=CODES).exists()
    if makes_codes:
        RecoveryCodes.activate(user)
    _changed(user)
    record(actor=actor, action="account.factor_added", subject=user, kind=row.type, factor=row.pk)
    _tell(user, _("您的帳號新增了登入保護"), _("新增了「{what}」。").format(what=_what_is(row)))
    return makes_codes


@transaction.atomic
def rename_passkey(*, actor: Actor, user: User, factor_id: int, name: str) -> None:
    """Give an own passkey another name.

    Raises NotFound for passkeys of others, StepUpNeeded, or Invalid for an empty name.
    """
    row = _own(user, factor_id)
    _lock(actor, user)
    if row.type != PASSKEY:
        raise NotFound
    if not name.strip():
        raise Invalid(field=_("名稱"), reason=_("請寫一個認得出來的名稱，例如「辦公室電腦」。"))
    row.data["name"] = name.strip()[:NAME_LENGTH]
    row.save(update_fields=["data"])
    record(actor=actor, action="account.factor_renamed", subject=user, factor=row.pk)


@transaction.atomic
def remove_factor(*, actor: Actor, user: User, factor_id: int) -> None:
    """Remove an own passkey or app; recovery codes go with the last one.

    Raises NotFound for factors of others, StepUpNeeded, or LastFactor for the only one of somebody who must
    have one.
    """
    _own(user, factor_id)
    _lock(actor, user)
    rows = Authenticator.objects.select_for_update().filter(user_id=user.pk)
    showable = [row for row in rows if row.type in SHOWABLE]
    row = next((one for one in showable if one.pk == factor_id), None)
    if row is None:  # gone meanwhile, or the recovery codes, which are replaced and never removed
        raise NotFound
    is_last = len(showable) == 1
    if is_last and actor.needs_factor:
        raise LastFactor
    (rows if is_last else rows.filter(pk=factor_id)).delete()
    _changed(user)
    record(actor=actor, action="account.factor_removed", subject=user, kind=row.type, factor=factor_id)
    _tell(user, _("您的帳號移除了登入保護"), _("移除了「{what}」。").format(what=_what_is(row)))


@transaction.atomic
def renew_recovery_codes(*, actor: Actor, user: User) -> None:
    """Make new recovery codes; the old ones stop working at once. They are shown by `show_recovery_codes`.

    Raises StepUpNeeded, or NotFound without a factor that they could stand in for.
    """
    _lock(actor, user)
    if not Authenticator.objects.filter(user_id=user.pk, type__in=SHOWABLE).exists():
        raise NotFound
    Authenticator.objects.filter(user_id=user.pk, type=CODES).delete()
    RecoveryCodes.activate(user)
    record(actor=actor, action="account.recovery_codes_renewed", subject=user)
    _tell(user, _("您的帳號換了一組救援碼"), _("產生了新的救援碼，舊的全部失效。"))


@transaction.atomic
def show_recovery_codes(*, actor: Actor, user: User) -> list[str]:
    """The recovery codes that are left; an empty list once their owner has said that they are kept.

    A page that was reloaded, or a printer that jammed, takes nothing away. Raises StepUpNeeded, or NotFound
    when the account has none.
    """
    _lock(actor, user)
    row = _codes(user)
    if KEPT_AT in row.data:
        return []
    record(actor=actor, action="account.recovery_codes_shown", subject=user)
    codes: list[str] = RecoveryCodes(row).get_unused_codes()
    return codes


@transaction.atomic
def keep_recovery_codes(*, actor: Actor, user: User) -> None:
    """Say that the recovery codes are kept elsewhere: from now on nobody is shown them again.

    It shows nothing, so whoever took ten minutes to print them is not asked once more who she is. Raises
    NotFound when the account has none.
    """
    row = _codes(user)
    if KEPT_AT not in row.data:
        row.data[KEPT_AT] = timezone.now().timestamp()
        row.save(update_fields=["data"])
        record(actor=actor, action="account.recovery_codes_kept", subject=user)


@transaction.atomic
def clear_factors(*, actor: Actor, user: User) -> int:
    """Remove every factor of somebody who has lost them all and was recognised by other means; how many went.

    Part of letting a person in again: the caller has asked its rule and writes to the owner.
    """
    removed: int = Authenticator.objects.filter(user_id=user.pk).delete()[0]
    if removed:
        _changed(user)
        record(actor=actor, action="account.factors_cleared", subject=user, removed=removed)
    return removed


def _what_is(row: Authenticator) -> str:
    """A factor in the reader's words."""
    if row.type == PASSKEY:
        return _("通行金鑰：{name}").format(name=row.data["name"])
    return _("驗證應用程式") if row.type == APP else _("救援碼")


def _own(user: User, factor_id: int) -> Authenticator:
    row = Authenticator.objects.filter(user_id=user.pk, pk=factor_id).first()
    if row is None:
        raise NotFound
    return row


def _codes(user: User) -> Authenticator:
    """The recovery codes of an account, locked. Raises NotFound."""
    row = Authenticator.objects.select_for_update().filter(user_id=user.pk, type=CODES).first()
    if row is None:
        raise NotFound
    return row


def _lock(actor: Actor, user: User) -> None:
    """One change of an account's factors at a time, by somebody who has just shown who it is."""
    User.objects.select_for_update().get(pk=user.pk)
    require_fresh(actor)


def _changed(user: User) -> None:
    User.objects.filter(pk=user.pk).update(factors_version=F("factors_version") + 1)
    user.refresh_from_db(fields=["factors_version"])


def _tell(user: User, subject: str, sentence: str) -> None:
    """Write to the owner once it is certain."""
    ending = _("如果不是您本人做的，請立刻更換密碼，並通知%(office)s。") % {"office": settings.OFFICE}
    transaction.on_commit(lambda: write_to_owner(user, subject, f"{sentence}\n\n{ending}\n"))
