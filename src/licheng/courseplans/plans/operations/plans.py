from django.db import transaction
from django.utils.translation import gettext as _

from licheng.courseplans.offices.models import PlanSchool
from licheng.courseplans.plans.errors import HasBeenSent, NotNewest, PlanExists
from licheng.courseplans.plans.models import Plan
from licheng.courseplans.plans.operations.copying import copy_plan
from licheng.courseplans.plans.operations.drafts import locked_draft, locked_plan, note_step
from licheng.courseplans.plans.permissions import BEGIN, WRITE
from licheng.courseplans.plans.queries.boards import entry_years
from licheng.courseplans.plans.states import PlanState
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require, seen
from licheng.foundations.errors import Invalid, NotFound, WrongState


@transaction.atomic
def begin_plan(*, actor: Actor, entry_year: int, copy_of: int | None = None) -> Plan:
    """Begin the first version for students who enter in a year; `copy_of` is an own plan to start from.

    Raises NotFound for actors of no school or another school's plan, Invalid for a year out of bounds,
    PlanExists.
    """
    school = _locked_school(actor)
    years = entry_years()
    if entry_year not in years:
        reason = _("請填 %(first)d 到 %(last)d。") % {"first": years[-1], "last": years[0]}
        raise Invalid(field=_("適用入學學年度"), reason=reason)
    if Plan.objects.filter(plan_school=school, entry_year=entry_year).exists():
        raise PlanExists(year=entry_year)
    source = found(Plan.objects.all(), actor, WRITE, copy_of) if copy_of is not None else None
    plan = Plan.objects.create(plan_school=school, entry_year=entry_year, version=1)
    if source is not None:
        copy_plan(source, plan)
    note_step(plan, actor, _("開始填報"))
    record(actor=actor, action="plan.begun", subject=plan, year=entry_year, copy_of=copy_of)
    return plan


@transaction.atomic
def begin_version(*, actor: Actor, plan_id: int) -> Plan:
    """Begin a new version from the newest plan on file, with everything it has.

    Corrections of codes pair it with the version that counted before, so none begins from an older one.
    Raises NotFound, NotAllowed, WrongState unless it is on file, PlanExists while another version is open,
    NotNewest.
    """
    source = locked_plan(actor, plan_id, WRITE)
    _locked_school(actor)  # two editors who begin at once wait for each other here
    if source.state != PlanState.FILED:
        raise WrongState(move=_("建立新版本"), state=PlanState(source.state).label)
    versions = Plan.objects.filter(plan_school=source.plan_school, entry_year=source.entry_year)
    if versions.exclude(state=PlanState.FILED).exists():
        raise PlanExists(year=source.entry_year)
    newest = max(versions.values_list("version", flat=True))
    if source.version != newest:
        raise NotNewest(version=newest)
    plan = Plan.objects.create(
        plan_school=source.plan_school, entry_year=source.entry_year, version=newest + 1, based_on=source
    )
    copy_plan(source, plan)
    note_step(plan, actor, _("建立新版本"))
    record(actor=actor, action="plan.version_begun", subject=plan, based_on=source.pk, version=plan.version)
    return plan


@transaction.atomic
def drop_plan(*, actor: Actor, plan_id: int) -> Plan:
    """Drop a draft that was never handed in.

    Raises NotFound, NotAllowed, WrongState, HasBeenSent.
    """
    plan = locked_draft(actor, plan_id)
    if plan.steps.exclude(state=PlanState.DRAFT).exists():
        raise HasBeenSent
    record(actor=actor, action="plan.dropped", subject=plan, year=plan.entry_year, version=plan.version)
    plan.delete()
    return plan


def _locked_school(actor: Actor) -> PlanSchool:
    """The editor's own school, locked. Raises NotFound."""
    own = seen(PlanSchool.objects.all(), actor, BEGIN).values_list("pk", flat=True).first()
    school = PlanSchool.objects.select_for_update(of=("self",)).filter(pk=own or 0).first()
    if school is None:
        raise NotFound
    require(actor, BEGIN, school)
    return school
