"""Two versions of a plan side by side, and the corrections of codes between them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from licheng_exchange import CodeLine

from licheng.courseplans.plans.models import Correction, Plan, PlanCourse, Syllabus
from licheng.courseplans.plans.permissions import SEE
from licheng.courseplans.plans.queries.findings import line_of
from licheng.courseplans.plans.typed import PREFIX
from licheng.foundations.authz import Actor, found, seen
from licheng.foundations.errors import NotFound


@dataclass(frozen=True, slots=True)
class Change:
    """A course in both versions, or one whose code was corrected; `fields` are what differs."""

    before: PlanCourse
    after: PlanCourse
    fields: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one version has that the other has not, and what differs."""

    before: Plan
    after: Plan
    added: tuple[PlanCourse, ...]
    removed: tuple[PlanCourse, ...]
    changed: tuple[Change, ...]
    same: int
    others: tuple[Plan, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not (self.added or self.removed or self.changed)

    @property
    def one_sided(self) -> tuple[tuple[str, tuple[PlanCourse, ...]], ...]:
        """What only one of the two has, each under its heading."""
        added = _("新增的科目（%(n)d）") % {"n": len(self.added)}
        removed = _("移除的科目（%(n)d）") % {"n": len(self.removed)}
        return ((added, self.added), (removed, self.removed))


def compare_versions(actor: Actor, plan_id: int, with_id: int | None = None) -> Comparison:
    """A plan against another version of the same school and year; the one before it when none is named.

    Raises NotFound when either is out of sight, or there is no other.
    """
    after = found(Plan.objects.select_related("plan_school"), actor, SEE, plan_id)
    versions = Plan.objects.filter(plan_school=after.plan_school, entry_year=after.entry_year)
    others = tuple(seen(versions, actor, SEE).exclude(pk=after.pk).order_by("-version"))
    earlier = [one for one in others if one.version < after.version]
    before = next((one for one in others if one.pk == with_id), None) if with_id else None
    if with_id is None:
        before = (earlier or list(others) or [None])[0]  # type: ignore[list-item]  # None: no other version
    if before is None:
        raise NotFound
    return _compared(before, after, others)


def _compared(before: Plan, after: Plan, others: tuple[Plan, ...]) -> Comparison:
    old = {one.code: one for one in _courses(before)}
    new = {one.code: one for one in _courses(after)}
    pairs = {one.new_code: one for one in after.corrections.all() if one.old_code in old}
    changed, added, same = [], [], 0
    for code, course in new.items():
        correction = pairs.get(code)
        was = old.get(code) or (old.get(correction.old_code) if correction else None)
        if was is None:
            added.append(course)
        elif fields := _differing(was, course):
            changed.append(Change(was, course, fields, correction.reason if correction else ""))
        else:
            same += 1
    moved = {one.old_code for one in pairs.values()}
    removed = tuple(one for code, one in old.items() if code not in new and code not in moved)
    return Comparison(before, after, tuple(added), removed, tuple(changed), same, others)


def _courses(plan: Plan) -> list[PlanCourse]:
    return list(plan.courses.select_related("group", "syllabus").order_by(*PlanCourse.IN_PLAN_ORDER))


def _differing(was: PlanCourse, now: PlanCourse) -> tuple[str, ...]:
    fields = [name for name in ("code", "name", "credits") if getattr(was, name) != getattr(now, name)]
    return (*fields, *(["syllabus"] if _words(was) != _words(now) else []))


def _words(course: PlanCourse) -> tuple[object, ...]:
    syllabus: Syllabus | None = getattr(course, "syllabus", None)
    if syllabus is None or not syllabus.has_words:
        return ()
    return syllabus.goals, syllabus.units, syllabus.assessment, syllabus.resources, syllabus.notes


@dataclass(frozen=True, slots=True)
class Suggested:
    """A course that is gone and one that is new under the same name."""

    old: CodeLine
    new: CodeLine


@dataclass(frozen=True, slots=True)
class CorrectionPage:
    """The corrections of a version, those that fit no more, and what else may be one."""

    plan: Plan
    corrections: tuple[Correction, ...]
    stray: frozenset[int]
    suggested: tuple[Suggested, ...]
    gone: tuple[CodeLine, ...]
    new: tuple[CodeLine, ...]


def correction_page(actor: Actor, plan_id: int) -> CorrectionPage:
    """What the editor sees of a version's corrections. Raises NotFound, also for a version based on none."""
    plan = found(Plan.objects.select_related("plan_school", "based_on"), actor, SEE, plan_id)
    if plan.based_on is None:
        raise NotFound
    corrections = tuple(plan.corrections.order_by("old_code"))
    old, new = _lines(plan.based_on), _lines(plan)
    used = {one.old_code for one in corrections} | {one.new_code for one in corrections}
    gone = tuple(line for code, line in old.items() if code not in new and code not in used)
    come = tuple(line for code, line in new.items() if code not in old and code not in used)
    stray = frozenset(one.pk for one in corrections if _is_stray(one, old, new))
    return CorrectionPage(plan, corrections, stray, _suggested(gone, come), gone, come)


def stray_corrections(plan: Plan) -> list[Correction]:
    """Corrections whose codes are not what they say any more."""
    corrections = list(plan.corrections.all())
    if not corrections:
        return []
    old, new = _lines(plan.based_on), _lines(plan)
    return [one for one in corrections if _is_stray(one, old, new)]


def _is_stray(one: Correction, old: Mapping[str, CodeLine], new: Mapping[str, CodeLine]) -> bool:
    return one.old_code not in old or one.old_code in new or one.new_code not in new or one.new_code in old


def _lines(plan: Plan | None) -> dict[str, CodeLine]:
    courses = plan.courses.all() if plan is not None else ()
    return {one.code: line_of(one) for one in courses}


def _in_group(line: CodeLine) -> tuple[str, str]:
    return line.code[:PREFIX], line.name


def _of_subject(line: CodeLine) -> tuple[str, str]:
    return line.code[PREFIX:], line.name


def _suggested(gone: tuple[CodeLine, ...], come: tuple[CodeLine, ...]) -> tuple[Suggested, ...]:
    """Pairs of one name, where there is one of each: in one group, or else in a group that was changed.

    Changing a group changes the codes of all its courses, and no more of them than what tells the group.
    """
    pairs: list[Suggested] = []
    for alike in (_in_group, _of_subject):
        paired = {line.code for one in pairs for line in (one.old, one.new)}
        by_name: dict[tuple[str, str], tuple[list[CodeLine], list[CodeLine]]] = defaultdict(lambda: ([], []))
        for side, lines in enumerate((gone, come)):
            for line in lines:
                if line.code not in paired:
                    by_name[alike(line)][side].append(line)
        pairs += [Suggested(old[0], new[0]) for old, new in by_name.values() if len(old) == len(new) == 1]
    return tuple(pairs)
