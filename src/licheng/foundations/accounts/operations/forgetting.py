"""An account after its person: nothing of it opens, nothing of it tells who it was."""

import secrets

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from axes.models import AccessAttempt, AccessFailureLog
from django.db import transaction

from licheng.foundations.accounts import lockout
from licheng.foundations.accounts.models import EnrolmentCode, User
from licheng.foundations.accounts.operations.sessions import end_sessions
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor


@transaction.atomic
def anonymise_account(*, actor: Actor, user: User) -> None:
    """Close an account for good: name and login replaced; addresses, factors, codes, failures removed.

    Failures on devices that the account knew stand under another key, and go after SIGN_INS_KEPT_DAYS.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    end_sessions(actor=actor, user=user)
    for model in (EmailAddress, Authenticator, SocialAccount, EnrolmentCode):
        model._default_manager.filter(user_id=user.pk).delete()  # noqa: SLF001 -- Django's documented name
    for log in (AccessAttempt, AccessFailureLog):
        log._default_manager.filter(username=lockout.key_of(user.login)).delete()  # noqa: SLF001 -- as above
    user.login, user.name = f"gone:{secrets.token_hex(16)}", ""
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["login", "name", "is_active", "password"])
    record(actor=actor, action="account.anonymised", subject=user)
