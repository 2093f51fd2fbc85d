"""The form of a consultation: when and where, for whom, what about, what was said."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from licheng.foundations.errors import Invalid
from licheng.foundations.ui.inputs import DayInput
from licheng.school.counselling.entries import FIELDS, Entry, clean_text
from licheng.school.counselling.models import CONTENT_CHARACTERS, NOTE_CHARACTERS, Consultation, Manner
from licheng.school.counselling.queries import Picks
from licheng.school.people.duty_forms import BLANK


class TimeInput(forms.TimeInput):
    """A time of day, with the browser's own control."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class Text(forms.CharField):
    """A text that is kept as `clean_text` says."""

    def __init__(self, name: str, **more: Any) -> None:
        super().__init__(strip=False, **more)
        self.label = FIELDS[name][0]
        self.name = name

    def clean(self, value: Any) -> str:
        """The text, or what is wrong with it."""
        try:
            kept = clean_text(self.name, value or "")
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal.data["reason"])) from refusal
        return str(super().clean(kept))


class ConsultationForm(forms.Form):
    """Which students there are to tick is said by `picks`; whether she may name them, by the operation.

    `named` are those who stand in the consultation now.
    """

    use_required_attribute = False
    held_on = forms.DateField(label=_("日期"), widget=DayInput)
    starts_at = forms.TimeField(label=pgettext_lazy("課程諮詢", "開始時間"), widget=TimeInput, required=False)
    place = Text("place")
    manner = forms.ChoiceField(label=_("諮詢方式"), choices=Manner, widget=forms.RadioSelect)
    topic = Text("topic")
    class_id = forms.IntegerField(
        label=_("從班級挑選"),
        required=False,
        widget=forms.Select,
        help_text=_("選一個班，按「列出學生」再勾選；換另一班，已勾的會留著。"),
    )
    students = forms.TypedMultipleChoiceField(
        label=_("諮詢對象"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("請至少選一位學生。")},
    )
    content = Text(
        "content",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("完成紀錄時要填。諮詢的每一位學生都讀得到，請不要寫某一位學生的私事。"),
    )
    note = Text("note", required=False, help_text=_("附件是什麼，最多 100 字；附件在儲存之後上傳。"))

    def __init__(self, *args: Any, picks: Picks, named: frozenset[int] = frozenset(), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = named - {pick.person_id for pick in picks.students} if self.is_bound else frozenset()
        select = self.fields["class_id"].widget
        if isinstance(select, forms.Select):
            select.choices = [BLANK, *picks.classes]
        students = self.fields["students"]
        if isinstance(students, forms.TypedMultipleChoiceField):
            students.choices = [(pick.person_id, pick.text) for pick in picks.students]
            students.required = not self.kept

    @property
    def content_characters(self) -> int:
        """How many characters the content may have."""
        return CONTENT_CHARACTERS

    @property
    def note_characters(self) -> int:
        """How many characters the note may have."""
        return NOTE_CHARACTERS

    def entry(self) -> Entry:
        """What was filled in; students who are named but not offered any more stay named."""
        data = self.cleaned_data
        return Entry(
            held_on=data["held_on"],
            starts_at=data["starts_at"],
            place=data["place"],
            manner=data["manner"],
            topic=data["topic"],
            student_ids=frozenset(data["students"]) | self.kept,
            content=data["content"],
            note=data["note"],
        )

    def tell(self, refusal: Invalid) -> None:
        """Show what an operation refused at the field it is about."""
        labels = {str(field.label): name for name, field in self.fields.items()}
        self.add_error(labels.get(str(refusal.data["field"])), str(refusal.data["reason"]))


def typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed so far, for showing the form again without judging it."""
    return {name: data.get(name, "") for name in ConsultationForm.base_fields if name != "students"}


def kept_values(row: Consultation) -> dict[str, Any]:
    """What is kept, for the form."""
    names = ("held_on", "starts_at", "place", "manner", "topic", "content", "note")
    return {name: getattr(row, name) for name in names}
