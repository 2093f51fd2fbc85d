"""Who works at the platform: accounts opened, ended, let in again, by its operators or from its machine."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.courseplans.offices.models import AT_SCHOOL, Duty, Officer, PlanAuthority, PlanSchool
from licheng.courseplans.offices.permissions import NAME_OFFICERS
from licheng.foundations.accounts.models import CodePurpose, User
from licheng.foundations.accounts.operations import (
    end_sessions,
    issue_code,
    let_in_again,
    open_account,
    withdraw_code,
)
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, allows, require
from licheng.foundations.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody does here; `place` is a school's code, an authority's code, or empty for operators."""

    duty: str
    place: str = ""


@transaction.atomic
def add_officer(*, actor: Actor, account: str, name: str, post: Post) -> tuple[Officer, str | None]:
    """Open an officer's account, with its enrolment code; repeating replaces name and post.

    A new code comes as long as she has not enrolled; then None: recovery lets her in again.
    Raises NotAllowed, Invalid for a duty or place there is not, without a name, or for one's own account.
    """
    place = _place(post)
    if not name.strip() or not account.strip():
        raise Invalid(field=_("姓名") if account.strip() else _("帳號"), reason=_("請填寫。"))
    user = User.objects.select_for_update().filter(login=account).first()
    officer = Officer.objects.select_for_update().filter(user=user).first() if user else None
    if user is None:
        user = open_account(actor=actor, login=account, name=name)
    officer = officer or Officer(user=user)
    if officer.pk is not None and officer.pk == actor.person_id:
        raise Invalid(field=_("帳號"), reason=_("不能改自己的職務，請另一位平臺管理人員辦理。"))
    officer.name, officer.duty, officer.ended_on = name, post.duty, None
    officer.plan_school = place if isinstance(place, PlanSchool) else None
    officer.authority = place if isinstance(place, PlanAuthority) else None
    officer.save()
    _require(actor, officer)
    user.name = name
    user.save(update_fields=["name"])
    record(actor=actor, action="officer.added", subject=officer, duty=post.duty, place=post.place)
    if user.has_usable_password():
        return officer, None
    return officer, issue_code(actor=actor, user=user, purpose=CodePurpose.ENROL)


@transaction.atomic
def end_officer(*, actor: Actor, officer_id: int) -> Officer:
    """Let somebody work here no longer, from today: her sessions end at once.

    Raises NotFound, NotAllowed, Invalid for oneself.
    """
    officer = _locked(actor, pk=officer_id)
    if officer.pk == actor.person_id:
        raise Invalid(field=officer.name, reason=_("不能結束自己的職務，請另一位平臺管理人員辦理。"))
    officer.ended_on = timezone.localdate()
    officer.save(update_fields=["ended_on"])
    withdraw_code(actor=actor, user=officer.user)
    end_sessions(actor=actor, user=officer.user)
    record(actor=actor, action="officer.ended", subject=officer)
    return officer


@transaction.atomic
def recover_officer(*, actor: Actor, account: str, identity_check: str, reason: str) -> tuple[Officer, str]:
    """Let an officer in again whose identity was seen: by a code whose use ends the old way in.

    Raises NotFound, NotAllowed, Invalid without identity check or reason, or once she has left.
    """
    officer = _locked(actor, user__login=account)
    if officer.ended_on is not None:
        raise Invalid(field=officer.name, reason=_("職務已經結束，請先重新開立。"))
    record(actor=actor, action="officer.recovered", subject=officer)
    code = let_in_again(actor=actor, user=officer.user, identity_check=identity_check, reason=reason)
    return officer, code


def _locked(actor: Actor, **who: object) -> Officer:
    officer = Officer.objects.select_for_update(of=("self",)).select_related("user").filter(**who).first()
    if officer is None or not (actor.is_system or allows(actor, NAME_OFFICERS, officer)):
        raise NotFound
    _require(actor, officer)
    return officer


def _require(actor: Actor, officer: Officer) -> None:
    """Operators may, as the rule says; so may whoever runs the machine, before anybody is there."""
    if not actor.is_system:
        require(actor, NAME_OFFICERS, officer)


def _place(post: Post) -> PlanSchool | PlanAuthority | None:
    """The school or authority of a post. Raises Invalid."""
    if post.duty not in Duty.values:
        raise Invalid(field=_("職務"), reason=_("沒有「%(duty)s」這種職務。") % {"duty": post.duty})
    if post.duty == Duty.OPERATOR:
        if post.place:
            raise Invalid(field=_("單位"), reason=_("平臺管理人員不屬於學校或主管機關。"))
        return None
    rows = PlanSchool.objects if post.duty in AT_SCHOOL else PlanAuthority.objects
    found: PlanSchool | PlanAuthority | None = rows.filter(code=post.place).first()
    if found is None:
        raise Invalid(field=_("單位"), reason=_("名錄裡沒有「%(code)s」。") % {"code": post.place})
    return found
