"""Letters to people; a mail server that is away undoes nothing, and nothing personal is logged."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage, mailers
from django.core.mail.backends.base import BaseEmailBackend

from licheng.foundations.accounts.models import User

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one address."""

    address: str
    subject: str
    text: str


def send_letters(letters: Sequence[Letter]) -> int:
    """Send letters one by one over one connection; how many the mail server took."""
    if not letters:
        return 0
    taken = 0
    server = mailers.default
    try:
        server.open()
        for letter in letters:
            taken += _send(server, letter)
    except OSError as failure:  # nobody there: no letter needs to wait for the same answer
        log.warning(
            "%s of %s letters not sent: %s", len(letters) - taken, len(letters), type(failure).__name__
        )
    finally:
        server.close()
    return taken


def _send(server: BaseEmailBackend, letter: Letter) -> int:
    """One letter; 0 when the server has a reason against this one, which says nothing about the others."""
    message = EmailMessage(letter.subject, letter.text, None, [letter.address])
    try:
        return server.send_messages([message]) or 0
    except SMTPResponseException as refusal:
        log.warning("a letter was refused with %s", refusal.smtp_code)
    except SMTPRecipientsRefused:
        log.warning("a letter was refused for its address")
    return 0


def write_to_owner(user: User, subject: str, text: str) -> bool:
    """Send to the account's verified address; whether a letter went out."""
    address = EmailAddress.objects.filter(user_id=user.pk, verified=True).order_by("-primary", "pk").first()
    return address is not None and send_letters([Letter(address.email, subject, text)]) == 1
