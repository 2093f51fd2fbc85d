"""People with a browser: sign-in, and looking at a page the way an accessibility check, a narrow phone and a console do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
PICTURES = Path(__file__).parents[2] / "var" / "e2e"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_OPTIONS = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
# the browser notes every refusal that a person meets on purpose; anything else it says is a fault
REFUSAL_NOTE = re.compile(r"Failed to load resource: .* status of (409|413|422)")
NARROW_ENOUGH = "document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth"


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
        self.is_listening = False
        found = {}
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            for scheme in ("dark", "light"):
                page.emulate_media(color_scheme=scheme)
                violations = Axe().run(page, options=AXE_OPTIONS).response["violations"]
                found |= {
                    f"{one['id']} {size['width']} {scheme} {node['target']}": node["html"][:200]
                    for one in violations
                    for node in one["nodes"]
                }
            page.screenshot(path=PICTURES / f"{name}-{size['width']}.png", full_page=True)
            if size == PHONE:
                assert page.evaluate(NARROW_ENOUGH), f"{name} scrolls sideways on a phone"
        page.set_viewport_size(before)
        self.is_listening = True
        assert found == {}, name

    def button(self, name: str) -> Locator:
        """The one button with this name."""
        return self.page.get_by_role("button", name=name, exact=True)

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
    context.on("console", somebody.hear)
    context.on("weberror", lambda error: somebody.complaints.append(str(error.error)))
    try:
        yield somebody
        assert somebody.complaints == []
    finally:
        context.close()


def first_sign_in(somebody: Person, school: str, account: str, password: str) -> str:
    """Sign in with a first password and replace it; the own password."""
    own = f"own-{account}-portfolio"
    sign_in(somebody, school, account, password)
    page = somebody.page
    expect(page.get_by_role("heading", level=1)).to_have_text("請先設定自己的密碼")
    page.get_by_label("目前的密碼").fill(password)
    page.get_by_label("新密碼", exact=False).nth(0).fill(own)
    page.get_by_label("再輸入一次新密碼").fill(own)
    somebody.button("更換密碼").click()
    somebody.says("密碼已更換。")
    return own


def sign_in(somebody: Person, school: str, account: str, password: str) -> None:
    """Fill the sign-in form of a school's site and send it."""
    page = somebody.open("/people/sign-in/")
    page.get_by_label("學校").fill(school)
    page.get_by_label("帳號").fill(account)
    page.get_by_label("密碼").fill(password)
    somebody.button("登入").click()


def tall_enough(box: Locator) -> bool:
    """Whether a control is at least as tall as WCAG asks of a target (24 CSS pixels)."""
    found = box.bounding_box()
    return found is not None and found["height"] >= 24
