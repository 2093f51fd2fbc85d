from django import forms
from django.utils.translation import gettext_lazy as _

from licheng.school.outcomes.statements import ReadyReason, Statement


class NoteForm(forms.Form):
    """The note; how long it may be is the operation's to say."""

    note = forms.CharField(
        label=_("成果簡述"),
        required=False,
        strip=False,
        help_text=_("最多 100 字：做了什麼、怎麼做、學到什麼。"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_note(self) -> str:
        """Line ends as people count them: one character each, though browsers send two."""
        note: str = self.cleaned_data["note"]
        return note.replace("\r\n", "\n")


class PassForm(forms.Form):
    """The three statements, and which bytes were on the page."""

    statements = forms.MultipleChoiceField(
        label=_("我已經看過檔案，確認這件成果"),
        choices=Statement,
        error_messages={"required": _("三項都確認並勾選之後才能通過；有一項不成立請退回並說明原因。")},
        widget=forms.CheckboxSelectMultiple,
    )
    seen_document = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    seen_media = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class ReturnForm(forms.Form):
    """Why it goes back: a ready-made reason, own words, or both."""

    ready = forms.ChoiceField(
        label=_("常用的退回原因"),
        choices=ReadyReason,
        required=False,
        help_text=_("選一個、在下面自己寫，或兩個都用；至少要有一個。"),
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("自己的話"),
        required=False,
        help_text=_("學生會看到這段話。和上面的原因合計最多 300 字。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def reason(self) -> str:
        """What the student reads."""
        ready = self.cleaned_data.get("ready", "")
        parts = [str(ReadyReason(ready).label) if ready else "", self.cleaned_data.get("words", "")]
        return "\n".join(part.strip().replace("\r\n", "\n") for part in parts if part.strip())
