from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import DomainError, Invalid, WrongState


class OtherSemester(DomainError):
    """The course is not of the semester that the school works in now."""

    code = "other-semester"
    says = _("「{course}」不是這學期的課，現在不能為它新增成果。")
    remedy = _("請從這學期的修課清單選一門課；課不在清單上請洽註冊組。")


class NoCredits(DomainError):
    """The course gives this student no credits in this semester."""

    code = "no-credits"
    says = _("「{course}」這學期沒有學分，不能上傳課程學習成果。")
    remedy = _("只有有學分的課可以上傳；不屬於課程的作品可以放在多元表現。")


class CourseExcluded(DomainError):
    """Group activities and flexible learning without credit are not courses of the record (domain §2.4)."""

    code = "course-excluded"
    says = _("「{course}」屬於團體活動或彈性學習，不能上傳課程學習成果。")
    remedy = _("這類學習請記錄在多元表現的「彈性學習時間紀錄」。")


class TooManyOutcomes(DomainError):
    """The policy of the year allows no more outcomes in a semester."""

    code = "too-many-outcomes"
    says = _("這學期最多可以建立 {limit} 件課程學習成果，已經滿了。")
    remedy = _("請先刪除一件不需要的草稿，再新增這一件。")


class TooManyForCourse(DomainError):
    """The school's working group allows no more outcomes of one course (單科可上傳數)."""

    code = "too-many-for-course"
    says = _("「{course}」這學期最多可以建立 {limit} 件課程學習成果，已經滿了。")
    remedy = _("請先刪除這門課不需要的草稿，或為另一門課新增。")


class NoteTooLong(Invalid):
    """More code points than the exchange format holds."""

    code = "note-too-long"
    says = _("成果簡述有 {length} 字，最多 {limit} 字。")
    remedy = _("請刪減 {over} 字後再儲存。")


class NoteUnreadable(Invalid):
    """The note holds characters that no exchange file can carry."""

    code = "note-unreadable"
    says = _("成果簡述裡有看不見的控制字元（U+{codepoint}），不能儲存。")
    remedy = _("請改用自己輸入的文字，或貼上時選「貼上純文字」。")


class NoFile(DomainError):
    """Nothing to look at: neither document nor media."""

    code = "no-file"
    says = _("這件成果還沒有檔案，不能送出認證。")
    remedy = _("請先上傳文件或影音檔，再送出。")


class NoTeacher(DomainError):
    """Nobody could certify it."""

    code = "no-teacher"
    says = _("「{course}」目前沒有任課教師，送出後不會有人認證。")
    remedy = _("請告訴註冊組補上任課教師；草稿會保留。")


class BeingDecided(DomainError):
    """The teacher has decided and will publish; the student is not told how."""

    code = "being-decided"
    says = _("老師正在處理這件成果，現在不能收回。")
    remedy = _("老師發佈結果之後，您會在這裡看到；退回的可以修改後再送。")


class AlreadyDecided(WrongState):
    """Pressed twice, decided in another window, or by a colleague who teaches the same course."""

    says = _("這件成果已經決定過了：可能在另一個視窗，或由同一門課的其他老師。")
    remedy = _("請重新打開這一件看結果；還沒發佈的可以按「復原，重新決定」。")


class StatementMissing(Invalid):
    """A pass states three things; one of them was not ticked."""

    code = "statement-missing"
    says = _("還沒有勾選：{missing}。")
    remedy = _("三項都確認並勾選之後才能通過；有一項不成立請退回並說明原因。")


class FilesChanged(DomainError):
    """The bytes are no longer those that were shown beside the statement."""

    code = "files-changed"
    says = _("這件成果的檔案在您開啟之後換過了，這次的認證沒有記錄。")
    remedy = _("請重新開啟這一件，看過新的檔案再決定。")


class ReasonMissing(Invalid):
    """A student cannot mend what nobody named."""

    code = "reason-missing"
    says = _("退回需要說明原因，學生才知道怎麼修改。")
    remedy = _("請選一個常用原因，或用自己的話寫。")


class ReasonTooLong(Invalid):
    """The reason does not fit its column."""

    code = "reason-too-long"
    says = _("退回原因有 {length} 字，最多 {limit} 字。")
    remedy = _("請刪減後再退回；詳細的建議可以當面告訴學生。")


class NothingToPublish(Invalid):
    """The form named no outcome."""

    code = "nothing-to-publish"
    says = _("沒有選擇要發佈的成果。")
    remedy = _("請至少勾選一件；還沒有決定的成果請先通過或退回。")
