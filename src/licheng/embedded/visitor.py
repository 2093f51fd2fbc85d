"""A person with a browser that has no screen: opens pages, fills forms, follows links, over real HTTP."""

import base64
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from licheng.embedded.authenticator import Authenticator

TIMEOUT_SECONDS = 120.0
STEP_UP = "/account/step-up/"
VOID_VALUES = {"checkbox", "radio"}


class WalkFailed(AssertionError):
    """A page did not do what the walk-through expects; the message says where and what was shown."""


@dataclass(slots=True)
class Form:
    """A form as it stands on a page: address, the values it would send, and what its buttons say."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    text: str = ""


class _Page(HTMLParser):
    """Collects forms, links and the visible text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.named: dict[str, str] = {}
        self.words: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._hidden = 0
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, fields and links."""
        at = {name: value or "" for name, value in attrs}
        if tag in {"script", "style", "template"}:
            self._hidden += 1
        elif tag == "a" and "href" in at:
            self.links.append(at["href"])
            self._link = at["href"]
        elif tag == "form":
            self._form = Form(at.get("action", ""))
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(tag, at)

    def _field(self, tag: str, at: dict[str, str]) -> None:
        form = self._form
        if form is None:
            return
        if tag == "select":
            self._select = at.get("name", "")
        elif tag == "option" and self._select and ("selected" in at or self._select not in form.values):
            form.values[self._select] = at.get("value", "")
        elif tag in {"input", "textarea"} and at.get("name"):
            if at.get("type") in VOID_VALUES and "checked" not in at:
                return
            if at.get("type") != "file":
                form.values[at["name"]] = at.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Forms and selects end."""
        if tag == "a":
            self._link = ""
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag in {"script", "style", "template"}:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        """Keep what a person would read."""
        if not self._hidden and data.strip():
            self.words.append(data.strip())
            if self._form is not None:
                self._form.text += data.strip()
            if self._link:
                self.named.setdefault(data.strip(), self._link)


@dataclass(slots=True)
class Shown:
    """A page that is open: where it is, its text, its forms and links."""

    url: str
    status: int
    html: str
    text: str
    forms: list[Form]
    links: list[str]
    named: dict[str, str]

    @property
    def path(self) -> str:
        """Where it is, without the site's address."""
        return urlsplit(self.url).path

    def form_to(self, part: str) -> Form:
        """The form whose address contains `part`.

        Raises WalkFailed when the page has none.
        """
        for form in self.forms:
            if part in urljoin(self.url, form.action):
                return form
        raise WalkFailed(f"{self.url} has no form to {part}; it says: {self.text[:400]}")

    def link_named(self, words: str) -> str:
        """The address of the first link with these words.

        Raises WalkFailed when the page has none.
        """
        if words not in self.named:
            raise WalkFailed(f"{self.url} has no link called {words}; it has {list(self.named)[:30]}")
        return self.named[words]

    def link_to(self, part: str) -> str:
        """The first link whose address contains `part`.

        Raises WalkFailed when the page has none.
        """
        for link in self.links:
            if part in link:
                return link
        raise WalkFailed(f"{self.url} has no link to {part}; it says: {self.text[:400]}")


class Visitor:
    """One person's session at one site; `app` is her authenticator, once she has one."""

    def __init__(self, name: str, base_url: str) -> None:
        self.name = name
        self.app: Authenticator | None = None
        self.client = httpx.Client(base_url=base_url, follow_redirects=True, timeout=TIMEOUT_SECONDS)

    def close(self) -> None:
        """Let the connection go."""
        self.client.close()

    def _shown(self, answer: httpx.Response, expect: int) -> Shown:
        page = _Page()
        page.feed(answer.text)
        shown = Shown(
            str(answer.url),
            answer.status_code,
            answer.text,
            " ".join(page.words),
            page.forms,
            page.links,
            page.named,
        )
        if answer.status_code != expect:
            raise WalkFailed(f"{answer.url}: {answer.status_code}, expected {expect}: {shown.text[:600]}")
        return shown

    def open(self, path: str, expect: int = 200) -> Shown:
        """Open a page."""
        return self._shown(self.client.get(path), expect)

    def send(
        self,
        page: Shown,
        form: Form,
        *,
        expect: int = 200,
        files: dict[str, Any] | None = None,
        **values: Any,
    ) -> Shown:
        """Send a form of a page with some values filled in; a list is sent once per entry.

        Where identity is asked for again, it is shown and the form sent once more.
        """
        address = urljoin(page.url, form.action) or page.url
        headers = {"Referer": page.url}
        answer = self.client.post(address, data=form.values | values, files=files, headers=headers)
        if answer.url.path == STEP_UP and urlsplit(address).path != STEP_UP:
            token = self._show_identity(self._shown(answer, httpx.codes.OK))
            again = form.values | values | {"csrfmiddlewaretoken": token}
            answer = self.client.post(address, data=again, files=files, headers=headers)
        return self._shown(answer, expect)

    def _show_identity(self, page: Shown) -> str:
        """Confirm with the app's code; a form token of the page this leads to."""
        if self.app is None:
            raise WalkFailed(f"{self.name} is asked for a code and has no app: {page.text[:300]}")
        form = next(form for form in page.forms if "code" in form.values)
        back = self.send(page, form, code=self.app.code())
        return next(token for form in back.forms if (token := form.values.get("csrfmiddlewaretoken")))

    def upload(self, page: Shown, item: tuple[str, str], role: str, name: str, data: bytes) -> httpx.Response:
        """Hand a file in for an item (kind, id) the way the page's script does, in one part."""
        token = next(
            form.values["csrfmiddlewaretoken"] for form in page.forms if "csrfmiddlewaretoken" in form.values
        )
        said = {"filename": name, "item_kind": item[0], "item_id": item[1], "role": role}
        pairs = (f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())
        headers = {"X-CSRFToken": token, "Accept": "application/json", "Referer": page.url}
        headers |= {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(data)),
            "Upload-Metadata": ",".join(pairs),
        }
        headers["Content-Type"] = "application/offset+octet-stream"
        return self.client.post("/uploads/", content=data, headers=headers)

    def download(self, path: str) -> bytes:
        """The bytes behind a link.

        Raises WalkFailed when the site refuses.
        """
        answer = self.client.get(path)
        if not answer.is_success:
            raise WalkFailed(f"{answer.url}: {answer.status_code}")
        return answer.content
