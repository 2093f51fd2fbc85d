from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licheng.foundations.audit.forms import SearchForm
from licheng.foundations.audit.queries import Wanted
from licheng.foundations.authz import Actor
from licheng.school.oversight.queries import person_with_account


class ActsForm(SearchForm):
    """What to look for. The person is named by account here and by key in the address of the answer."""

    account = forms.CharField(label=_("誰做的（學號或帳號）"), max_length=20, required=False)
    field_order = ("account",)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, school_id=actor.school_id, **kwargs)
        self.actor = actor

    def clean(self) -> dict[str, Any]:
        """The person behind the account, too."""
        said = super().clean()
        account = said.get("account", "").strip()
        said["person"] = person_with_account(self.actor, account) if account else None
        if account and said["person"] is None:
            self.add_error("account", _("這所學校沒有這個帳號；請核對學號或教職員帳號。"))
        return said

    @property
    def wanted(self) -> Wanted:
        """What was asked for."""
        return Wanted(person_id=self.cleaned_data["person"], **self.asked())
