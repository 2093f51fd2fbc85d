"""What somebody typed, put back into a page that was drawn without it: any form, of any template or app.

Works on the finished HTML, so that no view and no form has to take part in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin

type Attributes = dict[str, str | None]
type Edit = tuple[int, int, str]  # from, to, and what stands there instead

BOXES = frozenset({"checkbox", "radio"})
# `hidden` holds what the page itself knows (a token, the state that was seen), which may be newer by now.
LEFT_ALONE = frozenset({"hidden", "file", "password", "submit", "button", "image", "reset"})


@dataclass(frozen=True, slots=True)
class Tag:
    """A start or end tag and where it stands in the page."""

    name: str
    begins: int
    ends: int
    attributes: Attributes
    closes: bool = False

    def with_attributes(self, **changed: str | None) -> Edit:
        """The same tag with an attribute set, or bare where it is `""`, or gone where it is None."""
        kept = {name: value for name, value in self.attributes.items() if name not in changed}
        kept |= {name: value or None for name, value in changed.items() if value is not None}
        if changed.get("value") == "":
            kept["value"] = ""
        words = (name if value is None else f'{name}="{escape(value)}"' for name, value in kept.items())
        return self.begins, self.ends, f"<{' '.join((self.name, *words))}>"


class Tags(HTMLParser):
    """The tags of a page in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Tag] = []
        self._lines = [0]
        for line in page.split("\n"):  # as the parser counts, which knows no other end of a line
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that opens."""
        begins = self._offset()
        self.found.append(Tag(tag, begins, begins + len(self.get_starttag_text() or ""), dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Note a tag that closes; what it ends at is asked of nobody."""
        begins = self._offset()
        self.found.append(Tag(tag, begins, begins, {}, closes=True))

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


@dataclass(frozen=True, slots=True)
class Form:
    """A form that is posted: its own tag, its controls, and the closed parts of the page around it."""

    tag: Tag
    inside: tuple[Tag, ...]
    around: tuple[Tag, ...]

    @property
    def names(self) -> set[str]:
        """What it would send."""
        return {tag.attributes.get("name") or "" for tag in self.inside}


def filled(page: str, *, at: str, action: str, typed: Mapping[str, Sequence[str]], note: str) -> str | None:
    """The page with its form to this address filled in and `note` (HTML) at the form's head.

    `at` is the address of the page. None when no form of the page leads there with these fields.
    """
    forms = _forms(Tags(page).found)
    fitting = (form for form in forms if _leads_to(form.tag, at, action) and set(typed) <= form.names)
    form = next(fitting, None)
    if form is None:
        return None
    edits = [*_values_in(form.inside, typed), (form.tag.ends, form.tag.ends, note)]
    edits += [tag.with_attributes(open="") for tag in form.around]
    for begins, ends, text in sorted(edits, reverse=True):
        page = page[:begins] + text + page[ends:]
    return page


def _leads_to(tag: Tag, at: str, action: str) -> bool:
    is_post = (tag.attributes.get("method") or "").lower() == "post"
    return is_post and urljoin(at, tag.attributes.get("action") or at) == action


def _forms(tags: Sequence[Tag]) -> Iterator[Form]:
    """The forms of a page; one ends where it says so."""
    closed: list[Tag] = []
    for place, tag in enumerate(tags):
        if tag.name == "details":
            if tag.closes:
                closed[-1:] = []
            else:
                closed.append(tag)
        if tag.name == "form" and not tag.closes:
            rest = range(place + 1, len(tags))
            end = next((n for n in rest if tags[n].name == "form" and tags[n].closes), len(tags))
            yield Form(tag, tuple(tags[place + 1 : end]), tuple(closed))


def _values_in(inside: Sequence[Tag], typed: Mapping[str, Sequence[str]]) -> Iterator[Edit]:
    """What changes in the controls of a form; several of one name take their values in order."""
    left = {name: list(values) for name, values in typed.items()}
    chosen: Sequence[str] | None = None  # of the list whose entries come next
    for tag, after in zip(inside, (*inside[1:], None), strict=True):
        name = tag.attributes.get("name") or ""
        if tag.name == "select":
            chosen = None if tag.closes else typed.get(name)
        elif tag.name == "option" and not tag.closes and chosen is not None:
            is_chosen = (tag.attributes.get("value") or "") in chosen
            yield tag.with_attributes(selected="" if is_chosen else None)
        elif tag.name == "textarea" and after is not None and left.get(name):
            yield tag.ends, after.begins, "\n" + escape(left[name].pop(0))
        elif tag.name == "input" and name:
            yield from _input(tag, left.get(name, []), typed.get(name, ()))


def _input(tag: Tag, left: list[str], typed: Sequence[str]) -> Iterator[Edit]:
    kind = (tag.attributes.get("type") or "text").lower()
    if kind in BOXES:
        yield tag.with_attributes(checked="" if (tag.attributes.get("value") or "on") in typed else None)
    elif kind not in LEFT_ALONE and left:
        yield tag.with_attributes(value=left.pop(0))
