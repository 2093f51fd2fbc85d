"""One code, two sign-ins at once: the row is locked, so that exactly one is let in."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret

from licheng.foundations.accounts.errors import LastFactor, NotShown
from licheng.foundations.accounts.operations import add_app, remove_factor, show_code
from licheng.school.people.models import Role
from tests.factories import PersonFactory, fresh_actor
from tests.foundations.showing import code_from
from tests.school.test_selection_race import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def teacher():
    return PersonFactory(roles=[Role.TEACHER])


@pytest.fixture
def secret(teacher):
    secret = generate_totp_secret()
    add_app(actor=fresh_actor(teacher), user=teacher.user, secret=secret, code=code_from(secret, -1))
    return secret


def showing(teacher, code):
    return lambda: show_code(
        actor=fresh_actor(teacher), user=teacher.user, code=code, occasion="account.factor"
    )


def test_an_apps_code_lets_one_of_two_in(teacher, secret):
    first, second, waited = race(*[showing(teacher, code_from(secret))] * 2)

    assert waited
    assert first is None
    assert isinstance(second, NotShown)


def test_a_recovery_code_lets_one_of_two_in(teacher, secret):
    row = Authenticator.objects.get(user=teacher.user, type="recovery_codes")
    code = RecoveryCodes(row).get_unused_codes()[0]

    first, second, waited = race(*[showing(teacher, code)] * 2)

    assert waited
    assert first is None
    assert isinstance(second, NotShown)
    row.refresh_from_db()
    assert len(RecoveryCodes(row).get_unused_codes()) == 9


def test_two_removals_never_take_the_last_one(teacher, secret):
    app = Authenticator.objects.get(user=teacher.user, type="totp")
    key = Authenticator.objects.create(user=teacher.user, type="webauthn", data={"name": "手機"})

    def removing(factor):
        return lambda: remove_factor(actor=fresh_actor(teacher), user=teacher.user, factor_id=factor.pk)

    first, second, waited = race(removing(app), removing(key))

    assert waited
    assert first is None
    assert isinstance(second, LastFactor)
