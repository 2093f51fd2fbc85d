from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError


class CodeRefused(DomainError):
    """Wrong school, account or code, or a code that is used, expired or withdrawn: one answer for all."""

    code = "code-refused"
    status = 422
    says = _("帳號或啟用碼不正確，或這組啟用碼已經用過、過期或作廢。")
    remedy = _("請照紙卡或信件再輸入一次；還是不行，請向發給您啟用碼的人重新申請一組。")


class AlreadyEnrolled(DomainError):
    """A first code is for those who have no password yet; whoever has one is let in again by recovery."""

    code = "already-enrolled"
    says = _("這個帳號已經啟用，不能再發第一次的啟用碼。")
    remedy = _("本人進不去時，請確認身分後辦理「重新啟用」。")


class NotShown(DomainError):
    """Wrong, spent or copied; one answer for all."""

    code = "not-shown"
    status = 422
    says = _("無法確認身分：驗證碼、通行金鑰或密碼不正確，或這組驗證碼已經用過。")
    remedy = _("驗證碼每 30 秒換一組，每組只能用一次。請等下一組，或改用另一種方式。")


class LastFactor(DomainError):
    """The only factor of somebody who must have one."""

    code = "last-factor"
    says = _("這是最後一種登入保護，您的職務一定要有，所以不能移除。")
    remedy = _("請先加上另一種，再移除這一種。")


class LetterNotSent(DomainError):
    """The mail server is away or refused the letter."""

    code = "letter-not-sent"
    status = 503
    says = _("現在寄不出信，所以還沒有寄給您。")
    remedy = _("請檢查電子郵件有沒有打錯，過幾分鐘再試一次；一直不行，請通知{office}。")


class LinkRefused(DomainError):
    """A link of a forgotten password that is used, too old or made up; one answer for all."""

    code = "link-refused"
    status = 422
    says = _("這個連結已經用過或過期了。")
    remedy = _("請回到登入頁，按「忘記密碼」重新申請一次；連結 30 分鐘內有效，只能用一次。")
