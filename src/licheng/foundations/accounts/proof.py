"""Proof of work in place of a picture riddle: a form field that any page can ask for.

`django_altcha_widget` stays behind it, so that it can be exchanged in one place.
"""

from typing import Any

from django import forms
from django.templatetags.static import static
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_altcha_widget import AltchaField, AltchaWidget, get_challenge_claim
from django_altcha_widget.conf import ALTCHA_I18N_PATH

from licheng.foundations.errors import TooMany
from licheng.foundations.limits.operations import Limit, consume

LANGUAGES = {"zh-hant": "zh-tw"}  # the widget's own names; English is built in


class ProofWidget(AltchaWidget):  # type: ignore[misc]  # the library has no types
    """The widget in the page's language, with words for those whose browser runs no scripts."""

    template_name = "accounts/proof.html"

    def get_altcha_options(self) -> dict[str, Any]:
        """The widget's attributes; the language is that of the page, not of the browser."""
        options: dict[str, Any] = super().get_altcha_options()
        return {**options, "language": LANGUAGES.get(get_language() or "", "en")}

    @staticmethod
    def get_assets_context() -> dict[str, Any]:
        """Where scripts and styles lie; the texts of this page's language come with them."""
        context: dict[str, Any] = AltchaWidget.get_assets_context()
        language = LANGUAGES.get(get_language() or "")
        context["js_translations_url"] = static(f"{ALTCHA_I18N_PATH}{language}.js") if language else None
        return context


class ProofField(AltchaField):  # type: ignore[misc]  # as above
    """A proof that this browser worked for about a second; each proof counts once, in whichever process.

    Put it into a form under the name `proof` and show it with `{{ form.proof }}`.
    """

    widget = ProofWidget

    def __init__(self, **options: Any) -> None:
        problem = _("請按「我不是機器人」，等它確認完成再送出。")
        messages = {"required": problem, "invalid": problem, "error": problem}
        messages["replay"] = _("這次的確認已經用過，請再確認一次。")
        given = {"label": _("安全確認"), "hideLogo": True, "hideFooter": True, "error_messages": messages}
        super().__init__(**{**given, **options})

    def replay_attack_protection(self, payload: str) -> None:
        """Count the proof's signature; the second time within its life it is refused."""
        signature, seconds = get_challenge_claim(payload)
        try:
            consume(action="proof", who=str(signature), limit=Limit(times=1, seconds=seconds))
        except TooMany as again:
            raise forms.ValidationError(self.error_messages["replay"], code="replay") from again
