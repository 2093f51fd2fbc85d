"""The language of a page: chosen here, kept in a cookie that holds nothing else, and never one that is not offered."""

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def chosen(client, language, **more):
    """The cookie that choosing a language leaves, and where it leads."""
    answer = client.post(reverse("set_language"), {"language": language, "next": reverse("sign_in")} | more)
    return answer.cookies.get(configured.LANGUAGE_COOKIE_NAME), answer.headers.get("Location")


def language_of(client):
    return client.get(reverse("sign_in")).headers["Content-Language"]


def test_the_choice_stands_in_a_cookie_with_its_flags(client, settings):
    settings.LANGUAGE_COOKIE_SECURE = True

    cookie, leads_to = chosen(client, "en")

    assert (cookie.value, leads_to) == ("en", reverse("sign_in"))
    assert cookie["httponly"] is True
    assert cookie["secure"] is True
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert language_of(client) == "en"


@pytest.mark.parametrize("language", ["fr", "xx", "", "../../etc", "zh-hans", "EN\r\nX: y", "e" * 5000])
def test_a_language_that_is_not_offered_is_not_kept(client, language):
    cookie, _leads_to = chosen(client, language)

    assert cookie is None
    assert language_of(client) == "zh-hant"


@pytest.mark.parametrize("language", ["fr", "<script>", "zh-hans", "en-x", "e" * 5000])
def test_a_cookie_with_another_language_is_as_if_it_were_not_there(client, language):
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = language

    assert language_of(client) == "zh-hant"


def test_the_browsers_own_language_does_not_decide(client):
    answer = client.get(reverse("sign_in"), headers={"Accept-Language": "en"})

    assert answer.headers["Content-Language"] == "zh-hant"


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.invalid/", "//elsewhere.invalid/", "/\\elsewhere.invalid"]
)
def test_choosing_a_language_leads_to_no_other_site(elsewhere):
    _cookie, leads_to = chosen(Client(), "en", next=elsewhere)

    assert "elsewhere" not in leads_to
