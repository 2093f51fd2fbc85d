from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licheng.courseplans.plans.models import Plan, PlanCourse, PlanGroup, Syllabus
from licheng.courseplans.plans.queries.boards import school_year_now
from licheng.courseplans.plans.queries.versions import Suggested
from licheng.courseplans.plans.typed import MOST_UNITS, CourseTyped, GroupTyped, SyllabusTyped
from licheng.courseplans.plans.words import (
    OWN_LETTERS,
    choices,
    credit_choices,
    national_subjects,
    semester_names,
)

SEMESTERS = 6
EMPTY_UNITS = 3  # offered besides those that are there, and as many again by a button
NOTHING = "0"
PLACE = "place_"  # what the names of the fields of an order begin with
WHERE = ("category", "delivery", "attribute", "domain")  # kept from one new course to the next


def _with_own(known: list[tuple[str, str]], value: str) -> list[tuple[str, str]]:
    """The choices, with a value that the table does not know when the row has one."""
    return known if not value or value in dict(known) else [*known, (value, value)]


class BeginForm(forms.Form):
    """The year of a new plan, and the plan to start from."""

    entry_year = forms.TypedChoiceField(label=_("適用入學學年度"), coerce=int)
    copy_of = forms.TypedChoiceField(
        label=_("內容"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("可以先複製別的學年度再修改。"),
    )

    def __init__(self, years: tuple[int, ...], sources: list[tuple[int, str]], data: Any = None) -> None:
        super().__init__(data, initial={"entry_year": school_year_now() + 1})  # whom a plan is filed for
        words = _("%(year)d 學年度入學")
        self.fields["entry_year"].choices = [(one, words % {"year": one}) for one in years]  # type: ignore[attr-defined]
        self.fields["copy_of"].choices = [("", _("從空白開始")), *sources]  # type: ignore[attr-defined]


class CodeFileForm(forms.Form):
    """A code file to take into a draft."""

    file = forms.FileField(
        label=_("課程代碼檔"),
        help_text=_("每列：課程代碼,科目名稱,六個學期的學分。UTF-8 或 Big5 的文字檔、CSV 或 Excel。"),
    )


class GroupForm(forms.Form):
    """課程類型, 群別, 科別 and 班群."""

    course_type = forms.ChoiceField(label=_("課程類型"))
    group_code = forms.ChoiceField(label=_("群別"))
    department_code = forms.ChoiceField(label=_("科別（學程）"))
    class_group_code = forms.ChoiceField(label=_("班群"))
    class_group_name = forms.CharField(
        label=_("班群名稱"),
        required=False,
        max_length=30,
        help_text=_("學校自訂的班群（A 到 Z）才要填。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, plan: Plan, data: Any = None, *, group: PlanGroup | None = None, seen: str = ""
    ) -> None:
        names = ("course_type", "group_code", "department_code", "class_group_code", "class_group_name")
        initial = {name: getattr(group, name) for name in names} if group else {"class_group_code": NOTHING}
        super().__init__(data, initial={**initial, "seen": seen})
        letters = [(one, _("%(letter)s 學校自訂") % {"letter": one}) for one in OWN_LETTERS]
        for name, table in zip(names, ("course_type", "group", "department", "class_group"), strict=False):
            known = choices(table, plan.entry_year) + (letters if table == "class_group" else [])
            if name not in initial:
                known = [("", str(_("請選擇"))), *known]
            self.fields[name].choices = _with_own(known, initial.get(name, ""))  # type: ignore[attr-defined]

    def typed(self) -> GroupTyped:
        """What was typed."""
        return GroupTyped(**{name: value for name, value in self.cleaned_data.items() if name != "seen"})


class CourseForm(forms.Form):
    """A course, its credits as six fields."""

    name = forms.CharField(
        label=_("科目名稱"), max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    category = forms.ChoiceField(label=_("課程類別"))
    delivery = forms.ChoiceField(label=_("開課方式"))
    attribute = forms.ChoiceField(label=_("科目屬性"))
    domain = forms.ChoiceField(label=_("領域名稱"))
    subject = forms.CharField(
        label=_("科目名稱代碼"),
        required=False,
        max_length=2,
        help_text=_("空著就給下一個沒用過的代碼。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        plan: Plan,
        data: Any = None,
        *,
        course: PlanCourse | None = None,
        seen: str = "",
        initial: dict[str, str] | None = None,
        prefix_id: str = "",
    ) -> None:
        given = dict(initial or {})
        if course is not None:
            given |= {name: getattr(course, name) for name in (*WHERE, "name", "subject")}
            given |= {f"credit_{n}": one for n, one in enumerate(course.credits)}
        super().__init__(data, initial={**given, "seen": seen}, auto_id=f"id_{prefix_id}%s")
        for name in WHERE:
            known = choices(name, plan.entry_year)
            self.fields[name].choices = _with_own(known, given.get(name, ""))  # type: ignore[attr-defined]
        for n, label in enumerate(semester_names()):
            self.fields[f"credit_{n}"] = forms.ChoiceField(
                label=label, choices=credit_choices(), initial=given.get(f"credit_{n}", NOTHING)
            )
        self.subjects = national_subjects(plan.entry_year)
        self.fields["subject"].widget.attrs["list"] = f"subjects-{prefix_id}"
        self.list_id = f"subjects-{prefix_id}"

    def semesters(self) -> list[forms.BoundField]:
        """The six credit fields."""
        return [self[f"credit_{n}"] for n in range(SEMESTERS)]

    def words(self) -> list[forms.BoundField]:
        """The fields besides credits."""
        return [self[name] for name in ("name", *WHERE, "subject")]

    def typed(self) -> CourseTyped:
        """What was typed."""
        given = self.cleaned_data
        return CourseTyped(
            name=given["name"],
            category=given["category"],
            delivery=given["delivery"],
            attribute=given["attribute"],
            domain=given["domain"],
            subject=given["subject"],
            credits="".join(given[f"credit_{n}"] for n in range(SEMESTERS)),
        )

    def kept(self) -> dict[str, str]:
        """What the next new course starts with."""
        return {name: self.cleaned_data[name] for name in WHERE}


class SyllabusForm(forms.Form):
    """The syllabus, its units as rows of three fields."""

    goals = forms.CharField(label=_("教學目標"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    assessment = forms.CharField(
        label=_("評量方式"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    resources = forms.CharField(label=_("教學資源"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    notes = forms.CharField(label=_("教學注意事項"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, syllabus: Syllabus | None = None, seen: str = "") -> None:
        names = ("goals", "assessment", "resources", "notes")
        initial = {name: getattr(syllabus, name) for name in names} if syllabus else {}
        super().__init__(data, initial={**initial, "seen": seen})
        if data is not None:
            parts = (data.getlist(f"unit_{part}") for part in ("title", "hours", "content"))
            self.units = list(zip(*parts, strict=False))
        else:
            units = syllabus.units if syllabus else []
            self.units = [(str(one["title"]), str(one["hours"]), str(one["content"])) for one in units]

    @property
    def asks_for_more(self) -> bool:
        """Whether the button for more units was pressed, and not the one that saves."""
        return "more" in self.data

    def unit_rows(self) -> list[tuple[int, bool, str, str, str]]:
        """Numbered rows to fill in, those that are there and empty ones; true for the one to go on with."""
        rows = [one for one in self.units if self.asks_for_more or any(part.strip() for part in one)]
        here = len(rows)
        rows += [("", "", "")] * max(0, min(EMPTY_UNITS, MOST_UNITS - here))
        return [(n, self.asks_for_more and n == here + 1, *one) for n, one in enumerate(rows, 1)]

    def typed(self) -> SyllabusTyped:
        """What was typed, line ends as one."""
        given = {
            name: text.replace("\r\n", "\n").strip()
            for name, text in self.cleaned_data.items()
            if name != "seen"
        }
        units = tuple(
            (title, hours, content.replace("\r\n", "\n").strip()) for title, hours, content in self.units
        )
        return SyllabusTyped(units=units, **given)


class OrderForm(forms.Form):
    """The rows of a plan or group with the place of each as a number; `rows` are key, name and code."""

    def __init__(self, rows: list[tuple[int, str, str]], data: Any = None) -> None:
        super().__init__(data)
        self.rows = rows
        wrong = _("請填 1 到 %(n)d 的數字。") % {"n": len(rows)}
        for n, (pk, name, _code) in enumerate(rows, 1):
            self.fields[f"{PLACE}{pk}"] = forms.IntegerField(
                label=name,
                min_value=1,
                max_value=len(rows),
                initial=n,
                error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
            )

    def lines(self) -> list[tuple[int, str, forms.BoundField]]:
        """Each row: its key, its code, and the field of its place."""
        return [(pk, code, self[f"{PLACE}{pk}"]) for pk, _name, code in self.rows]

    def order(self) -> list[int]:
        """The keys in the order that was typed.

        A row that was given another's place comes to stand there: before that one when it comes from
        behind, behind it when it comes from before.
        """

        def key(row: tuple[int, int]) -> tuple[int, int, int]:
            before, pk = row
            after: int = self.cleaned_data[f"{PLACE}{pk}"]
            return after, (after > before) - (after < before), before

        return [pk for _n, pk in sorted(((n, row[0]) for n, row in enumerate(self.rows, 1)), key=key)]


class ReasonForm(forms.Form):
    """Why a plan goes back; `step` is the last step the page showed."""

    reason = forms.CharField(
        label=_("退回原因"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("寫明哪裡要怎麼修正。"),
    )
    step = forms.IntegerField(widget=forms.HiddenInput)


class CorrectionForm(forms.Form):
    """An old code, the new one, and why."""

    old_code = forms.ChoiceField(label=_("原課程代碼"))
    new_code = forms.ChoiceField(label=_("新課程代碼"))
    reason = forms.CharField(label=_("更正原因"), max_length=200)

    def __init__(self, old: list[tuple[str, str]], new: list[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        self.fields["old_code"].choices = old  # type: ignore[attr-defined]
        self.fields["new_code"].choices = new  # type: ignore[attr-defined]


class SuggestedForm(forms.Form):
    """Which courses of one name under another code are the same course, and why: one reason for all."""

    pairs = forms.MultipleChoiceField(
        label=_("同一個科目"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不是同一個科目的，請取消勾選。"),
    )
    reason = forms.CharField(
        label=_("更正原因"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, suggested: Sequence[Suggested], data: Any = None) -> None:
        super().__init__(data, auto_id="suggested_%s", initial={"pairs": [_pair(one) for one in suggested]})
        self.fields["pairs"].choices = [  # type: ignore[attr-defined]
            (_pair(one), f"{one.old.name} {one.old.code} → {one.new.code}") for one in suggested
        ]

    def chosen(self) -> list[tuple[str, str]]:
        """The pairs that are ticked, once the form is valid."""
        return [(old, new) for old, _space, new in (one.partition(" ") for one in self.cleaned_data["pairs"])]


def _pair(one: Suggested) -> str:
    return f"{one.old.code} {one.new.code}"
