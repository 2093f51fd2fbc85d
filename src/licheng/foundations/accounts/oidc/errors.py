from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class IdentityRefused(DomainError):
    """The answer of the other organisation cannot be believed, or speaks of somebody else.

    People read one sentence for every `reason`; the audit keeps which it was.
    """

    code = "identity-refused"
    status = 403
    says = _("教育雲端帳號送回來的資料無法確認，所以沒有登入。")
    remedy = _("請回到登入頁再試一次；一直不行，請改用學校帳號登入，並告訴學校的系統管理員。")

    def __init__(self, reason: str, **data: object) -> None:
        super().__init__(reason=reason, **data)
        self.reason = reason


class IssuerAway(DomainError):
    """The other organisation does not answer, or not in the way it promised."""

    code = "issuer-away"
    status = 503
    says = _("現在連不上教育雲端帳號。")
    remedy = _("請用學校帳號和密碼登入，或過幾分鐘再試。")


class LinkedElsewhere(DomainError):
    """An identity belongs to one account of this site, and an account has one identity of an issuer."""

    code = "identity-linked-elsewhere"
    says = _("這個教育雲端帳號或這個學校帳號已經連結過了，不能再連結一次。")
    remedy = _("如果這不是您連結的，請告訴學校的系統管理員；要換一個，請先在「登入保護」解除連結。")


class NothingToLink(DomainError):
    """The identity that was shown is too old, or was never shown in this session."""

    code = "nothing-to-link"
    says = _("要連結的教育雲端帳號已經超過 10 分鐘，或不是在這個瀏覽器登入的。")
    remedy = _("請從「登入保護」再按一次「連結教育雲端帳號」。")
