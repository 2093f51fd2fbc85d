"""Where the pictures of a PDF stand: which page shows each one, and how large at most."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import pikepdf

MAX_CONTENT_BYTES = 8 * 2**20  # of one page's drawing; beyond it pictures count as large as the page
MAX_DEPTH = 6
POINTS_PER_INCH = 72
type Matrix = tuple[float, float, float, float, float, float]
UNCHANGED: Matrix = (1, 0, 0, 1, 0, 0)
type Key = tuple[int, int]


@dataclass
class Placed:
    """One picture object: the largest size at which a page shows it (points), its pages, and its names."""

    image: pikepdf.Object
    width: float = 0.0
    height: float = 0.0
    pages: set[int] = field(default_factory=set)
    names: list[tuple[pikepdf.Object, str]] = field(default_factory=list)

    def dpi(self) -> float:
        """Dots an inch where it is shown largest; infinite when no page shows it."""
        across = _per_inch(int(self.image.Width), self.width)
        down = _per_inch(int(self.image.Height), self.height)
        return min(across, down)


def _per_inch(pixels: int, points: float) -> float:
    return pixels * POINTS_PER_INCH / points if points > 0 else math.inf


def pictures(document: pikepdf.Pdf) -> dict[Key, Placed]:
    """Every picture that a page can show, by object number."""
    found: dict[Key, Placed] = {}
    for number, page in enumerate(document.pages, 1):
        box = page.mediabox
        size = (abs(float(box[2]) - float(box[0])), abs(float(box[3]) - float(box[1])))
        _Walk(found, number, size).enter(page.obj, page.resources, UNCHANGED, 0)
    return found


@dataclass
class _Walk:
    found: dict[Key, Placed]
    page: int
    page_size: tuple[float, float]

    def enter(self, holder: pikepdf.Object, resources: pikepdf.Object, start: Matrix, depth: int) -> None:
        """Note the pictures of a page or form, and go into the forms it draws."""
        named = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
        if not isinstance(named, pikepdf.Dictionary) or depth > MAX_DEPTH:
            return
        for name, thing in named.items():
            if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image" and thing.is_indirect:
                place = self.found.setdefault(thing.objgen, Placed(thing))
                place.pages.add(self.page)
                place.names.append((named, name))
        for name, matrix in _drawn(holder, start, self.page_size):
            shown = named.get(name)
            if not isinstance(shown, pikepdf.Stream):
                continue
            if shown.get("/Subtype") == "/Image":
                self._measure(shown, matrix)
            elif shown.get("/Subtype") == "/Form":
                inner = _times(_matrix(shown.get("/Matrix")), matrix)
                self.enter(shown, shown.get("/Resources", resources), inner, depth + 1)

    def _measure(self, image: pikepdf.Object, matrix: Matrix) -> None:
        place = self.found.get(image.objgen)
        if place is not None:
            a, b, c, d = matrix[:4]
            place.width = max(place.width, math.hypot(a, b))
            place.height = max(place.height, math.hypot(c, d))


def _drawn(holder: pikepdf.Object, start: Matrix, size: tuple[float, float]) -> Iterator[tuple[str, Matrix]]:
    """What a content stream draws by name, with the matrix in force; unreadable ones draw all page-sized."""
    if _is_long(holder):
        named = holder.get("/Resources", pikepdf.Dictionary()).get("/XObject", pikepdf.Dictionary())
        yield from ((str(name), (size[0], 0.0, 0.0, size[1], 0.0, 0.0)) for name in named.keys())  # noqa: SIM118 -- a PDF object, not a dict
        return
    kept: list[Matrix] = []
    now = start
    for instruction in pikepdf.parse_content_stream(holder, operators="q Q cm Do"):
        operands, word = list(instruction.operands), str(instruction.operator)
        if word == "q":
            kept.append(now)
        elif word == "Q" and kept:
            now = kept.pop()
        elif word == "cm":
            now = _times(_matrix(operands), now)
        elif word == "Do" and operands:
            yield str(operands[0]), now


def _is_long(holder: pikepdf.Object) -> bool:
    contents = holder.get("/Contents") if isinstance(holder, pikepdf.Dictionary) else holder
    parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    streams = [part for part in parts if isinstance(part, pikepdf.Stream)]
    return sum(len(part.read_bytes()) for part in streams) > MAX_CONTENT_BYTES


def _matrix(numbers: object) -> Matrix:
    """Six numbers of a file; anything else changes nothing."""
    try:
        a, b, c, d, e, f = (float(number) for number in numbers)  # type: ignore[attr-defined] # a file may hold anything
    except (TypeError, ValueError):
        return UNCHANGED
    return a, b, c, d, e, f


def _times(one: Matrix, two: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    p, q, r, s, t, u = two
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u
