"""What every answer says to browsers, and which requests from elsewhere get through."""

import pytest
from django.conf import settings as configured
from django.test import Client

from tests.pages import faults_in
from tests.world import make_world

ELSEWHERE = "cross-site"
LINK = {"Sec-Fetch-Site": ELSEWHERE, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
SCHOOL = "licheng.config.urls_school"


@pytest.fixture
def at_school(settings):
    settings.ROOT_URLCONF = SCHOOL


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("method", "mode", "dest"),
    [
        ("post", "navigate", "document"),
        ("get", "no-cors", "script"),
        ("get", "no-cors", "image"),
        ("get", "cors", "empty"),
        ("get", "navigate", "iframe"),
        ("get", "navigate", "object"),
    ],
)
def test_nothing_but_a_link_gets_in_from_elsewhere(db, at_school, site, method, mode, dest):
    said = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}

    response = getattr(Client(), method)("/status/", headers=said)

    assert response.status_code == 403
    assert "別的網站" in response.content.decode()


def test_a_link_from_elsewhere_a_bookmark_and_an_old_browser_get_in(db, at_school):
    found = [
        Client().get("/status/", headers=said).status_code for said in (LINK, {"Sec-Fetch-Site": "none"}, {})
    ]

    assert found == [200, 200, 200]


def test_every_answer_keeps_to_itself(db, at_school):
    for address in ("/status/", "/people/sign-in/", "/nowhere/"):
        said = Client().get(address).headers
        assert said["Cross-Origin-Resource-Policy"] == "same-origin"
        assert said["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "geolocation=()" in said["Permissions-Policy"]
        assert said["X-Content-Type-Options"] == "nosniff"
        assert said["Referrer-Policy"] == "same-origin"
        assert "default-src 'none'" in said["Content-Security-Policy"]
        assert "unsafe" not in said["Content-Security-Policy"]


def test_the_visitor_cannot_name_its_own_address(db, at_school, settings, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "licheng.config.headers.Isolation.__call__",
        lambda self, request: seen.append(request.META["REMOTE_ADDR"]) or self.get_response(request),
    )
    forged = {"X-Forwarded-For": "192.0.2.9, 198.51.100.7"}

    Client().get("/healthz", headers=forged)
    settings.BEHIND_PROXY = True
    Client().get("/healthz", headers=forged)
    Client().get("/healthz")

    assert seen == ["127.0.0.1", "198.51.100.7", "127.0.0.1"]


def test_a_page_with_a_handler_would_be_found():
    assert faults_in('<p onclick="x()">') == ['<p onclick="x()">']
    assert len(faults_in('<style>p{}</style><script>x</script><img src="//a/b"><b style="">')) == 4


def test_pages_for_one_person_are_kept_by_nobody(db, at_school):
    here = make_world().here
    client = Client()
    client.force_login(here.cast["owner"].user)

    for address in ("/", "/outcomes/", "/receipts/"):
        assert "no-store" in client.get(address).headers["Cache-Control"]


def test_cookies_are_for_this_host_alone_under_https():
    # cookies are named where settings are read, so the names are asked of the source's two cases
    assert configured.SESSION_COOKIE_HTTPONLY
    assert configured.SESSION_COOKIE_SAMESITE == configured.CSRF_COOKIE_SAMESITE == "Lax"
