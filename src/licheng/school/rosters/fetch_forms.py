from collections.abc import Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy


class FetchForm(forms.Form):
    """For which entry year the codes of the school's plan are fetched."""

    entry_year = forms.TypedChoiceField(label=gettext_lazy("適用入學學年度"), coerce=int)

    def __init__(self, data: QueryDict | None = None, *, years: Sequence[int]) -> None:
        super().__init__(data, initial={"entry_year": years[1]})
        self.fields["entry_year"].choices = [(year, str(year)) for year in years]  # type: ignore[attr-defined]
