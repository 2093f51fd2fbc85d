"""How much text the cells of a workbook unfold to: one shared string may stand in a million cells."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

# Own bound, in bytes.
TEXT_MAX: Final = 256 * 2**20
_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?sst[\s/>]")
_END: Final = b"</si>"
# Strings that begin or end in another way than `<si>` and `</si>`: their numbers cannot be told.
_UNUSUAL: Final = (
    b":si",
    *(start + blank for start in (b"<si", b"</si") for blank in (b"/", b" ", b"\t", b"\r", b"\n")),
)
_REFERENCE: Final = r't="s"[^>]*><v>([0-9]{1,9})</v>'
_SHARED: Final = (b'"s"', b"'s'")


@dataclass(frozen=True, slots=True)
class SharedText:
    """The shared strings of a workbook. Units: bytes, at most; `sizes` is empty where they cannot be told."""

    longest: int = 0
    sizes: tuple[int, ...] = ()


def is_shared_text(content: bytes) -> bool:
    """Whether a member holds shared strings."""
    return b"sst" in content and _ROOT.search(content) is not None


def shared_text(content: bytes) -> SharedText:
    """The sizes of the strings; with comments or character data in between, the whole is taken for one."""
    if b"<!" in content:
        return SharedText(len(content))
    root = _ROOT.search(content)
    sizes = tuple(map(len, content[root.start() if root else 0 :].split(_END)))
    return SharedText(max(sizes), () if any(start in content for start in _UNUSUAL) else sizes)


def shared_cells(content: bytes) -> int:
    """How many cells of a sheet may name a shared string, at most."""
    return sum(map(content.count, _SHARED))


def unfolded(read: Callable[[], bytes], cells: int, strings: Sequence[SharedText]) -> int:
    """Bytes of text in the shared cells of a sheet, at most; read and counted only where it matters."""
    longest = max((one.longest for one in strings), default=0)
    if cells * longest <= TEXT_MAX or len(strings) != 1 or not strings[0].sizes:
        return cells * longest
    text = pl.Series([read().decode("utf-8", "replace")])
    named = text.str.extract_all(_REFERENCE).explode().str.extract(_REFERENCE).drop_nulls().cast(pl.Int64)
    sizes = pl.Series(strings[0].sizes, dtype=pl.Int64)
    known = named.filter(named < len(sizes))
    told = int(sizes.gather(known).sum()) if len(known) else 0
    return told + max(cells - len(named), 0) * longest
