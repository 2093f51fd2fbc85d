from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class ListChanged(DomainError):
    """The list to write to is not the one that was shown; nothing was sent."""

    code = "list-changed"
    says = _("名單在您確認之後變了，還沒有寄出任何一封。")
    remedy = _("請再看一次名單，再按寄出。")


class NotToOneself(DomainError):
    """Nobody gives a role or a deputyship to herself."""

    code = "not-to-oneself"
    status = 403
    says = _("不能把職務或代理授予自己。")
    remedy = _("請由另一位有權的人授予。")


class AlreadyHeld(DomainError):
    """The same role in the same scope is already held on some of these days."""

    code = "already-held"
    says = _("{person} 在這段期間已經有「{role}」的職務，沒有重複授予。")
    remedy = _("請改期間，或先結束原來的。")


class GuardianCodeRefused(DomainError):
    """A guardian's code opens nothing: one answer for every reason, so that nothing is learnt by asking."""

    code = "guardian-code-refused"
    status = 422
    says = _("這組家長連結碼不能用：可能打錯、用過、作廢或過期了。")
    remedy = _("請再看一次，或請孩子、學校註冊組給您一組新的。")


class TooManyGuardianCodes(DomainError):
    """Several codes of one student are open already."""

    code = "too-many-guardian-codes"
    says = _("已經有 {count} 組家長連結碼還沒使用，沒有產生新的。")
    remedy = _("請先作廢不需要的，再產生新的。")


class AlreadyLinked(DomainError):
    """This guardian is linked to this student already."""

    code = "already-linked"
    says = _("您已經連結了這位學生，不必再用一組連結碼。")
    remedy = _("這組連結碼還沒有用掉，可以給另一位家長。")
