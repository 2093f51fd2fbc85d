from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from licheng.foundations.accounts.forms import SignInForm
from licheng.school.people.models import School
from licheng.school.people.queries import school_named, schools_to_sign_in


class SchoolInput(forms.TextInput):
    """A text field that offers the schools of this site while one types."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The field, and the list it offers."""
        field = super().render(name, value, {**(attrs or {}), "list": "school-list"}, renderer)
        schools = ((f"{school.code} {school.name}",) for school in schools_to_sign_in())
        options = format_html_join("", '<option value="{}"></option>', schools)
        return format_html('{}<datalist id="school-list">{}</datalist>', field, options)


class SchoolSignInForm(SignInForm):
    """School, account and password: an account is unique within its school only."""

    school = forms.CharField(
        label=_("學校"),
        max_length=80,
        help_text=_("輸入學校代碼或校名，例如 070406，再從清單選擇。"),
        error_messages={"required": _("請輸入學校代碼或校名。")},
        widget=SchoolInput(attrs={"autocomplete": "organization"}),
    )
    field_order = ("school", "account", "password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schools = schools_to_sign_in()[:2]
        if not self.is_bound and len(schools) == 1:  # a site of one school need not ask which
            self.initial["school"] = schools[0].code

    def clean_school(self) -> School:
        """The school that is meant."""
        school = school_named(self.cleaned_data["school"])
        if school is None:
            raise forms.ValidationError(_("找不到這所學校。請輸入 6 碼學校代碼，或從清單選擇完整校名。"))
        return school

    def login(self) -> str:
        """The account name as this site stores it: school code, colon, account."""
        return f"{self.cleaned_data['school'].code}:{super().login()}"
