from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from licheng.foundations.accounts.forms import AccountForm, EnrolForm, SignInForm
from licheng.foundations.authz import Actor
from licheng.school.people.models import School
from licheng.school.people.operations.codes import DETAIL_CHARACTERS, REASON_CHARACTERS, IdentityCheck
from licheng.school.people.queries.accounts import as_offered, school_named, schools_to_sign_in


class SchoolInput(forms.TextInput):
    """A text field that offers the schools of this site while one types."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The field, and the list it offers."""
        field = super().render(name, value, {**(attrs or {}), "list": "school-list"}, renderer)
        schools = ((as_offered(school),) for school in schools_to_sign_in())
        options = format_html_join("", '<option value="{}"></option>', schools)
        return format_html('{}<datalist id="school-list">{}</datalist>', field, options)


class WithSchool(forms.Form):
    """The school beside an account: an account is unique within its school only."""

    school = forms.CharField(
        label=_("學校"),
        max_length=80,
        help_text=_("輸入學校代碼或校名，例如 070406，再從清單選擇。"),
        error_messages={"required": _("請輸入學校代碼或校名。")},
        widget=SchoolInput(attrs={"autocomplete": "organization"}),
    )

    def clean_school(self) -> School:
        """The school that is meant."""
        school = school_named(self.cleaned_data["school"])
        if school is None:
            raise forms.ValidationError(_("找不到這所學校。請輸入 6 碼學校代碼，或從清單選擇完整校名。"))
        return school


class SchoolAccountForm(WithSchool, AccountForm):
    """School and account."""

    def login(self) -> str:
        """The account name as this site stores it: school code, colon, account."""
        return f"{self.cleaned_data['school'].code}:{super().login()}"


class SchoolSignInForm(SchoolAccountForm, SignInForm):
    """School, account and password."""


class SchoolEnrolForm(SchoolAccountForm, EnrolForm):
    """School, account, code, and a password of one's own."""

    def issuer(self) -> Actor:
        """Nobody yet, in the audit of the school that was named."""
        return Actor.system("enrolment", self.cleaned_data["school"].pk)


class StudentSearchForm(forms.Form):
    """A student number or a name, or a part of one."""

    words = forms.CharField(label=_("學號或姓名"), max_length=60, help_text=_("打一部分也可以。"))


class RecoverForm(forms.Form):
    """How somebody's identity was seen, and why she is let in again."""

    check = forms.ChoiceField(
        label=_("如何確認身分"), choices=IdentityCheck.choices, widget=forms.RadioSelect
    )
    detail = forms.CharField(
        label=_("補充說明"),
        max_length=DETAIL_CHARACTERS,
        required=False,
        help_text=_("例如確認的人是誰；選「其他」時一定要寫。請不要寫證件號碼。"),
    )
    reason = forms.CharField(
        label=_("事由"), max_length=REASON_CHARACTERS, help_text=_("例如：忘記密碼、手機遺失。")
    )
