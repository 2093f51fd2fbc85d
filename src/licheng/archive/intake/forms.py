from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licheng.archive.intake.queries import choices
from licheng.foundations.audit.forms import SearchForm
from licheng.foundations.audit.queries import Wanted


class ActsForm(SearchForm):
    """What to look for in the archive's audit."""

    label = forms.ChoiceField(label=_("誰做的（操作人員或學校）"), required=False)
    field_order = ("label",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, school_id=None, **kwargs)
        self.offer("label", choices())

    @property
    def wanted(self) -> Wanted:
        """What was asked for."""
        return Wanted(label=self.cleaned_data["label"], **self.asked())
