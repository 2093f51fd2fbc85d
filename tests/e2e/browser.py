"""People with a browser: sign-in, and looking at a page the way an accessibility check, a narrow phone and a console do."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.db import connections
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from licheng.embedded.visitor import Visitor

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
PICTURES = Path(__file__).parents[2] / "var" / "e2e"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL_RULES = {"type": "tag", "values": AXE_TAGS}
COLOUR_RULES = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# the scheme changes colours alone, so the dark one is asked about colours alone, and once: no width changes them
LOOKS = (
    (PHONE, (("light", ALL_RULES),)),
    (DESK, (("dark", COLOUR_RULES), ("light", ALL_RULES))),
)
RUN_AXE = (
    "(rules) => axe.run({runOnly: rules, resultTypes: ['violations']}).then((found) => found.violations)"
)
# the browser notes every refusal that a person meets on purpose; anything else it says is a fault
REFUSAL_NOTE = re.compile(r"Failed to load resource: .* status of (409|413|422)")
NARROW_ENOUGH = "document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's browser. One at a time: its driver keeps an event loop in this thread while it runs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()
        if settings.configured:  # Django keeps other connections while an event loop runs in their thread
            connections.close_all()


@dataclass
class Person:
    """One person's browser window at one site."""

    context: BrowserContext
    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    is_listening: bool = True

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what the console says against the page."""
        if (
            self.is_listening
            and message.type in {"error", "warning"}
            and not REFUSAL_NOTE.search(message.text)
        ):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def open(self, path: str) -> Page:
        """Open a page of the site by its address."""
        self.page.goto(self.url + path)
        return self.page

    def look(self, name: str) -> None:
        """The page as it stands: console silent, nothing for axe, no sideways scrolling; pictures are kept."""
        assert self.complaints == []
        page, before = self.page, self.page.viewport_size or DESK
        self.is_listening = False  # what axe does to a page is not the page's doing
        page.evaluate(AXE_SCRIPT)
        found = {}
        for size, schemes in LOOKS:
            page.set_viewport_size(size)
            for scheme, rules in schemes:
                page.emulate_media(color_scheme=scheme)
                for one in page.evaluate(RUN_AXE, rules):
                    for node in one["nodes"]:
                        found[f"{one['id']} {size['width']} {scheme} {node['target']}"] = node["html"][:200]
            page.screenshot(path=PICTURES / f"{name}-{size['width']}.png", full_page=True)
            is_narrow = page.evaluate(NARROW_ENOUGH)
            assert is_narrow, f"{name} scrolls sideways at {size['width']}"
        page.set_viewport_size(before)
        self.is_listening = True
        assert found == {}, name

    def button(self, name: str) -> Locator:
        """The one button that says this, with what only a screen reader is told."""
        return self.page.get_by_role("button").filter(has_text=re.compile(rf"^\s*{re.escape(name)}\s*$"))

    def link(self, name: str) -> Locator:
        """The first link with this name outside the frame's menus."""
        return self.page.get_by_role("main").get_by_role("link", name=name, exact=True).first

    def says(self, *words: str) -> None:
        """Wait until the page says all of these."""
        for word in words:
            expect(self.page.get_by_role("main")).to_contain_text(word)


@contextmanager
def person(browser: Browser, url: str, size: dict[str, int], *, scripts: bool = True) -> Iterator[Person]:
    """Somebody at a screen of this size, for a while; at the end the console must have had nothing to say."""
    context = browser.new_context(
        viewport=size, reduced_motion="reduce", java_script_enabled=scripts, locale="zh-TW"
    )
    somebody = Person(context, context.new_page(), url)
    # while somebody listens, a chooser that opens right after a key press is never missed
    somebody.page.on("filechooser", lambda _chooser: None)
    context.on("console", somebody.hear)
    context.on("weberror", lambda error: somebody.complaints.append(str(error.error)))
    try:
        yield somebody
        assert somebody.complaints == []
    finally:
        context.close()


def enter(somebody: Person, visitor: Visitor) -> None:
    """Sit down in a session that was begun without a screen: what signing in looks like has tests of its own."""
    cookies = [
        {"name": one.name, "value": one.value or "", "url": somebody.url}
        for one in visitor.client.cookies.jar
    ]
    somebody.context.add_cookies(cookies)
