"""Identities of other organisations: linked to an account by issuer and subject, never by e-mail."""

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import gettext as _

from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.oidc.errors import LinkedElsewhere
from licheng.foundations.accounts.operations.letters import write_to_owner
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_fresh
from licheng.foundations.errors import NotFound


@transaction.atomic
def link_identity(*, actor: Actor, user: User, issuer: str, subject: str) -> SocialAccount:
    """Let an identity sign in to one's own account; linking the same again changes nothing.

    The caller has seen that the issuer vouches for the identity and that it fits the account.
    Raises StepUpNeeded, LinkedElsewhere.
    """
    require_fresh(actor)
    User.objects.select_for_update().get(pk=user.pk)  # two tabs at once: one identity an issuer
    there = SocialAccount.objects.filter(provider=issuer, uid=subject).first()
    if there is not None and there.user_id == user.pk:
        return there
    if there is not None or SocialAccount.objects.filter(provider=issuer, user_id=user.pk).exists():
        raise LinkedElsewhere
    made, is_new = SocialAccount.objects.get_or_create(
        provider=issuer, uid=subject, defaults={"user_id": user.pk}
    )
    if not is_new:  # somebody else was faster
        raise LinkedElsewhere
    record(actor=actor, action="identity.linked", subject=user, identity=made.pk, issuer=issuer)
    text = _(
        "您的帳號剛才連結了一個教育雲端帳號，以後也可以用它登入。\n\n"
        "如果不是您本人，請立刻更換密碼，到「登入保護」解除連結。\n"
    )
    transaction.on_commit(lambda: write_to_owner(user, _("您的帳號連結了教育雲端帳號"), text))
    return made


@transaction.atomic
def unlink_identity(*, actor: Actor, user: User, identity_id: int) -> None:
    """Let an identity sign in no more. Raises NotFound for another account's, StepUpNeeded."""
    row = SocialAccount.objects.select_for_update().filter(user_id=user.pk, pk=identity_id).first()
    if row is None:
        raise NotFound
    require_fresh(actor)
    record(actor=actor, action="identity.unlinked", subject=user, identity=row.pk, issuer=row.provider)
    row.delete()


def note_identity_refused(*, actor: Actor, user: User | None, reason: str) -> None:
    """Write down that an answer of the other organisation was not believed, and why."""
    record(actor=actor, action="identity.refused", subject=user or User(), reason=reason)
