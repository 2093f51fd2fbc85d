"""The form of a category, built from its data: one control for each field, then note and link."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licheng.foundations.errors import Invalid
from licheng.school.activities.categories import CATEGORIES, Field, FieldKind
from licheng.school.activities.models import NOTE_CHARACTERS
from licheng.school.activities.operations.writing import read_link, read_note
from licheng.school.activities.values import read_value, typed_value

BLANK = ("", _("請選擇"))


class ActivityForm(forms.Form):
    """A draft may be kept half-written: nothing is demanded here, the marks say what selection demands."""

    use_required_attribute = False

    def __init__(self, category: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about = CATEGORIES[category]
        for field in self.about.fields:
            self.fields[field.key] = form_field(field)
        self.fields["note"] = Read(
            read_note,
            label=_("內容簡述"),
            required=False,
            help_text=_("用自己的話說明做了什麼、學到什麼；最多 100 字。"),
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        self.fields["link"] = Read(
            read_link,
            label=_("外部影音連結"),
            required=False,
            help_text=_("沒有檔案時，可以貼上公開的影片或網頁網址。連結失效就不算證明。"),
            widget=forms.URLInput(attrs={"inputmode": "url"}),
        )
        self._mark_required()

    def full_clean(self) -> None:
        """Check what is there; what is missing is not an error yet."""
        for field in self.fields.values():
            field.required = False
        super().full_clean()
        self._mark_required()

    def _mark_required(self) -> None:
        for field in self.about.fields:
            self.fields[field.key].required = field.is_required

    @property
    def note_characters(self) -> int:
        """How many characters the note may have."""
        return NOTE_CHARACTERS

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The category's fields in the roster's order."""
        return [self[field.key] for field in self.about.fields]

    def written(self) -> dict[str, str]:
        """The category's fields as they were read."""
        return {field.key: self.cleaned_data.get(field.key, "") for field in self.about.fields}


class Read(forms.CharField):
    """A text that the operation's own reader checks, so that form and operation cannot disagree."""

    def __init__(self, read: Callable[[str], str], **options: Any) -> None:
        super().__init__(**options)
        self.read = read

    def clean(self, value: Any) -> str:
        """The value as it is kept."""
        try:
            return self.read(super().clean(value))
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal.data["reason"])) from refusal


def form_field(field: Field) -> Read:
    """The control for one field of a category."""
    return Read(
        lambda text: read_value(field, text),
        label=field.label,
        required=field.is_required,
        help_text=field.help,
        widget=_widget(field),
    )


def _widget(field: Field) -> forms.Widget:
    if field.kind is FieldKind.CODE:
        return forms.Select(choices=[BLANK, *((choice.code, choice.label) for choice in field.choices)])
    attrs: dict[str, Any] = {"autocomplete": "off"}
    if field.kind in {FieldKind.DECIMAL, FieldKind.WHOLE, FieldKind.SCHOOL_YEAR}:
        attrs["inputmode"] = "decimal" if field.kind is FieldKind.DECIMAL else "numeric"
    return forms.TextInput(attrs=attrs)


def form_for(category: str, data: Mapping[str, Any] | None, initial: Mapping[str, str]) -> ActivityForm:
    """The form of one category, filled with what is kept or with what was just sent."""
    typed = {f.key: typed_value(f, initial.get(f.key, "")) for f in CATEGORIES[category].fields}
    return ActivityForm(category, data, initial={**initial, **typed})
