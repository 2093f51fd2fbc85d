from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from licheng.foundations.accounts.forms import NewPasswordForm
from licheng.foundations.ui.inputs import DayInput
from licheng.school.people.forms import WithSchool

RELATIONS = (
    ("父親", _("父親")),
    ("母親", _("母親")),
    ("祖父母", _("祖父母")),
    ("監護人", _("監護人")),
    ("其他", _("其他親屬或照顧者")),
)


class WardForm(forms.Form):
    """A code from the student or the school, and what the guardian is to her."""

    code = forms.CharField(
        label=_("家長連結碼"),
        max_length=40,
        help_text=_("孩子或學校給您的 16 碼，大小寫與連字號都沒關係。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "class": "input"}),
    )
    relation = forms.ChoiceField(label=_("您是學生的"), choices=RELATIONS)


class GuardianForm(WithSchool, WardForm, NewPasswordForm):
    """Everything a new guardian's account needs."""

    name = forms.CharField(
        label=_("您的姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("電子郵件"),
        max_length=254,
        help_text=_("第一次登入時會寄確認碼到這個信箱。"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("school", "code", "relation", "name", "email", "new", "again")

    def clean_email(self) -> str:
        """One spelling of an address."""
        return str(self.cleaned_data["email"]).lower()


class RevealForm(forms.Form):
    """Why an ID number is needed."""

    reason = forms.CharField(
        label=_("為什麼需要"),
        max_length=200,
        help_text=_("會寫進稽核紀錄；請不要寫姓名或證號。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class LeavingForm(forms.Form):
    """Since when somebody is no longer at the school."""

    left_on = forms.DateField(label=_("離校日"), widget=DayInput)

    def day(self) -> date:
        """The day that was given."""
        given: date = self.cleaned_data["left_on"]
        return given


class EndLinkForm(forms.Form):
    """Why the school ends a link."""

    reason = forms.CharField(
        label=_("事由"), max_length=200, required=False, help_text=_("學生與家長都看得到。")
    )
