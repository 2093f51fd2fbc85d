from collections.abc import Iterable

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from licheng.school.calendar.models import WindowKind
from licheng.school.governance.queries import SettingLine
from licheng.school.governance.queries.proposals import read_cap, read_window
from licheng.school.governance.values import MOST, Value, ends_of

MOMENT = {"type": "datetime-local"}


class MinutesForm(forms.Form):
    """What every decision carries."""

    minutes = forms.CharField(
        label=_("會議日期與紀錄文號"),
        max_length=200,
        help_text=_("例如：115年9月3日 第1次工作小組會議紀錄"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class SettingsForm(MinutesForm):
    """Every setting as plain fields: a number for a cap, two times for a window."""

    def __init__(self, lines: Iterable[SettingLine], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict or None
        self.lines = tuple(lines)
        for line in self.lines:
            if line.kind:
                self._window_fields(line)
            else:
                self.fields[line.setting] = forms.CharField(
                    label=line.label,
                    required=False,
                    initial="" if line.value is None else line.value,
                    widget=forms.NumberInput(attrs={"min": 1, "max": MOST, "inputmode": "numeric"}),
                )

    def _window_fields(self, line: SettingLine) -> None:
        ends = ends_of(line.value) if isinstance(line.value, dict) else (None, None)
        for name, label, end in zip(("opens", "closes"), (_("開始"), _("結束")), ends, strict=True):
            initial = timezone.localtime(end).strftime("%Y-%m-%dT%H:%M") if end else ""
            self.fields[f"{line.setting}.{name}"] = forms.CharField(
                label=label, required=False, initial=initial, widget=forms.DateTimeInput(attrs=MOMENT)
            )

    def rows(self) -> list[tuple[SettingLine, list[forms.BoundField]]]:
        """Each setting with its fields, for the page."""
        return [
            (line, [self[name] for name in self.fields if name.startswith(line.setting)])
            for line in self.lines
        ]

    def wanted(self) -> dict[str, Value]:
        """Every setting as typed. Raises BadValue."""
        typed = self.cleaned_data
        return {
            line.setting: read_window(
                line.setting, typed[f"{line.setting}.opens"], typed[f"{line.setting}.closes"]
            )
            if line.kind
            else read_cap(line.setting, typed[line.setting])
            for line in self.lines
        }


class ExtensionForm(forms.Form):
    """Which window, for whom, until when and why."""

    kind = forms.ChoiceField(
        label=_("哪一個期間"), choices=[one for one in WindowKind.choices if one[0] != WindowKind.SUBMIT]
    )
    class_id = forms.TypedChoiceField(
        label=_("班級"), required=False, coerce=int, empty_value=None, help_text=_("班級和個人只選一種。")
    )
    account = forms.CharField(
        label=_("學號或帳號"),
        required=False,
        max_length=20,
        help_text=_("一位學生；教師認證也可以填教師的帳號。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    closes_at = forms.CharField(
        label=_("延長到"), help_text=_("這一刻起就截止。"), widget=forms.DateTimeInput(attrs=MOMENT)
    )
    reason = forms.CharField(label=_("事由"), max_length=200)

    def __init__(self, classes: Iterable[tuple[int, str]], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict or None
        choices = [("", _("不是整班")), *classes]
        self.fields["class_id"].choices = choices  # type: ignore[attr-defined]  # a choice field
