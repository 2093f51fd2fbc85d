"""Whether an identity and an account are one person's, as far as the issuer says; who is linked to what."""

from dataclasses import asdict, dataclass
from datetime import datetime
from time import time

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import HttpRequest

from licheng.foundations.accounts.entering import may_enter
from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.oidc.errors import IdentityRefused, NothingToLink
from licheng.foundations.accounts.oidc.issuer import Identity
from licheng.foundations.authz import Actor

WAITING = "oidc_waiting"  # the session's key of an identity that is shown and not yet linked
WAITS_SECONDS = 600  # own bound
STUDENT, TEACHER = "學生", "教師"  # the two titles that the published clients know


@dataclass(frozen=True, slots=True)
class Linked:
    """An identity linked to one's own account."""

    identity_id: int
    since: datetime
    used_at: datetime


def account_linked_to(identity: Identity) -> User | None:
    """The account that issuer and subject are linked to; the e-mail address never decides."""
    row = SocialAccount.objects.filter(provider=identity.issuer, uid=identity.subject).first()
    return User.objects.filter(pk=row.user_id).first() if row else None


def linked_to(user: User) -> list[Linked]:
    """The identities of the present issuer that may sign in to this account."""
    rows = SocialAccount.objects.filter(provider=settings.OIDC_ISSUER, user_id=user.pk).order_by("pk")
    return [Linked(row.pk, row.date_joined, row.last_login) for row in rows]


def check_fits(identity: Identity, user: User, actor: Actor | None) -> None:
    """Refuse an identity of another school, of another kind of person, or of nobody here any more.

    Titles give no role, those come from rosters; they only must not contradict.
    Raises IdentityRefused with the reason.
    """
    if actor is None or not may_enter(user):
        raise IdentityRefused("not-here")
    if not identity.school or identity.school != user.login.partition(":")[0]:
        raise IdentityRefused("school")
    only = {STUDENT, TEACHER} & set(identity.titles)
    is_student = "student" in actor.roles
    if (only == {STUDENT} and actor.needs_factor) or (only == {TEACHER} and is_student):
        raise IdentityRefused("title")


def let_wait(request: HttpRequest, identity: Identity) -> None:
    """Keep an identity in this session until its person has signed in and confirmed."""
    request.session[WAITING] = {**asdict(identity), "at": time()}


def waiting(request: HttpRequest) -> Identity:
    """The identity that waits in this session. Raises NothingToLink when there is none or it is too old."""
    kept = request.session.get(WAITING)
    if not isinstance(kept, dict) or not 0 <= time() - kept["at"] <= WAITS_SECONDS:
        raise NothingToLink
    facts = {name: kept[name] for name in ("issuer", "subject", "name", "school", "acr")}
    return Identity(**facts, titles=tuple(kept["titles"]))
