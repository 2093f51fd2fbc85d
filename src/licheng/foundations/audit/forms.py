from typing import Any

from django import forms
from django.apps import apps
from django.utils.translation import gettext_lazy as _

from licheng.foundations.audit.queries import Wanted, acts_wanted
from licheng.foundations.audit.words import SUBJECTS, WORDS
from licheng.foundations.ui.inputs import DayInput


class SearchForm(forms.Form):
    """What to look for in the audit; a site adds how it names the one who acted.

    It is posted, and answered with an address of keys and words of the system. A number that no act is about
    is refused before, so that no student number or ID number typed in its place stands in an address.
    """

    action = forms.ChoiceField(label=_("動作"), required=False)
    since = forms.DateField(label=_("從哪一天"), required=False, widget=DayInput)
    until = forms.DateField(label=_("到哪一天"), required=False, widget=DayInput)
    subject_type = forms.ChoiceField(label=_("對象類別"), required=False)
    subject_id = forms.CharField(label=_("對象編號"), max_length=60, required=False)

    def __init__(self, *args: Any, school_id: int | None, **kwargs: Any) -> None:
        """Offer every action, and what this site acts on, in words; no `school_id` is acts of no school."""
        super().__init__(*args, **kwargs)
        self.school_id = school_id
        self.offer("action", sorted((name, str(says)) for name, says in WORDS.items()))
        here = {model._meta.label_lower: str(model._meta.verbose_name) for model in apps.get_models()}  # noqa: SLF001 -- Django's documented name
        kinds = [(name, here[name]) for name in SUBJECTS if name in here]
        self.offer("subject_type", sorted(kinds, key=lambda kind: kind[1]))

    def offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """What a list offers besides everything."""
        self.fields[name].choices = [("", _("全部")), *choices]  # type: ignore[attr-defined]

    def clean_subject_id(self) -> str:
        """A number that acts are about."""
        number = str(self.cleaned_data["subject_id"]).strip()
        if number and not acts_wanted(self.school_id, Wanted(subject_id=number)).exists():
            raise forms.ValidationError(
                _("沒有這個編號的紀錄。這裡填的是清單裡「對象」後面的編號，不是姓名、學號或身分證號。")
            )
        return number

    def clean(self) -> dict[str, Any]:
        """Days in order."""
        said = super().clean() or {}
        since, until = said.get("since"), said.get("until")
        if since and until and until < since:
            self.add_error("until", _("結束的日子在開始之前；請對調。"))
        return said

    def asked(self) -> dict[str, Any]:
        """The conditions that every site has."""
        said = self.cleaned_data
        names = ("action", "since", "until", "subject_type", "subject_id")
        return {name: said[name] for name in names}
