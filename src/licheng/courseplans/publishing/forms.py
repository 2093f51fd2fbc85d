from django import forms
from django.utils.translation import gettext_lazy as _

from licheng.courseplans.publishing.queries import Asked
from licheng.courseplans.publishing.words import choices


class SearchForm(forms.Form):
    """What the public search takes; every field may stay empty."""

    q = forms.CharField(label=_("科目名稱或課程代碼"), max_length=40, required=False)
    school = forms.CharField(label=_("校名或學校代碼"), max_length=40, required=False)
    county = forms.CharField(label=_("縣市"), max_length=20, required=False)
    group = forms.RegexField("^[0-9A-Z]{2}$", label=_("群別"), required=False)
    domain = forms.RegexField("^[0-9A-Z]{2}$", label=_("領域"), required=False)
    year = forms.TypedChoiceField(label=_("入學學年度"), required=False, coerce=int, empty_value=None)

    def __init__(self, data: object, *, years: list[int]) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # the request's own QueryDict
        self.fields["year"].choices = [("", ""), *((year, year) for year in years)]  # type: ignore[attr-defined]

    @property
    def groups(self) -> list[tuple[str, str]]:
        """The groups to choose from."""
        return choices("group")

    @property
    def domains(self) -> list[tuple[str, str]]:
        """The domains to choose from."""
        return choices("domain")

    def asked(self, page: str) -> Asked:
        """What is asked for, once the form is valid."""
        said = self.cleaned_data
        text = {name: said[name] for name in ("school", "county", "group", "domain")}
        return Asked(subject=said["q"], page=page, **text)
