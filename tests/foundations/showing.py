"""What tests of second factors share: sessions in which so much was shown, codes, and passkeys made through the pages."""

import json
import re
import time

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from licheng.foundations.accounts import factors
from licheng.foundations.audit.models import AuditEntry
from tests.factories import fresh
from tests.foundations.soft_passkey import SoftPasskey

SITE, HOST = "https://school.example", "school.example"
PASSWORD = "a sentence of the tests"


def browser():
    return Client(headers={"host": HOST})


def entered(person, *, state=None):
    """A session in which only the password was shown, just now."""
    client = browser()
    client.force_login(person.user)
    session = client.session
    del session[factors.MARK]
    session["email_settled"] = True
    if state:
        session[factors.MARK] = {"version": person.user.factors_version, "state": state}
    session.save()
    return proved(client, person, "password")


def proved(client, person, method, ago=0):
    fresh(client)
    session = client.session
    session["account_authentication_methods"] = [{"method": method, "at": time.time() - ago}]
    session.save()
    return client


def code_of(person, steps=0):
    """The app's code now, or some steps of 30 s away."""
    row = Authenticator.objects.get(user=person.user, type="totp")
    return code_from(get_adapter().decrypt(row.data["secret"]), steps)


def code_from(secret, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def with_app(client):
    """Set up an app through the pages; the answer of the last one."""
    client.get(reverse("add_app"))
    secret = get_adapter().decrypt(client.session["factors_secret"])
    return client.post(reverse("add_app"), {"code": code_from(secret)})


def options_in(answer):
    found = re.search(r'id="passkey-options" type="application/json">(.*?)</script>', answer.content.decode())
    return json.loads(found[1])


def with_passkey(client, **changes):
    """Make a passkey through the pages; the passkey and the answer."""
    key = SoftPasskey(SITE, HOST)
    for name, value in changes.items():
        setattr(key, name, value)
    made = key.make(options_in(client.get(reverse("add_passkey"))))
    return key, client.post(reverse("add_passkey"), {"name": "手機", "credential": json.dumps(made)})


def shown(client, passkey, /, **changes):
    options = options_in(client.get(reverse("step_up")))
    for name, value in changes.items():
        setattr(passkey, name, value)
    return client.post(reverse("step_up"), {"credential": json.dumps(passkey.show(options))})


def acts():
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
