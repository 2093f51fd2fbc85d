"""Who is asking at the archive: an operator in a browser, or a school's system with its token."""

from django.http import HttpRequest

from licheng.archive.intake.models import RegisteredSchool
from licheng.archive.intake.permissions import DEPOSITOR, OPERATOR
from licheng.foundations.accounts.factors import freshness
from licheng.foundations.accounts.models import User
from licheng.foundations.authz import Actor
from licheng.foundations.machines.models import MachineToken


def actor_of(request: HttpRequest) -> Actor | None:
    """The signed-in operator as an actor, or None."""
    user = request.user
    if not isinstance(user, User) or not user.is_operator:
        return None
    label, roles = f"operator:{user.pk}", frozenset({OPERATOR})
    return Actor(user.pk, None, label, roles, user.name, is_fresh=freshness(request), needs_factor=True)


def may_enter(user: User) -> bool:
    """Whether the account is an operator's; others have no work at the archive."""
    return user.is_operator


def depositor_of(_request: HttpRequest, token: MachineToken) -> Actor | None:
    """The school whose system presents this token, or None once it may not deposit any more."""
    school = RegisteredSchool.objects.filter(code=token.holder, is_active=True).first()
    if school is None:
        return None
    return Actor(school.pk, None, f"school:{school.code}", frozenset({DEPOSITOR}), school.name)
