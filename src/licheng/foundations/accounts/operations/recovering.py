"""Somebody let in again whose identity was seen: the one way for operators and officers of every site."""

from django.db import transaction
from django.utils.translation import gettext as _

from licheng.foundations.accounts.models import CodePurpose, User
from licheng.foundations.accounts.operations.codes import issue_code
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid

CHECK_CHARACTERS, REASON_CHARACTERS = 100, 80  # own bounds: together they fit the column


@transaction.atomic
def let_in_again(*, actor: Actor, user: User, identity_check: str, reason: str) -> str:
    """A code by which the owner of an account comes in again; its use ends the old way in.

    Who has not enrolled yet gets a first code instead. Whether the actor may is the caller's to ask.
    Raises Invalid without identity check or reason.
    """
    for field, words in ((_("如何確認身分"), identity_check), (_("事由"), reason)):
        if not words.strip():
            raise Invalid(field=field, reason=_("請寫明。"))
    facts = {"check": identity_check.strip()[:CHECK_CHARACTERS], "reason": reason.strip()[:REASON_CHARACTERS]}
    return issue_code(
        actor=actor,
        user=user,
        purpose=CodePurpose.RECOVER if user.has_usable_password() else CodePurpose.ENROL,
        identity_check=_("%(check)s；%(reason)s") % facts,
    )
