"""A linked student, an issuer, and the way there and back, for the tests of 教育雲端帳號."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from licheng.foundations.audit.models import AuditEntry
from tests.factories import SchoolFactory, StudentFactory
from tests.issuer import Standing, introduce


@pytest.fixture(scope="module")
def standing():
    with Standing() as issuer:
        yield issuer


@pytest.fixture
def issuer(standing, settings, tmp_path):
    """An honest issuer that nobody has asked yet."""
    fresh_one = type(standing)(url=standing.url)
    for name in vars(standing):
        setattr(standing, name, getattr(fresh_one, name))
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    settings.PUBLIC_URL = "http://testserver"
    introduce(settings, standing, tmp_path)
    return standing


@pytest.fixture
def school(db):
    return SchoolFactory(code="070406")


@pytest.fixture
def student(school):
    """A student who has enrolled and said that she has no e-mail."""
    return settled(StudentFactory(school=school, name="王小明"))


def settled(person):
    """Somebody who owes no step of signing in but a second factor."""
    person.user.set_password("a-long-enough-sentence")
    person.user.without_email_at = timezone.now()
    person.user.save()
    return person


def link(person, issuer, sub="edu-0001"):
    return SocialAccount.objects.create(user=person.user, provider=issuer.url, uid=sub)


def go(client, **asked):
    """Off to the issuer; what it was asked, as the browser would."""
    answer = client.get("/oidc/start/", asked)
    assert answer.status_code == 302, answer.content.decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def back(client, issuer, asked, **more):
    """Back from the issuer with its code."""
    given = parse_qs(urlsplit(issuer.authorise(asked)).query)
    query = {name: values[0] for name, values in given.items()} | more
    return client.get("/oidc/back/", {name: value for name, value in query.items() if value is not None})


def come_and_go(client, issuer, **asked):
    return back(client, issuer, go(client, **asked))


def signed_in(client):
    return "_auth_user_id" in client.session


def refused(client, answer, reason):
    """A refusal: the one page, nobody signed in, the reason in the audit alone."""
    entry = AuditEntry.objects.filter(action="identity.refused").latest("pk")
    assert (answer.status_code, signed_in(client)) == (403, False)
    assert "無法確認" in answer.content.decode()
    assert f">{reason}<" not in answer.content.decode()
    assert entry.data == {"reason": reason}
    return True
