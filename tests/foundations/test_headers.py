"""What every answer says to browsers, and which requests from elsewhere get through."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.conf import settings as configured
from django.test import Client

from tests.addresses import addresses, keys_of
from tests.world import OFFICES, make_world

ELSEWHERE = "cross-site"
LINK = {"Sec-Fetch-Site": ELSEWHERE, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
SCHOOL = "licheng.config.urls_school"
INLINE = re.compile(r"^on[a-z]+$")


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


def faults_in(page):
    """What the content policy would refuse in a page: scripts, styles and handlers written into it."""
    soup = BeautifulSoup(page, "html.parser")
    scripts = [
        tag for tag in soup.find_all("script") if not tag.get("src") and tag.get("type") != "application/json"
    ]
    styled = [tag for tag in soup.find_all(True) if tag.get("style") is not None]
    handlers = [tag for tag in soup.find_all(True) for name in tag.attrs if INLINE.match(name)]
    away = [
        tag for tag in soup.find_all(["script", "img", "link"])
        if (tag.get("src") or tag.get("href") or "").startswith(("http://", "https://", "//"))
    ]  # fmt: skip
    return [str(tag)[:120] for tag in (*scripts, *soup.find_all("style"), *styled, *handlers, *away)]


def test_no_page_of_anybody_has_anything_written_into_it_that_could_run(db, at_school):
    Path(configured.ARCHIVE_KEYS).write_text("", encoding="utf-8")
    here = make_world().here
    keys = keys_of(here, 0)
    faults, pages = {}, 0
    for role in ("owner", "teacher", "homeroom", *OFFICES):
        client = Client()
        client.force_login(here.cast[role].user)
        for address in addresses(SCHOOL):
            for url in address.filled(keys)[:1]:
                response = client.get(url)
                if (
                    response.headers.get("Content-Type", "").startswith("text/html")
                    and not response.streaming
                ):
                    pages += 1
                    faults.update({f"{role} {url}": found} if (found := faults_in(response.content)) else {})

    assert faults == {}
    assert pages > 200


def test_a_page_with_a_handler_would_be_found():
    assert faults_in('<p onclick="x()">') == ['<p onclick="x()"></p>']
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
