"""Follow every link somebody sees, with the console listening: what the content policy refuses is heard there."""

import re
from urllib.parse import urlsplit

from tests.e2e.browser import Person

LINKS = """() => [...document.querySelectorAll('a[href]')]
    .filter((a) => !a.hasAttribute('download')).map((a) => a.href)"""
GIVES_A_FILE = re.compile(
    r"/files?/|/download|/kit|/package/|/ledger/|/tile/|\.(csv|xlsx|zip|pdf|json|txt|ics)$"
)
ONE_OF_MANY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")  # rows of one list lead to pages of one kind


def crawl(somebody: Person, *, most: int = 40) -> list[str]:
    """The kinds of pages that were opened; fails at an error page, or at anything the console says."""
    waiting, opened = ["/"], {}
    while waiting and len(opened) < most:
        path = waiting.pop(0)
        kind = ONE_OF_MANY.sub("#", path)
        if kind in opened:
            continue
        answer = somebody.page.goto(somebody.url + path)
        opened[kind] = answer.status
        here = urlsplit(somebody.url).netloc
        for link in somebody.page.evaluate(LINKS):
            parts = urlsplit(link)
            if parts.netloc == here and not GIVES_A_FILE.search(parts.path):
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    assert somebody.complaints == [], somebody.complaints
    assert {kind: status for kind, status in opened.items() if status >= 400} == {}
    return sorted(opened)
