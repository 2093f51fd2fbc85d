"""What tests of signing in share: a person with a password, the form as a browser sends it, a proof of work."""

import altcha
from django.urls import reverse
from django_altcha_widget import get_altcha_challenge

from tests.factories import StudentFactory

PASSWORD = "a long sentence of hers"
ELSEWHERE = "203.0.113.77"


def person_with_password(made=None):
    """A person who has chosen a password and said that she has no e-mail: nothing is owed after signing in."""
    made = made or StudentFactory()
    made.user.set_password(PASSWORD)
    made.user.without_email_at = made.user.created_at
    made.user.save()
    return made


def sign_in(client, person, password=PASSWORD, **more):
    """The answer to the sign-in form; `more` replaces or adds fields."""
    sent = {"school": person.school.code, "account": person.account, "password": password}
    return client.post(reverse("sign_in"), {**sent, **more})


def fail(client, person, times=1):
    """Wrong passwords, with a proof of work wherever one is asked for; the last answer."""
    return [sign_in(client, person, "wrong", proof=proof()) for _time in range(times)][-1]


def proof():
    """What the widget sends after its work."""
    challenge = get_altcha_challenge(cost=10)
    return altcha.Payload(challenge, altcha.solve_challenge(challenge)).to_base64()


def is_in(client):
    """Whether somebody is signed in."""
    return "_auth_user_id" in client.session
