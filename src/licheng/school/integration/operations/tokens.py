from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from licheng.foundations.authz import Actor, require
from licheng.foundations.errors import Invalid
from licheng.foundations.machines.models import MachineToken
from licheng.foundations.machines.operations import make_token, revoke_token
from licheng.foundations.machines.scopes import Scope
from licheng.school.integration.permissions import MANAGE
from licheng.school.integration.queries import own_token
from licheng.school.people.actors import school_of

# What this site's API knows.
OFFERED = (Scope.CLASSES_READ, Scope.STUDENTS_READ, Scope.PROGRESS_READ, Scope.ROSTERS_WRITE)


@transaction.atomic
def make_school_token(
    *, actor: Actor, name: str, scopes: Sequence[str], days: int
) -> tuple[MachineToken, str]:
    """Hand out a token for a system that reads from this school; the secret is given here once.

    Raises NotAllowed, StepUpNeeded, or Invalid for what this site does not offer.
    """
    school = school_of(actor)
    require(actor, MANAGE, school)
    if set(scopes) - set(OFFERED):
        raise Invalid(field=_("權限範圍"), reason=_("請至少選一項，而且只能選列出的項目。"))
    return make_token(actor=actor, holder=school.code, name=name, scopes=scopes, days=days)


@transaction.atomic
def revoke_school_token(*, actor: Actor, token_id: int) -> MachineToken:
    """End one of the school's tokens at once.

    Raises NotFound for another school's, NotAllowed, StepUpNeeded, TokenInactive.
    """
    token = own_token(actor, token_id)
    require(actor, MANAGE, school_of(actor))
    return revoke_token(actor=actor, token_id=token.pk)
