"""The handbooks of docs/handbooks, one a role, drawn as pages. They ship inside the package."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from licheng.foundations.errors import NotFound

FOLDER = Path(__file__).resolve().parent.parent / "handbooks"
MANUALS: dict[str, Promise] = {
    "student": _("學生"),
    "guardian": _("家長"),
    "teacher": _("任課教師"),
    "homeroom": _("導師"),
    "counsellor": _("課程諮詢教師"),
    "registrar": _("註冊組"),
    "submitter": _("提交人員"),
    "administrator": _("系統管理員"),
    "working-group": _("工作小組"),
    "plan-editor": _("課程計畫填報人員"),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """One entry of a table of contents."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Manual:
    """A handbook as a page: its title, its parts, and the rest as HTML of our own making."""

    name: str
    title: str
    headings: tuple[Heading, ...]
    html: SafeString


def manuals() -> list[tuple[str, Promise]]:
    """Every handbook by its address and role."""
    return list(MANUALS.items())


@cache
def manual_named(name: str) -> Manual:
    """One handbook. Raises NotFound for a name that is none."""
    if name not in MANUALS:
        raise NotFound
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    reader = MarkdownIt("commonmark", {"html": False})
    tokens = reader.parse(text)
    title = ""
    headings: list[Heading] = []
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            words = tokens[number + 1].content
            if token.tag == "h1":
                title = words
            else:
                headings.append(Heading(f"part-{len(headings) + 1}", words))
                token.attrSet("id", headings[-1].anchor)
    body = _without_title(tokens)
    drawn = reader.renderer.render(body, reader.options, {})
    # the text is a file of this package, and the reader lets no markup of it through
    # nosemgrep: text-called-safe -- as the line above says
    return Manual(name, title, tuple(headings), mark_safe(drawn))  # noqa: S308 -- as the line above says


def _without_title(tokens: list[Token]) -> list[Token]:
    """The page has its own h1."""
    is_titled = bool(tokens) and tokens[0].type == "heading_open" and tokens[0].tag == "h1"
    return tokens[3:] if is_titled else tokens
