from typing import Any

from django import forms
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.ui.templatetags.licheng_ui import bytes_text
from licheng.school.people.models import School
from licheng.school.rosters.models import RosterKind, RosterMode

LIMIT_BYTES = 20 * 2**20
ACCEPT = ".csv,.txt,.xlsx,.ods"
SEMESTERS = [("1", "1"), ("2", "2")]
YEARS_BACK = 3  # marks of a whole course of studies; own bound


class RosterForm(forms.Form):
    """A roster file, what kind of roster it is unless its columns tell, and for which semester."""

    file = forms.FileField(
        label=gettext_lazy("名冊檔案"),
        max_length=255,
        help_text=gettext_lazy("CSV、TXT、XLSX 或 ODS，20 MB 以內。UTF-8、Big5、UTF-16 都可以。"),
        error_messages={
            "required": gettext_lazy("請選擇名冊檔案。"),
            "empty": gettext_lazy("檔案是空的（0 位元組）。請確認內容後再選一次。"),
            "max_length": gettext_lazy("檔名太長，請縮短後再選一次。"),
        },
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("名冊種類"),
        required=False,
        choices=[("", gettext_lazy("依欄位名稱自動判斷")), *RosterKind.choices],
        help_text=gettext_lazy("看不出來時，系統會請您自己選擇。"),
    )
    school_year = forms.TypedChoiceField(label=gettext_lazy("學年度"), coerce=int, required=False)
    semester = forms.TypedChoiceField(
        label=gettext_lazy("學期"), coerce=int, required=False, choices=SEMESTERS
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("匯入方式"),
        required=False,
        choices=RosterMode.choices,
        initial=RosterMode.MERGE,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("移除之前都會先列給您看；已經有學習成果的修課不會移除。"),
    )

    def __init__(self, *args: Any, school: School, **more: Any) -> None:
        super().__init__(*args, **more)
        _offer_semesters(self, school)

    def clean_kind(self) -> RosterKind | None:
        """The kind, or None when the columns decide."""
        chosen = self.cleaned_data["kind"]
        return RosterKind(chosen) if chosen else None

    def clean_mode(self) -> RosterMode:
        """How rows that the file does not name are treated; they stay unless somebody says otherwise."""
        return RosterMode(self.cleaned_data["mode"] or RosterMode.MERGE)

    def clean_file(self) -> TemporaryUploadedFile:
        """Not larger than a roster can sensibly be."""
        file: TemporaryUploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > LIMIT_BYTES:
            sizes = {"size": bytes_text(file.size, LIMIT_BYTES), "limit": bytes_text(LIMIT_BYTES)}
            raise forms.ValidationError(_("檔案有 %(size)s，上限是 %(limit)s。請分成幾個檔案匯入。") % sizes)
        return file


class ExportForm(forms.Form):
    """Which of the school's rosters to take away, and of which semester where it is of one."""

    kind = forms.ChoiceField(label=gettext_lazy("名冊種類"), choices=RosterKind.choices)
    school_year = forms.TypedChoiceField(label=gettext_lazy("學年度"), coerce=int)
    semester = forms.TypedChoiceField(label=gettext_lazy("學期"), coerce=int, choices=SEMESTERS)

    def __init__(self, *args: Any, school: School, **more: Any) -> None:
        super().__init__(*args, **more)
        _offer_semesters(self, school)


def _offer_semesters(form: forms.Form, school: School) -> None:
    """Have a form offer the school's years, and this semester first."""
    now = school.active_year
    year, semester = form.fields["school_year"], form.fields["semester"]
    years = range(now + 1, now - YEARS_BACK - 1, -1)
    year.choices = [(str(one), str(one)) for one in years]  # type: ignore[attr-defined]
    year.initial, semester.initial = str(now), str(school.active_semester)
