from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.courseplans.plans import states
from licheng.courseplans.plans.errors import MovedMeanwhile, NothingToSend, NotReady
from licheng.courseplans.plans.models import Plan
from licheng.courseplans.plans.operations.drafts import locked_plan, note_step
from licheng.courseplans.plans.permissions import REVIEW, TAKE_NOTE, WRITE
from licheng.courseplans.plans.queries.findings import findings_of
from licheng.courseplans.plans.queries.versions import stray_corrections
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, Rule
from licheng.foundations.errors import Invalid
from licheng.foundations.moves import Move
from licheng.foundations.queueing import enqueue_on_commit

REASON_LENGTH = 500


@transaction.atomic
def hand_in_plan(*, actor: Actor, plan_id: int, step: int) -> Plan:
    """Hand a draft to the school's own reviewers; `step` is the last step its editor saw.

    Raises NotFound, NotAllowed, WrongState, MovedMeanwhile, NothingToSend, NotReady.
    """
    plan = _moved(actor, plan_id, WRITE, states.HAND_IN, step)
    _require_ready(plan)
    return _noted(plan, actor, states.HAND_IN, "plan.handed_in")


@transaction.atomic
def return_in_school(*, actor: Actor, plan_id: int, step: int, reason: str) -> Plan:
    """Give a plan back to the school's editors, with the reason.

    Raises NotFound, NotAllowed, WrongState, MovedMeanwhile, Invalid without reason.
    """
    plan = _moved(actor, plan_id, REVIEW, states.RETURN_IN_SCHOOL, step)
    return _noted(plan, actor, states.RETURN_IN_SCHOOL, "plan.returned_in_school", _reason(reason))


@transaction.atomic
def send_plan(*, actor: Actor, plan_id: int, step: int) -> Plan:
    """Send a plan that the school's reviewers agree to on to the authority.

    Raises NotFound, NotAllowed, WrongState, MovedMeanwhile.
    """
    plan = _moved(actor, plan_id, REVIEW, states.SEND, step)
    return _noted(plan, actor, states.SEND, "plan.sent")


@transaction.atomic
def return_plan(*, actor: Actor, plan_id: int, step: int, reason: str) -> Plan:
    """Give a plan back to the school to be mended, with the reason.

    Raises NotFound, NotAllowed, WrongState, MovedMeanwhile, Invalid without reason.
    """
    plan = _moved(actor, plan_id, TAKE_NOTE, states.RETURN, step)
    return _noted(plan, actor, states.RETURN, "plan.returned", _reason(reason))


@transaction.atomic
def file_plan(*, actor: Actor, plan_id: int, step: int) -> Plan:
    """Take note of a plan: from now on it is public and never changes.

    Raises NotFound, NotAllowed, WrongState, MovedMeanwhile.
    """
    plan = _moved(actor, plan_id, TAKE_NOTE, states.FILE, step)
    plan.filed_at = timezone.now()
    return _noted(plan, actor, states.FILE, "plan.filed")


def _moved(actor: Actor, plan_id: int, rule: Rule, move: Move, step: int) -> Plan:
    """The locked plan in its next state, not saved yet."""
    plan = locked_plan(actor, plan_id, rule)
    state = move.apply(plan.state)
    last = plan.steps.order_by("pk").values_list("pk", flat=True).last()
    if last is not None and last != step:
        raise MovedMeanwhile
    plan.state = state
    return plan


def _noted(plan: Plan, actor: Actor, move: Move, action: str, reason: str = "") -> Plan:
    """Save the moved plan with its step, and have those told whose turn it is.

    A plan that goes on has no reason of an earlier return any more.
    """
    plan.return_reason = reason
    plan.save(update_fields=["state", "return_reason", "filed_at", "changed_at"])
    step = note_step(plan, actor, move.says, reason)
    enqueue_on_commit("licheng.courseplans.plans.tasks.tell_next", step_id=step.pk)
    record(actor=actor, action=action, subject=plan, version=plan.version, year=plan.entry_year)
    return plan


def _reason(words: str) -> str:
    words = words.strip().replace("\r\n", "\n")
    if not words or "\0" in words:
        raise Invalid(field=_("退回原因"), reason=_("請寫明要修正什麼。"))
    if len(words) > REASON_LENGTH:
        raise Invalid(field=_("退回原因"), reason=_("最多 %(most)d 個字。") % {"most": REASON_LENGTH})
    return words


def _require_ready(plan: Plan) -> None:
    """Raises NothingToSend for a plan without courses, NotReady while anything in it is an error."""
    courses = list(plan.courses.all())
    if not courses:
        raise NothingToSend
    count = findings_of(plan, courses).errors + len(stray_corrections(plan))
    if count:
        raise NotReady(count=count)
