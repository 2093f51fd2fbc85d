from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licheng.school.people.models import School
from licheng.school.rosters.forms import YEARS_BACK
from licheng.school.rosters.models import RosterKind


class ExportForm(forms.Form):
    """Which of the school's rosters to take away, and of which semester where it is of one."""

    kind = forms.ChoiceField(label=_("名冊種類"), choices=RosterKind.choices)
    school_year = forms.TypedChoiceField(label=_("學年度"), coerce=int)
    semester = forms.TypedChoiceField(label=_("學期"), coerce=int, choices=[("1", "1"), ("2", "2")])

    def __init__(self, *args: Any, school: School, **more: Any) -> None:
        super().__init__(*args, **more)
        now = school.active_year
        year, semester = self.fields["school_year"], self.fields["semester"]
        years = range(now + 1, now - YEARS_BACK - 1, -1)
        year.choices = [(str(one), str(one)) for one in years]  # type: ignore[attr-defined]
        year.initial, semester.initial = str(now), str(school.active_semester)
