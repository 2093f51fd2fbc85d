"""The committed files of the common look: complete, unchanged, and usable under the content security policy."""

import re
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation

from licheng.foundations.ui.templatetags import licheng_ui

SOURCE = Path(__file__).parents[2] / "src/licheng"
STATIC = SOURCE / "foundations/ui/static/licheng"
SINGLE_PAGE = STATIC / "verify/licheng-verify.html"
TEMPLATES = sorted(path for path in SOURCE.rglob("*.html") if "templates" in path.parts)
BUILT = sorted(path for path in STATIC.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
FORBIDDEN = {
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "inline style": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "htmx event handler": re.compile(r"\bhx-on\b"),
    "event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "script in a value": re.compile(r"=\s*[\"']\s*js(?:avascript)?:", re.IGNORECASE),
}
ICON_NAMES = (
    re.compile(r"<c-icon\b[^>]*?\bname=\"([a-z0-9-]+)\""),
    re.compile(r"{%\s*icon \"([a-z0-9-]+)\""),
    re.compile(r"\bicon=\"([a-z0-9-]+)\""),
    re.compile(r"[\"']icon[\"']\s*:\s*[\"']([a-z0-9-]+)[\"']"),
)
# names of XML languages and of the error pages inside htmx; nothing is fetched from them
NAMESPACES = re.compile(r"https?://(?:www\.w3\.org|www\.iana\.org)/")


def test_checksums_name_every_built_file_and_match():
    lines = (STATIC / "SHA256SUMS").read_text().splitlines()

    found = [
        f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(STATIC).as_posix()}" for path in BUILT
    ]

    assert sorted(lines) == sorted(found)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_template_obeys_the_content_security_policy(path):
    text = path.read_text()

    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_template_compiles(path):
    assert Template(path.read_text()).nodelist is not None


def test_served_verifier_page_has_no_inline_script_or_style():
    text = (STATIC / "verify/verify.html").read_text()

    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


def test_single_verifier_page_needs_no_other_file():
    text = SINGLE_PAGE.read_text()

    assert re.findall(r"<(?:script|img|iframe)\b[^>]*\bsrc=|<link\b[^>]*stylesheet", text) == []


def test_every_icon_in_use_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "icons.svg").read_text()))
    sources = [*TEMPLATES, *SOURCE.rglob("*.py")]
    used = {name for path in sources for pattern in ICON_NAMES for name in pattern.findall(path.read_text())}

    assert used | set(licheng_ui.TONE_ICONS.values()) | {"circle-dot"} <= sprite


@pytest.mark.parametrize("path", BUILT, ids=lambda path: str(path.relative_to(STATIC)))
def test_built_file_asks_no_other_host(path):
    text = NAMESPACES.sub("", path.read_text())

    assert re.findall(r"(?:src|href|url|import|fetch)\s*[=(]?\s*[\"'(]?\s*(?:https?:)?//[a-z]", text) == []
    assert "sourceMappingURL" not in text


@pytest.mark.parametrize(
    ("size", "limit", "shown"),
    [
        (0, None, "0 位元組"),
        (1023, None, "1023 位元組"),
        (1024, None, "1 KB"),
        (2_516_582, None, "2.4 MB"),
        (4 * 2**20, 4 * 2**20, "4 MB"),
        (4 * 2**20 + 1, 4 * 2**20, "4 MB（4,194,305 位元組）"),
        (5 * 2**20, 4 * 2**20, "5 MB"),
    ],
)
def test_bytes_text_never_hides_that_a_limit_is_exceeded(size, limit, shown):
    with translation.override("zh-hant"):
        assert licheng_ui.bytes_text(size, limit) == shown


def test_roc_dates_are_local_days():
    late_in_utc = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    with translation.override("zh-hant"):
        assert licheng_ui.roc_date(date(2026, 11, 22)) == "民國115年11月22日（日）"
        assert licheng_ui.roc_datetime(late_in_utc) == "民國115年11月22日（日） 00:30"
    with translation.override("en"):
        assert licheng_ui.roc_date(date(2026, 11, 22)) == "Sun 22 Nov 2026"


@pytest.mark.parametrize(
    ("left", "shown", "tone"),
    [
        (timedelta(days=14, hours=1), "還有 14 天", "open"),
        (timedelta(hours=30), "還有 1 天", "soon"),
        (timedelta(hours=5, minutes=1), "還有 5 小時", "soon"),
        (timedelta(seconds=20), "還有 1 分鐘", "soon"),
        (timedelta(0), "已截止", "closed"),
    ],
)
def test_time_left_uses_the_unit_that_helps(time_machine, left, shown, tone):
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    with translation.override("zh-hant"):
        assert licheng_ui.time_left(now + left) == shown
    assert licheng_ui.deadline_tone(now + left) == tone


def test_icon_escapes_what_it_is_given():
    page = Template('{% load licheng_ui %}{% icon name "" label %}').render(
        Context({"name": "x", "label": '"><script>'})
    )

    assert "<script>" not in page
    assert 'role="img"' in page


@pytest.mark.parametrize(
    ("index", "special", "current"),
    [(0, "", "草稿"), (1, "returned", "退回補正"), (6, "", "我已確認"), (6, "disputed", "已提出疑義")],
)
def test_stepper_marks_one_place_and_says_it_in_words(index, special, current):
    with translation.override("zh-hant"):
        places = licheng_ui.steps(index, special)

    assert [place["text"] for place in places if place["is_current"]] == [current]
    assert sum(place["is_done"] for place in places) == index
