from django import forms
from django.utils.translation import gettext_lazy as _


class SignInForm(forms.Form):
    """Account and password; a site with schools adds the school."""

    account = forms.CharField(
        label=_("帳號"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "class": "input"}),
    )
    password = forms.CharField(
        label=_("密碼"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input"}),
    )

    def login(self) -> str:
        """The account name as this site stores it."""
        return str(self.cleaned_data["account"]).strip()


class PasswordForm(forms.Form):
    """Old password once, new password twice."""

    old = forms.CharField(
        label=_("目前的密碼"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input"}),
    )
    new = forms.CharField(
        label=_("新密碼"),
        strip=False,
        help_text=_("至少 12 個字元；一句話最好記。不必混用符號，但不能是常見密碼。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "input"}),
    )
    again = forms.CharField(
        label=_("再輸入一次新密碼"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "input"}),
    )

    def clean_again(self) -> str:
        """Both entries of the new password must be the same."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new"):
            raise forms.ValidationError(_("和上面的新密碼不同，請再輸入一次。"))
        return again
