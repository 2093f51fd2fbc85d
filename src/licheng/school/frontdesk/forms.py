from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from licheng.foundations.accounts.proof import ProofField
from licheng.school.frontdesk.operations.announcing import BODY_CHARACTERS as ANNOUNCED
from licheng.school.frontdesk.operations.announcing import TITLE_CHARACTERS
from licheng.school.frontdesk.operations.asking import (
    BODY_CHARACTERS,
    NAME_CHARACTERS,
    SUBJECT_CHARACTERS,
)

MOMENT = {"type": "datetime-local"}


class MessageForm(forms.Form):
    """One message of a thread."""

    body = forms.CharField(
        label=_("內容"),
        max_length=BODY_CHARACTERS,
        help_text=_("請不要寫身分證號碼、密碼或啟用碼；這裡不收檔案。"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class QuestionForm(MessageForm):
    """A question of somebody who is signed in."""

    subject = forms.CharField(label=_("主旨"), max_length=SUBJECT_CHARACTERS)

    field_order = ("name", "email", "subject", "body", "proof")


class StrangersQuestionForm(QuestionForm):
    """A question of nobody in particular: how to call them, where to write, and a proof of work."""

    name = forms.CharField(label=_("怎麼稱呼您"), max_length=NAME_CHARACTERS)
    email = forms.EmailField(
        label=_("電子郵件"),
        required=False,
        max_length=254,
        help_text=_("可以不填。填了，有回覆時會寄一封只含網址的信。"),
    )
    proof = ProofField()


class AnnouncementForm(forms.Form):
    """An announcement; times are Taiwan's."""

    title = forms.CharField(label=_("標題"), max_length=TITLE_CHARACTERS)
    body = forms.CharField(
        label=_("內容"),
        max_length=ANNOUNCED,
        help_text=_("純文字；換行照樣顯示，網址會變成連結。"),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    is_security_notice = forms.BooleanField(label=_("資訊安全公告（放在最前面）"), required=False)
    is_public = forms.BooleanField(label=_("登入前也看得到"), required=False, initial=True)
    shown_from = forms.DateTimeField(
        label=_("開始顯示"),
        required=False,
        help_text=_("留白就是現在。"),
        widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M"),
    )
    shown_until = forms.DateTimeField(
        label=_("結束顯示"),
        required=False,
        help_text=_("留白就一直顯示，直到撤下。"),
        widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M"),
    )

    def shown(self) -> dict[str, Any]:
        """What the reader of a preview would see."""
        return {**self.cleaned_data, "shown_from": self.cleaned_data["shown_from"] or timezone.now()}
