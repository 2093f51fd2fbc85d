from django.db import transaction
from django.utils.translation import gettext as _

from licheng.courseplans.plans.models import Correction
from licheng.courseplans.plans.operations.drafts import locked_draft
from licheng.courseplans.plans.typed import words_checked
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid, NotFound

REASON_LENGTH = 200


@transaction.atomic
def note_correction(*, actor: Actor, plan_id: int, old_code: str, new_code: str, reason: str) -> Correction:
    """Say that a course of the version before goes on under another code, and why.

    Raises NotFound, NotAllowed, WrongState, Invalid unless the old code is gone, the new one is new, neither
    is in another correction, and there is a reason.
    """
    plan = locked_draft(actor, plan_id)
    if plan.based_on is None:
        raise NotFound
    for field, code, home, other in (
        (_("原課程代碼"), old_code, plan.based_on, plan),
        (_("新課程代碼"), new_code, plan, plan.based_on),
    ):
        if not home.courses.filter(code=code).exists() or other.courses.filter(code=code).exists():
            raise Invalid(field=field, reason=_("請選清單裡的代碼；原代碼要已經不用，新代碼要是新的。"))
    if (
        plan.corrections.filter(old_code=old_code).exists()
        or plan.corrections.filter(new_code=new_code).exists()
    ):
        raise Invalid(field=_("課程代碼"), reason=_("已經有這個代碼的更正，請先移除它。"))
    reason = words_checked(_("更正原因"), reason, REASON_LENGTH)
    if not reason:
        raise Invalid(field=_("更正原因"), reason=_("請填寫。"))
    correction = Correction.objects.create(plan=plan, old_code=old_code, new_code=new_code, reason=reason)
    facts = {"plan": plan.pk, "old_code": old_code, "new_code": new_code}
    record(actor=actor, action="plan_correction.noted", subject=correction, **facts)
    return correction


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
