"""Letters about a plan: to whose turn it is, and to the school once it is on file."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from licheng.courseplans.plans.models import PlanStep
from licheng.courseplans.plans.queries.turns import told_of
from licheng.courseplans.plans.states import PlanState
from licheng.foundations.accounts.operations.letters import Letter, send_letters
from licheng.foundations.accounts.queries import email_of
from licheng.foundations.authz import Actor, require_system


def tell_next(*, actor: Actor, step_id: int) -> int:
    """Write to the verified addresses of those who go on with a plan after a step; how many letters went out.

    A letter says what happened and where to look; reasons stay behind the sign-in. Nobody is written to once
    the plan has gone on, or was dropped.
    Raises NotAllowed for people.
    """
    require_system(actor)
    rows = PlanStep.objects.select_related("plan__plan_school")
    step = rows.filter(pk=step_id).first()
    if step is None:
        return 0
    addresses = dict.fromkeys(email_of(officer.user) for officer in told_of(step))
    subject, text = _letter(step)
    return send_letters([Letter(address, subject, text) for address in addresses if address])


def _letter(step: PlanStep) -> tuple[str, str]:
    plan = step.plan
    facts = {
        "school": plan.plan_school.name,
        "year": plan.entry_year,
        "version": plan.version,
        "url": f"{settings.PUBLIC_URL.rstrip('/')}{reverse('plans:plan', args=[plan.pk])}",
    }
    subject, words = {
        PlanState.DRAFT: (
            _("課程計畫退回：%(school)s %(year)s 學年度入學"),
            _("被退回了。請登入看退回原因，修正後再送一次："),
        ),
        PlanState.IN_SCHOOL: (
            _("課程計畫等您校內審：%(school)s %(year)s 學年度入學"),
            _("已送校內審，請登入審查，再送主管機關或退回："),
        ),
        PlanState.AT_AUTHORITY: (
            _("課程計畫等您備查：%(school)s %(year)s 學年度入學"),
            _("已由學校送審，請登入查看，再備查或退回："),
        ),
        PlanState.FILED: (
            _("課程計畫已備查：%(school)s %(year)s 學年度入學"),
            _("已經備查並公開，從現在起任何人都查得到："),
        ),
    }[PlanState(step.state)]
    text = _(
        "%(school)s %(year)s 學年度入學的課程計畫（第 %(version)s 版）%(words)s\n\n%(url)s\n\n"
        "這封信由課程計畫平臺自動寄出，不必回覆。這件事不是您負責的話，請洽平臺管理人員。\n"
    )
    return subject % facts, text % {**facts, "words": words}
