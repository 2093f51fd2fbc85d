"""What in a PDF acts on its own, sends, runs or carries other files, wherever it is written.

qpdf has decoded object streams and the escapes in names before anything is asked here.
Source: ISO 32000-2 §12.6 (actions), §7.11 (file specifications), §12.5.6 (annotations).
"""

import re
from collections.abc import Iterator

import pikepdf

ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToR",
        "/GoToE",
        "/Rendition",
        "/RichMediaExecute",
        "/Movie",
        "/Sound",
        "/Thread",
    }
)
ACTIVE_KEYS = frozenset(
    {
        "/JavaScript",
        "/JS",
        "/AA",
        "/XFA",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/RichMedia",
        "/RichMediaContent",
        "/OPI",
    }
)
FILE_KEYS = frozenset({"/EmbeddedFile", "/EmbeddedFiles", "/EF", "/Collection"})
ACTIVE_ANNOTATIONS = frozenset({"/RichMedia", "/3D", "/Movie", "/Screen", "/Sound"})
QUIET_OPENINGS = frozenset({"/GoTo", "/Named"})
# Addresses that open a page or a mail; every other kind runs something or reaches a file.
# Two slashes at the start name another host's share, however they lean.
ORDINARY_ADDRESS = re.compile(r"https?://|mailto:|tel:|#|www\.|(?!//)[^:\\]*$", re.IGNORECASE)
ACTIVE, ATTACHED = "active-content", "embedded-file"


def active_codes(document: pikepdf.Pdf) -> list[str]:
    """Reason codes of what the document holds; empty for one that only shows pages."""
    found: set[str] = set()
    for thing in _all_of(document):
        found |= _codes_of(thing)
        if len(found) == 2:  # noqa: PLR2004 -- both codes there are
            break
    return sorted(found)


def _all_of(document: pikepdf.Pdf) -> Iterator[dict[str, pikepdf.Object]]:
    """Every dictionary of the document as a dict; arrays and direct members are looked through."""
    waiting: list[pikepdf.Object] = [document.trailer, *document.objects]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
            members = dict(thing.items())
            yield members
            below = list(members.values())
        elif isinstance(thing, pikepdf.Array):
            below = list(thing)
        else:
            continue
        # Indirect members stand in document.objects themselves; following them here could go in circles.
        waiting += [one for one in below if isinstance(one, pikepdf.Object) and not one.is_indirect]


def _codes_of(members: dict[str, pikepdf.Object]) -> set[str]:
    names = set(members) | {_name(members.get("/S")), _name(members.get("/Type"))}
    subtype = _name(members.get("/Subtype"))
    found: set[str] = set()
    if names & (ACTIVE_KEYS | ACTIVE_ACTIONS) or subtype in ACTIVE_ANNOTATIONS:
        found.add(ACTIVE)
    if "/OpenAction" in members and _opens_more_than_a_page(members["/OpenAction"]):
        found.add(ACTIVE)
    if "/URI" in members and _is_odd_address(members["/URI"]):
        found.add(ACTIVE)
    if "/Length" in members and "/F" in members:  # a stream whose bytes stand in another file
        found.add(ACTIVE)
    if isinstance(other := members.get("/Ref"), pikepdf.Dictionary) and "/F" in other:  # shows another file
        found.add(ACTIVE)
    if names & FILE_KEYS or subtype == "/FileAttachment":
        found.add(ATTACHED)
    return found


def _name(value: pikepdf.Object | None) -> str:
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _opens_more_than_a_page(action: pikepdf.Object) -> bool:
    return isinstance(action, pikepdf.Dictionary) and _name(action.get("/S")) not in QUIET_OPENINGS


def _is_odd_address(address: pikepdf.Object) -> bool:
    """Whether an address is anything but a web page or a mail; a dictionary is the base of addresses."""
    if isinstance(address, pikepdf.Dictionary):
        return _is_odd_address(address["/Base"]) if "/Base" in address else False
    if not isinstance(address, pikepdf.String):
        return False
    text = re.sub(r"[\x00-\x20\x7f]", "", str(address))
    return ORDINARY_ADDRESS.match(text) is None
