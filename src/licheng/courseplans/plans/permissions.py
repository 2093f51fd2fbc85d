from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.courseplans.offices.models import Duty
from licheng.courseplans.plans.states import PlanState as S
from licheng.foundations.authz import Actor, Rule

NOTHING = Q(pk__in=())
SENT = (S.AT_AUTHORITY, S.FILED)


def _at_own_school(actor: Actor, *duties: Duty) -> Q:
    return Q(plan_school__officers=actor.person_id) if actor.roles.intersection(duties) else NOTHING


def visible(actor: Actor) -> Q:
    """A school's own plans, what was sent to one's authority; for operators what is on file for everybody."""
    if Duty.OPERATOR in actor.roles:
        return Q(state=S.FILED)
    if Duty.AUTHORITY in actor.roles:
        return Q(plan_school__authority__officers=actor.person_id, state__in=SENT)
    return _at_own_school(actor, Duty.EDITOR, Duty.REVIEWER)


def written_by(actor: Actor) -> Q:
    """Plans of the editor's own school."""
    return _at_own_school(actor, Duty.EDITOR)


def reviewed_by(actor: Actor) -> Q:
    """Plans of the reviewer's own school."""
    return _at_own_school(actor, Duty.REVIEWER)


def noted_by(actor: Actor) -> Q:
    """What was sent to the officer's own authority."""
    if Duty.AUTHORITY not in actor.roles:
        return NOTHING
    return Q(plan_school__authority__officers=actor.person_id, state__in=SENT)


def begun_by(actor: Actor) -> Q:
    """The editor's own school."""
    return Q(officers=actor.person_id) if Duty.EDITOR in actor.roles else NOTHING


SEE = Rule(
    "plans.see",
    _("學校看自己的課程計畫；主管機關看轄下學校送審與備查的；其他人看已備查的。"),
    visible,
    tenant=None,
)
BEGIN = Rule("plans.begin", _("只有學校的課程計畫填報人員可以新增課程計畫。"), begun_by, tenant=None)
WRITE = Rule("plans.write", _("只有學校的課程計畫填報人員可以填報。"), written_by, tenant=None)
REVIEW = Rule("plans.review", _("只有學校的校內審查人員可以校內審。"), reviewed_by, tenant=None)
TAKE_NOTE = Rule("plans.take_note", _("只有學校的主管機關可以備查或退回。"), noted_by, tenant=None)
