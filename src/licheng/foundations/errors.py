"""Refusals. One subclass per reason, with a stable code, an HTTP status and the sentence people read.

Operations raise them; `licheng.config.web` alone turns them into pages, fragments or problem+json.
"""

from typing import ClassVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal with a reason. `says` is a template over the keyword data; `remedy` says what to do next.

    `{office}` in a remedy is who looks after the accounts of this site.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    says: ClassVar[str | Promise] = _("這個動作現在無法完成。")
    remedy: ClassVar[str | Promise] = ""

    def __init__(self, **data: object) -> None:
        super().__init__(self.code)
        self.data = data

    @property
    def sentence(self) -> str:
        """The refusal in the reader's language, with its facts filled in."""
        return str(self.says).format_map(self.data)

    @property
    def what_to_do(self) -> str:
        """The next step in the reader's language; empty when there is none."""
        return str(self.remedy).format_map({"office": settings.OFFICE, **self.data})

    @property
    def whole(self) -> str:
        """The refusal and the next step in one line, apart by a space where the language has one."""
        is_english = (get_language() or "").startswith("en")
        return (" " if is_english else "").join(filter(None, (self.sentence, self.what_to_do)))

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


class NotFound(DomainError):
    """Out of sight: the row does not exist for this actor."""

    code = "not-found"
    status = 404
    says = _("找不到這筆資料。")
    remedy = _("它可能已被刪除，或不屬於您的學校或單位。請回到上一頁重新選擇。")


class NotAllowed(DomainError):
    """In sight, but not this actor's to do. `rule` is the sentence of the rule that refused."""

    code = "not-allowed"
    status = 403
    says = _("您沒有這項權限：{rule}")
    remedy = _("如果您認為應該可以，請洽{office}。")


class StepUpNeeded(DomainError):
    """The rule lets this actor in, but wants to be shown again, just now, that it is the same person.

    The web sends a page's visitor to prove it and back; `licheng.foundations.accounts` owns that page.
    """

    code = "step-up-needed"
    status = 403
    says = _("這個動作要再確認一次您的身分，還沒有做。")
    remedy = _("請用密碼、通行金鑰或驗證碼確認身分，再按一次。")


class TooMany(DomainError):
    """Asked too often; `wait` is in whole minutes."""

    code = "too-many"
    status = 429
    says = _("次數太多了，請等 {wait} 分鐘再試。")
    remedy = _("已經存好的內容都還在，不必重做。")


class WrongState(DomainError):
    """The row is not in a state from which this move starts."""

    code = "wrong-state"
    says = _("「{move}」現在不能做：這一筆目前是「{state}」。")
    remedy = _("請重新整理頁面，看看它最新的狀態。")


class Invalid(DomainError):
    """A value breaks a rule; `field` names it and `reason` says how, already in the reader's language."""

    code = "invalid"
    status = 422
    says = _("{field}：{reason}")


class BodyTooLarge(DomainError):
    """More bytes than this address takes; `limit` is in bytes."""

    code = "body-too-large"
    status = 413
    says = _("送出的資料太大，沒有收下；最多 {limit} 位元組。")
    remedy = _("請分成幾次送出。")


class SignedOut(DomainError):
    """The session ended between opening a page and sending its form."""

    code = "signed-out"
    status = 401
    says = _("您已經登出或太久沒有動作，剛才送出的內容沒有存進去。")
    remedy = _("請重新登入，再做一次。先前已經存好的內容和檔案都還在。")


class FormExpired(DomainError):
    """The form's token is not this session's: too old, signed in again elsewhere, or not sent from here."""

    code = "form-expired"
    status = 403
    says = _("這個表單已過期，剛才送出的內容沒有存進去。")
    remedy = _("請回到上一頁、重新整理，再送出一次。")
