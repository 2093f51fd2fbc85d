"""Who is asking at the course-plan platform: somebody of a school, of an authority, or of the platform."""

from django.http import HttpRequest

from licheng.courseplans.offices.queries import officers_serving
from licheng.foundations.accounts.factors import freshness
from licheng.foundations.accounts.models import User
from licheng.foundations.authz import Actor


def actor_of(request: HttpRequest) -> Actor | None:
    """The signed-in officer as an actor, or None for who left. Everybody here shows a second factor."""
    user = request.user
    if not isinstance(user, User):
        return None
    officer = officers_serving().filter(user_id=user.pk).first()
    if officer is None:
        return None
    return Actor(
        officer.pk,
        None,
        f"officer:{officer.pk}",
        frozenset({officer.duty}),
        officer.name,
        is_fresh=freshness(request),
        needs_factor=True,
    )


def may_enter(user: User) -> bool:
    """Whether the account is that of an officer who has not left."""
    return officers_serving().filter(user_id=user.pk).exists()
