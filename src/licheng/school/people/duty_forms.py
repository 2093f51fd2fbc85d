from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from licheng.foundations.ui.inputs import DayInput
from licheng.school.people.models import GrantScope, Role
from licheng.school.people.operations.grants import REASON_CHARACTERS, SCOPES, Reach, Term

BLANK = ("", _("請選擇"))


class TermForm(forms.Form):
    """Who, from when to when, and why. Whom the actor may name is the operation's to say."""

    person_id = forms.IntegerField(label=_("誰"), widget=forms.Select)
    since = forms.DateField(label=_("起日"), widget=DayInput)
    until = forms.DateField(label=_("迄日"), widget=DayInput, help_text=_("這一天還有效，隔天自動失效。"))
    reason = forms.CharField(
        label=_("事由"), max_length=REASON_CHARACTERS, help_text=_("本人看得到；請不要寫別人的私事。")
    )

    def __init__(self, *args: Any, colleagues: list[tuple[int, str]], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"since": timezone.localdate()})
        super().__init__(*args, **kwargs)
        self.offer("person_id", colleagues)

    def offer(self, name: str, choices: list[tuple[int, str]]) -> None:
        """What a list offers."""
        widget = self.fields[name].widget
        if isinstance(widget, forms.Select):
            widget.choices = [BLANK, *choices]

    @property
    def term(self) -> Term:
        """The days and the reason as operations take them."""
        data = self.cleaned_data
        return Term(data["since"], data["until"], data["reason"])


class ClassDeputyForm(TermForm):
    """A deputy of a class's homeroom teacher."""

    class_id = forms.IntegerField(label=_("班級"), widget=forms.Select)
    field_order = ("class_id", "person_id", "since", "until", "reason")

    def __init__(self, *args: Any, classes: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("class_id", classes)


class GrantForm(TermForm):
    """A role at the school, in a class, or for some students."""

    role = forms.ChoiceField(
        label=_("職務"),
        choices=[
            BLANK,
            *((role.value, role.label) for role in Role if SCOPES.get(role) and role != Role.HOMEROOM),
        ],
    )
    scope = forms.ChoiceField(
        label=_("範圍"),
        choices=GrantScope,
        initial=GrantScope.SCHOOL,
        help_text=_("課程諮詢教師只能指派到一個班或指定的學生；資料查詢人員三種都可以；其他職務是全校。"),
    )
    class_id = forms.IntegerField(label=_("班級（範圍是一個班時）"), widget=forms.Select, required=False)
    students = forms.CharField(
        label=_("學號（範圍是指定的學生時）"),
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("可以寫很多個，用空白或換行分開。"),
    )
    field_order = ("person_id", "role", "scope", "class_id", "students", "since", "until", "reason")

    def __init__(self, *args: Any, classes: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("class_id", classes)

    def reach(self, student_ids: tuple[int, ...]) -> Reach:
        """How far the role goes."""
        data = self.cleaned_data
        return Reach(GrantScope(data["scope"]), data["class_id"], student_ids)


class SessionForm(forms.Form):
    """Why an administrator has to look at records."""

    reason = forms.CharField(
        label=_("事由"),
        max_length=REASON_CHARACTERS,
        help_text=_(
            "寫明要看什麼、為什麼，例如「回覆 2 月 3 日的求助：成果打不開」。其他管理員與工作小組看得到。"
        ),
    )
