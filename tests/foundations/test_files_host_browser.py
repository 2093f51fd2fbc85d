"""A real browser at the files host: nothing that somebody handed in can run there, or read a cookie."""

import hashlib
import io
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Error

from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import put_everywhere
from licheng.foundations.files import serving
from licheng.foundations.files.models import StoredFile
from licheng.foundations.files.operations import Receiving, derive_file, receive_file
from licheng.school.outcomes.states import OutcomeState as S
from tests.e2e.browser import chromium
from tests.school.outcomes_cases import make_outcome

pytestmark = [pytest.mark.django_db(transaction=True)]
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TYPES = frozenset({"application/pdf", "image/jpeg", "image/png", "audio/mpeg", "video/mp4"})
SCRIPT = b'document.documentElement.id="ran:"+document.cookie;fetch("/?stolen="+document.cookie)'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>' + SCRIPT + b"</script></svg>"
HTML = b"<!doctype html><title>x</title><img src=x onerror='x'><script>" + SCRIPT + b"</script>"
HOSTILE = {"image/svg+xml": SVG, "text/html": HTML, "application/xhtml+xml": SVG}
WHAT_RAN = "document.documentElement ? document.documentElement.id : ''"
WIDTHS = "[...document.querySelectorAll('ol.page-images img')].map((one) => one.naturalWidth)"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def site(live_server, settings):
    """The site on 127.0.0.1, people's files on localhost: the embedded default, turned round."""
    port = urlsplit(live_server.url).port
    settings.FILES_URL = f"http://localhost:{port}"
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    settings.SECURE_CSP = {
        **settings.SECURE_CSP,
        "img-src": [*settings.SECURE_CSP["img-src"], settings.FILES_URL],
        "media-src": [*settings.SECURE_CSP["media-src"], settings.FILES_URL],
    }
    return f"http://127.0.0.1:{port}"


def receive(path, role="document"):
    terms = Receiving("070406", role, "ab" * 32, 10 * 2**20, TYPES)
    with path.open("rb") as stream:
        actor = Actor(1, 1, "person:1")
        stored = receive_file(actor=actor, stream=stream, name=path.name, terms=terms)
    derive_file(actor=Actor.system("test"), file_id=stored.pk)
    return stored


def slipped_through(media_type):
    """A hostile file that every check missed, under its own type: what then still holds?"""
    stored = receive(DATA / "hostile/av/mp4_gps_location.mp4", "media")
    data = HOSTILE[media_type]
    sha256 = hashlib.sha256(data).hexdigest()
    put_everywhere(io.BytesIO(data), sha256)
    row = StoredFile.objects.filter(pk=stored.pk)
    row.update(sha256=sha256, size_bytes=len(data), media_type=media_type, facts={"pages": 0})
    stored.refresh_from_db()
    return stored


def signed(stored, form):
    token = serving._signer(stored.pk, form).sign("1")
    return f"{configured.FILES_URL}/{stored.pk}/{form}/{token}/"


@pytest.fixture
def bare():
    """The control: a host that gives the same bytes without any of the headers."""

    class Bare(BaseHTTPRequestHandler):
        def do_GET(self):
            media_type = self.path[1:]
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.end_headers()
            self.wfile.write(HOSTILE.get(media_type, b""))

        def log_message(self, *_words):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Bare)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("media_type", HOSTILE)
def test_what_every_check_missed_still_cannot_run(site, bare, browser, media_type):
    stored = slipped_through(media_type)
    context = browser.new_context()
    context.add_cookies([{"name": "secret", "value": "1", "domain": "localhost", "path": "/"}])
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.goto(f"{bare}/{media_type}")
        assert page.evaluate(WHAT_RAN) == "ran:secret=1"  # the control: without the headers it runs and reads

        asked.clear()
        answer = page.goto(signed(stored, serving.PLAY))
        assert answer.status == 200
        assert page.evaluate(WHAT_RAN) == ""
        assert [url for url in asked if "stolen" in url] == []
    finally:
        context.close()


@pytest.mark.parametrize("name", ["hostile/pdf/js_openaction.pdf", "hostile/img/jpg_gps_exif_orient6.jpg"])
def test_files_are_saved_never_shown_in_place(site, browser, name):
    stored = receive(DATA / name)
    context = browser.new_context()
    page = context.new_page()
    try:
        for form in (serving.FILE, serving.CLEAN):
            with page.expect_download() as download, pytest.raises(Error, match="Download is starting"):
                page.goto(signed(stored, form))
            assert Path(download.value.path()).stat().st_size > 0
    finally:
        context.close()


def test_a_teacher_sees_pages_and_film_from_the_other_host_and_the_console_is_silent(site, browser):
    outcome = make_outcome(
        S.WAITING,
        document=receive(DATA / "files/pdf/libreoffice/portfolio_zh_hant.pdf"),
        media=receive(DATA / "files/media/ffmpeg/project_zh.mp4", "media"),
    )
    client = Client()
    client.force_login(outcome.enrolment.offering.teachers.first().user)
    session = client.cookies[configured.SESSION_COOKIE_NAME].value
    context = browser.new_context(locale="zh-TW")
    context.add_cookies([{"name": configured.SESSION_COOKIE_NAME, "value": session, "url": site}])
    page, said, cookies_sent = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda one: cookies_sent.append((one.url, one.headers.get("cookie", ""))))
    try:
        page.goto(site + reverse("outcomes:review", args=[outcome.pk]))
        page.locator("ol.page-images img").last.scroll_into_view_if_needed()
        page.wait_for_function(f"() => {WIDTHS}.every((width) => width === 1200) && {WIDTHS}.length === 2")
        page.wait_for_function("() => document.querySelector('video').duration > 2.5")
        assert said == []
        from_files_host = [cookie for url, cookie in cookies_sent if url.startswith(configured.FILES_URL)]
        assert from_files_host
        assert set(from_files_host) == {""}
        assert context.cookies(configured.FILES_URL) == []

        page.goto(site + reverse("outcomes:player", args=[outcome.pk, "media"]))
        page.locator("video").focus()
        page.wait_for_function("() => document.querySelector('video').readyState >= 2")
        page.keyboard.press("Space")
        page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
        assert said == []
    finally:
        context.close()
