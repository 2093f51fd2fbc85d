"""Who is asking at the archive: an operator in a browser, or a school's system with its token."""

import hashlib

from django.http import HttpRequest

from licheng.archive.intake.models import RegisteredSchool
from licheng.archive.intake.permissions import DEPOSITOR, OPERATOR
from licheng.foundations.accounts.models import User
from licheng.foundations.authz import Actor


def actor_of(request: HttpRequest) -> Actor | None:
    """The signed-in operator as an actor, or None."""
    user = request.user
    if not isinstance(user, User) or not user.is_operator:
        return None
    return Actor(user.pk, None, f"operator:{user.pk}", frozenset({OPERATOR}), user.name)


def depositor_of(token: str) -> Actor | None:
    """The school whose system presents this token, or None; tokens are kept as hashes only."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    school = RegisteredSchool.objects.filter(token_sha256=digest, is_active=True).first()
    if school is None:
        return None
    return Actor(school.pk, None, f"school:{school.code}", frozenset({DEPOSITOR}), school.name)
