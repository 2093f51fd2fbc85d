import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licheng.foundations.accounts.password_rules import MOST_TYPED

CREDENTIAL_BYTES = 65_536  # own bound; the largest attestation seen holds some 8 KiB


class CodeField(forms.CharField):
    """Six digits of an app, or a recovery code; full-width digits and spaces are read as typed digits."""

    def to_python(self, value: Any) -> str:
        """The code in plain digits."""
        return unicodedata.normalize("NFKC", super().to_python(value) or "").strip()


class CodeForm(forms.Form):
    """A code of an authenticator app or a recovery code."""

    code = CodeField(
        label=_("驗證碼"),
        help_text=_("驗證應用程式的 6 位數字，或一組救援碼。"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class AppForm(forms.Form):
    """The first code of an app that is being set up."""

    code = CodeField(
        label=_("應用程式現在顯示的 6 位數字"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasswordAgainForm(forms.Form):
    """The own password, once more."""

    password = forms.CharField(
        label=_("密碼"),
        max_length=MOST_TYPED,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CredentialField(forms.JSONField):
    """JSON of a browser; nothing longer or deeper than any credential is looked into."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """The value. Raises ValidationError for whatever is no JSON that can be read."""
        if isinstance(value, str) and len(value) > CREDENTIAL_BYTES:
            raise forms.ValidationError(_("內容太長。"))
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as unreadable:  # a number of 5,000 digits, a thousand brackets
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from unreadable


class CredentialForm(forms.Form):
    """What the browser answered; it is checked by the ceremony, not here."""

    credential = CredentialField()


class PasskeyForm(CredentialForm):
    """A new passkey and what its owner calls it."""

    name = forms.CharField(
        label=_("這把通行金鑰的名稱"),
        help_text=_("寫一個認得出來的名稱，例如「我的手機」或「辦公室電腦」。"),
        max_length=60,
        required=False,  # a key that was made is not thrown away for want of a name
    )

    field_order = ("name", "credential")


class NameForm(forms.Form):
    """Another name for a passkey."""

    name = forms.CharField(label=_("名稱"), max_length=60)
