"""Looking at pages: what the content policy would refuse in them."""

import re
from html.parser import HTMLParser

INLINE = re.compile(r"^on[a-z]+$")
AWAY = ("http://", "https://", "//")


class Faults(HTMLParser):
    """The tags of a page that hold or fetch what the content policy would refuse."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        """A script, a style or a handler written into the page, or something from another place."""
        given = {name: value or "" for name, value in reversed(attrs)}
        fetched = given.get("src") or given.get("href") or ""
        if (
            tag == "style"
            or "style" in given
            or any(INLINE.match(name) for name in given)
            or (tag == "script" and not given.get("src") and given.get("type") != "application/json")
            or (tag in {"script", "img", "link"} and fetched.startswith(AWAY))
        ):
            self.found.append(self.get_starttag_text()[:120])


def faults_in(page):
    """What the content policy would refuse in a page: scripts, styles and handlers written into it."""
    faults = Faults()
    faults.feed(page)
    faults.close()
    return faults.found
