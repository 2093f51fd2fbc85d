"""Courses of the version before that go on under other codes."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from licheng.courseplans.plans.models import Correction
from licheng.courseplans.plans.operations.drafts import locked_draft
from licheng.courseplans.plans.queries.versions import stray_corrections
from licheng.courseplans.plans.typed import words_checked
from licheng.foundations.audit.operations import record, record_all
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid, NotFound

REASON_LENGTH = 200


@transaction.atomic
def note_corrections(
    *, actor: Actor, plan_id: int, pairs: Sequence[tuple[str, str]], reason: str
) -> list[Correction]:
    """Say that courses of the version before go on under other codes, old and new, all for one reason.

    Raises NotFound, NotAllowed, WrongState, Invalid unless every old code is gone, every new one is new, none
    is in another correction or twice here, and there is a reason; then none is noted.
    """
    plan = locked_draft(actor, plan_id)
    if plan.based_on is None:
        raise NotFound
    before, now = (set(one.courses.values_list("code", flat=True)) for one in (plan.based_on, plan))
    noted = {code for pair in plan.corrections.values_list("old_code", "new_code") for code in pair}
    for old_code, new_code in pairs:
        if old_code not in before - now or new_code not in now - before:
            field = _("原課程代碼") if old_code not in before - now else _("新課程代碼")
            raise Invalid(field=field, reason=_("請選清單裡的代碼；原代碼要已經不用，新代碼要是新的。"))
        if noted & {old_code, new_code}:
            raise Invalid(field=_("課程代碼"), reason=_("已經有這個代碼的更正，請先移除它。"))
        noted |= {old_code, new_code}
    reason = words_checked(_("更正原因"), reason, REASON_LENGTH)
    if not reason:
        raise Invalid(field=_("更正原因"), reason=_("請填寫。"))
    corrections = Correction.objects.bulk_create(
        Correction(plan=plan, old_code=old, new_code=new, reason=reason) for old, new in pairs
    )
    acts = [
        (one, {"plan": plan.pk, "old_code": one.old_code, "new_code": one.new_code}) for one in corrections
    ]
    record_all(actor=actor, action="plan_correction.noted", acts=acts)
    return corrections


@transaction.atomic
def remove_correction(*, actor: Actor, plan_id: int, correction_id: int) -> Correction:
    """Take a correction back.

    Raises NotFound, NotAllowed, WrongState.
    """
    plan = locked_draft(actor, plan_id)
    correction = plan.corrections.filter(pk=correction_id).first()
    if correction is None:
        raise NotFound
    record(actor=actor, action="plan_correction.removed", subject=correction, plan=plan.pk)
    correction.delete()
    return correction


@transaction.atomic
def remove_stray_corrections(*, actor: Actor, plan_id: int) -> int:
    """Take back every correction whose codes changed once more, as after another change of a group; how many.

    Raises NotFound, NotAllowed, WrongState.
    """
    plan = locked_draft(actor, plan_id)
    stray = stray_corrections(plan)
    acts = [(one, {"plan": plan.pk}) for one in stray]
    record_all(actor=actor, action="plan_correction.removed", acts=acts)
    plan.corrections.filter(pk__in=[one.pk for one in stray]).delete()
    return len(stray)
