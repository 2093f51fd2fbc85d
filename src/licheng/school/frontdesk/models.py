import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from licheng.school.frontdesk.states import HelpState
from licheng.school.people.models import Person, School


class Announcement(models.Model):
    """Something a school tells everybody, from one moment to another; text only, no markup."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    title = models.CharField(_("標題"), max_length=100)
    body = models.TextField(_("內容"), max_length=4000)
    is_security_notice = models.BooleanField(_("資訊安全公告"), default=False)
    is_public = models.BooleanField(_("登入前也看得到"), default=True)
    shown_from = models.DateTimeField(_("開始顯示"))
    shown_until = models.DateTimeField(_("結束顯示"), null=True, blank=True)
    written_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("發布者")
    )
    written_at = models.DateTimeField(_("發布時間"), auto_now_add=True)
    withdrawn_at = models.DateTimeField(_("撤下時間"), null=True, blank=True)

    class Meta:
        verbose_name = _("公告")
        ordering = ["-shown_from", "-pk"]
        indexes = [models.Index(fields=["school", "shown_from"], name="announcement_shown")]

    def __str__(self) -> str:
        return self.title


class HelpRequest(models.Model):
    """A question to a school's help desk, signed in or not; whoever asked holds a secret address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    person = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("提問者")
    )
    name = models.CharField(_("稱呼"), max_length=40)
    email = models.EmailField(_("電子郵件"), blank=True)
    subject = models.CharField(_("主旨"), max_length=100)
    state = models.CharField(_("狀態"), max_length=8, choices=HelpState, default=HelpState.OPEN)
    digest = models.CharField(max_length=64, unique=True)  # of the secret in the asker's address
    asked_at = models.DateTimeField(_("提問時間"), auto_now_add=True)
    moved_at = models.DateTimeField(_("最後更新"), auto_now=True)

    class Meta:
        verbose_name = _("詢問")
        ordering = ["-moved_at"]

    def __str__(self) -> str:
        return self.subject

    @property
    def tone(self) -> str:
        """The chip's tone."""
        return {HelpState.OPEN: "waiting", HelpState.ANSWERED: "success"}.get(
            HelpState(self.state), "neutral"
        )


class HelpReply(models.Model):
    """One message of a thread: the asker's, or the desk's when `from_desk` is set."""

    school = models.ForeignKey(School, on_delete=models.PROTECT)
    request = models.ForeignKey(
        HelpRequest, on_delete=models.CASCADE, related_name="replies", verbose_name=_("詢問")
    )
    written_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("回覆者")
    )
    from_desk = models.BooleanField(_("服務臺回覆"), default=False)
    body = models.TextField(_("內容"), max_length=2000)
    written_at = models.DateTimeField(_("時間"), auto_now_add=True)

    class Meta:
        verbose_name = _("回覆")
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return f"reply to {self.request_id}"


class Usage(models.Model):
    """What one school did in a semester, counted every few minutes: numbers, of nobody in particular."""

    school = models.OneToOneField(School, on_delete=models.PROTECT, related_name="+", verbose_name=_("學校"))
    school_year = models.PositiveSmallIntegerField(_("學年度"))
    semester = models.PositiveSmallIntegerField(_("學期"))
    enrolled = models.PositiveIntegerField(_("在學學生"))
    signed_in = models.PositiveIntegerField(_("登入過的學生"))
    uploaded = models.PositiveIntegerField(_("課程學習成果"))
    certified = models.PositiveIntegerField(_("已認證的成果"))
    selected = models.PositiveIntegerField(_("已勾選的成果"))
    counted_at = models.DateTimeField(_("統計時間"))

    class Meta:
        verbose_name = _("使用率")

    def __str__(self) -> str:
        return f"{self.school_id} {self.counted_at:%Y-%m-%d %H:%M}"
