from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from licheng.foundations.accounts.password_rules import MOST_TYPED
from licheng.foundations.accounts.proof import ProofField
from licheng.foundations.authz import Actor

__all__ = [
    "AccountForm",
    "EmailCodeForm",
    "EmailForm",
    "EnrolForm",
    "NewPasswordForm",
    "PasswordForm",
    "ProofField",
    "SignInForm",
]


class AccountForm(forms.Form):
    """The account; a site with schools adds the school. `needs_proof` adds a proof of work."""

    field_order = ("school", "account", "password", "code", "new", "again")
    account = forms.CharField(
        label=_("帳號"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "class": "input"}
        ),
    )

    def __init__(self, *args: Any, needs_proof: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if needs_proof:
            self.fields["proof"] = ProofField()

    def login(self) -> str:
        """The account name as this site stores it."""
        return str(self.cleaned_data["account"]).strip()

    def typed(self) -> dict[str, str]:
        """What was typed and may stand in the next form: everything but the secret."""
        return {name: self.data.get(name, "") for name in ("school", "account") if name in self.fields}


class SignInForm(AccountForm):
    """Account and password."""

    password = forms.CharField(
        label=_("密碼"),
        max_length=MOST_TYPED,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input"}),
    )


def _new_password(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=MOST_TYPED,
        strip=False,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "input"}),
    )


class NewPasswordForm(forms.Form):
    """New password twice."""

    new = _new_password(_("新密碼"), _("至少 12 個字元；一句話最好記。不必混用符號，但不能是常見密碼。"))
    again = _new_password(_("再輸入一次新密碼"))

    def clean_again(self) -> str:
        """Both entries of the new password must be the same."""
        again: str = self.cleaned_data["again"]
        if "new" in self.cleaned_data and again != self.cleaned_data["new"]:
            raise forms.ValidationError(_("和上面的密碼不同，請再輸入一次。"))
        return again


class PasswordForm(NewPasswordForm):
    """Old password once, new password twice."""

    old = forms.CharField(
        label=_("目前的密碼"),
        max_length=MOST_TYPED,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input"}),
    )
    field_order = ("old", "new", "again")


class EmailForm(forms.Form):
    """An address to be shown as one's own."""

    email = forms.EmailField(
        label=_("電子郵件"),
        max_length=254,
        help_text=_("請填自己（或家長）收得到信的信箱；同一個信箱可以給兄弟姊妹一起用。"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "input"}),
    )

    def clean_email(self) -> str:
        """One spelling of an address."""
        return str(self.cleaned_data["email"]).lower()


class EmailCodeForm(forms.Form):
    """The six digits that were sent."""

    code = forms.RegexField(
        r"^\s*\d{6}\s*$",
        label=_("確認碼"),
        error_messages={"invalid": _("請輸入信裡的 6 個數字。")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "input"}
        ),
    )


class EnrolForm(AccountForm, NewPasswordForm):
    """Account, single-use code, and a password of one's own twice; a site with schools adds the school."""

    code = forms.CharField(
        label=_("啟用碼"),
        max_length=40,
        help_text=_("紙卡或信件上的 16 個字，例如 abcd-efgh-jkmn-pqrs；大小寫和中間的 - 都可以不管。"),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "class": "input"}
        ),
    )
    new = _new_password(_("自己的密碼"), _("要符合上面的規則。"))
    again = _new_password(_("再輸入一次自己的密碼"))

    def issuer(self) -> Actor:
        """In whose name the audit speaks of somebody who is nobody yet."""
        return Actor.system("enrolment")

    def clean_new(self) -> str:
        """What can be said of a password before anybody is known; the rest once the code is right."""
        new: str = self.cleaned_data["new"]
        validate_password(new)
        return new
