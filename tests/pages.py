"""Looking at pages: what the content policy would refuse in them."""

import re

from bs4 import BeautifulSoup

INLINE = re.compile(r"^on[a-z]+$")


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
