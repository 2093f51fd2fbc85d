"""A code file taken into a draft: every line a course, its group made where the plan has none yet."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from licheng_exchange import CourseCode

from licheng.courseplans.plans.errors import FileRefused
from licheng.courseplans.plans.models import Plan, PlanCourse, PlanGroup
from licheng.courseplans.plans.operations.drafts import locked_draft, next_position
from licheng.courseplans.plans.permissions import SEE, WRITE
from licheng.courseplans.plans.reading import FileFinding, FileLine, read_code_file
from licheng.courseplans.plans.typed import said
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require

MOST_BYTES = 2 * 2**20  # own bound: twenty times the code file of a large school
MOST_ROWS = 5_000  # own bound
SHOWN = 20

type Place = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """How many courses of a file are new, and what was put right in it or wants a look."""

    added: int
    remarks: tuple[str, ...]


def take_code_file(*, actor: Actor, plan_id: int, data: bytes) -> Taken:
    """Add the courses of a code file to a draft, except codes that are there already.

    Any wrong line refuses the whole file; what could be put right without doubt is said and let in.
    Raises NotFound, NotAllowed, WrongState, FileRefused.
    """
    plan = found(Plan.objects.select_related("plan_school"), actor, SEE, plan_id)
    require(actor, WRITE, plan)
    if len(data) > MOST_BYTES:
        raise FileRefused(reason=_("檔案超過 2 MB，這不像課程代碼檔。"))
    rows, findings = read_code_file(data)  # before the plan is locked: it may take seconds
    faults = [_said(one) for one in findings if one.is_error] + _misplaced(plan, rows)
    if faults:
        more = ngettext("共 %(n)d 項。", "共 %(n)d 項。", len(faults)) % {"n": len(faults)}
        raise FileRefused(reason="\n".join([*faults[:SHOWN], more]))
    if not rows or len(rows) > MOST_ROWS:
        raise FileRefused(reason=_("檔案要有 1 到 %(most)d 列。") % {"most": MOST_ROWS})
    remarks = tuple(_said(one) for one in findings)
    return Taken(_add(actor, plan_id, rows), remarks[:SHOWN])


@transaction.atomic
def _add(actor: Actor, plan_id: int, rows: list[FileLine]) -> int:
    """Write the courses that the draft lacks; how many."""
    plan = locked_draft(actor, plan_id)
    here = set(plan.courses.values_list("code", flat=True))
    wanted = {row.code.text: row for row in rows if row.code.text not in here}
    groups = _groups(plan, [row.code for row in wanted.values()])
    place = next_position(plan.courses.all())
    PlanCourse.objects.bulk_create(
        _course(plan, groups, row, place + n) for n, row in enumerate(wanted.values())
    )
    record(actor=actor, action="plan.file_taken", subject=plan, rows=len(rows), added=len(wanted))
    return len(wanted)


def _said(finding: FileFinding) -> str:
    words = said(finding)
    return _("第 %(row)s 列：%(words)s") % {"row": finding.row, "words": words} if finding.row else words


def _misplaced(plan: Plan, rows: list[FileLine]) -> list[str]:
    """Lines of another school or year."""
    wanted = f"{plan.entry_year:03d}{plan.plan_school.code}"
    words = _("第 %(row)d 列：課程代碼應該以 %(wanted)s 開頭（這個計畫的學年度與學校）。")
    return [
        words % {"row": row.row, "wanted": wanted} for row in rows if not row.code.text.startswith(wanted)
    ]


def _groups(plan: Plan, codes: list[CourseCode]) -> dict[Place, PlanGroup]:
    """The plan's groups by their place in a code; those that it lacks are made."""
    here = {
        (one.course_type, one.group_code, one.department_code, one.class_group_code): one
        for one in plan.groups.all()
    }
    start = next_position(plan.groups.all())
    missing = [place for place in dict.fromkeys(_place(code) for code in codes) if place not in here]
    made = PlanGroup.objects.bulk_create(
        PlanGroup(
            plan=plan,
            course_type=kind,
            group_code=group,
            department_code=department,
            class_group_code=letter,
            class_group_name=_("班群%(letter)s") % {"letter": letter} if letter.isalpha() else "",
            position=start + n,
        )
        for n, (kind, group, department, letter) in enumerate(missing)
    )
    return here | dict(zip(missing, made, strict=True))


def _place(code: CourseCode) -> Place:
    return code.course_type, code.group, code.department, code.class_group


def _course(plan: Plan, groups: dict[Place, PlanGroup], row: FileLine, position: int) -> PlanCourse:
    code = row.code
    return PlanCourse(
        plan=plan,
        group=groups[_place(code)],
        code=code.text,
        name=row.name,
        credits=row.credits,
        category=code.category,
        delivery=code.delivery,
        attribute=code.attribute,
        domain=code.domain,
        subject=code.subject,
        position=position,
    )
