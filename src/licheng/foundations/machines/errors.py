from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError, NotAllowed


class TokenUnknown(DomainError):
    """No token, an unknown, an expired or a revoked one: one answer, so that nothing is learnt."""

    code = "token-unknown"
    status = 401
    says = _("權杖不正確、已到期或已撤銷。")
    remedy = _("請向發給權杖的人確認，必要時換一個新的。")


class ScopeMissing(NotAllowed):
    """A good token that is for something else; `scope` is the one it lacks."""

    code = "scope-missing"
    says = _("這個權杖沒有「{scope}」這項權限。")
    remedy = _("請發給權杖的人建立一個含有這項權限的權杖。")


class TokenInactive(DomainError):
    """A token is revoked once."""

    code = "token-inactive"
    says = _("這個權杖已經撤銷了。")
    remedy = _("不必再做任何事；它已經不能使用。")
