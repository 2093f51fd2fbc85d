from typing import Any

from django import forms
from django.apps import apps
from django.utils.translation import gettext_lazy as _

from licheng.foundations.audit.words import SUBJECTS, WORDS
from licheng.foundations.authz import Actor
from licheng.school.oversight.queries import Wanted, person_with_account


class DayInput(forms.DateInput):
    """The browser's own picker."""

    input_type = "date"


class ActsForm(forms.Form):
    """What to look for. The person is named by account here and by key in the address of the answer."""

    account = forms.CharField(label=_("誰做的（學號或帳號）"), max_length=20, required=False)
    action = forms.ChoiceField(label=_("動作"), required=False)
    since = forms.DateField(label=_("從哪一天"), required=False, widget=DayInput)
    until = forms.DateField(label=_("到哪一天"), required=False, widget=DayInput)
    subject_type = forms.ChoiceField(label=_("對象類別"), required=False)
    subject_id = forms.CharField(label=_("對象編號"), max_length=60, required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        """Offer every action and subject in words."""
        super().__init__(*args, **kwargs)
        self.actor = actor
        actions = sorted(WORDS.items(), key=lambda item: item[0])
        self.fields["action"].choices = [("", _("全部"))] + [(name, str(says)) for name, says in actions]  # type: ignore[attr-defined]
        kinds = [(name, str(apps.get_model(name)._meta.verbose_name)) for name in SUBJECTS]  # noqa: SLF001 -- Django's documented name
        self.fields["subject_type"].choices = [("", _("全部")), *sorted(kinds, key=lambda kind: kind[1])]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The person behind the account; days in order."""
        said = super().clean() or {}
        account = said.get("account", "").strip()
        said["person"] = person_with_account(self.actor, account) if account else None
        if account and said["person"] is None:
            self.add_error("account", _("這所學校沒有這個帳號；請核對學號或教職員帳號。"))
        since, until = said.get("since"), said.get("until")
        if since and until and until < since:
            self.add_error("until", _("結束的日子在開始之前；請對調。"))
        return said

    @property
    def wanted(self) -> Wanted:
        """What was asked for."""
        said = self.cleaned_data
        return Wanted(
            person_id=said["person"],
            action=said["action"],
            since=said["since"],
            until=said["until"],
            subject_type=said["subject_type"],
            subject_id=said["subject_id"].strip(),
        )
