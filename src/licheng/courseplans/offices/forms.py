from django import forms
from django.utils.translation import gettext_lazy as _

from licheng.courseplans.offices.models import Duty

NO_FILL = {"autocomplete": "off"}


class OfficerForm(forms.Form):
    """Who gets an account, and for which post."""

    account = forms.CharField(
        label=_("帳號"), max_length=40, widget=forms.TextInput(attrs={**NO_FILL, "autocapitalize": "none"})
    )
    name = forms.CharField(label=_("姓名"), max_length=200, widget=forms.TextInput(attrs=NO_FILL))
    duty = forms.ChoiceField(label=_("職務"), choices=Duty.choices)
    place = forms.CharField(
        label=_("單位代碼"),
        required=False,
        max_length=20,
        help_text=_("學校人員填六碼學校代碼，主管機關人員填主管機關代碼；平臺管理人員不填。"),
        widget=forms.TextInput(attrs=NO_FILL),
    )


class RecoveryForm(forms.Form):
    """How the identity was seen, and why she is let in again."""

    identity_check = forms.CharField(
        label=_("如何確認身分"),
        max_length=100,
        help_text=_("例如：本人持身分證正本到場。"),
        widget=forms.TextInput(attrs=NO_FILL),
    )
    reason = forms.CharField(label=_("事由"), max_length=80, widget=forms.TextInput(attrs=NO_FILL))
