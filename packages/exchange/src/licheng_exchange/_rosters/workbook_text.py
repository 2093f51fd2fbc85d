"""How much text the cells of a workbook unfold to: one shared string may stand in a million cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

# Own bound, in bytes: a roster of 150,000 rows and 30 columns holds about 60 MB of text.
TEXT_MAX: Final = 256 * 2**20
_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?sst[\s/>]")
_END: Final = re.compile(rb"</(?:[\w.-]+:)?si\s*>")
_EMPTY: Final = re.compile(rb"<(?:[\w.-]+:)?si\s*/>")
_REFERENCE: Final = r't="s"[^>]*><v>([0-9]{1,9})</v>'
_SHARED: Final = r"""t\s*=\s*["']s["']"""


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
    sizes = tuple(map(len, _END.split(content)))
    return SharedText(max(sizes), () if _EMPTY.search(content) else sizes)


def shared_cells(text: pl.Series) -> int:
    """How many cells of a sheet may name a shared string, at most."""
    return int(text.str.count_matches(_SHARED)[0])


def unfolded(content: bytes, cells: int, strings: Sequence[SharedText]) -> int:
    """Bytes of text in the shared cells of a sheet, at most; counted one by one only where it matters."""
    longest = max((one.longest for one in strings), default=0)
    if cells * longest <= TEXT_MAX or len(strings) != 1 or not strings[0].sizes:
        return cells * longest
    text = pl.Series([content.decode("utf-8", "replace")])
    named = text.str.extract_all(_REFERENCE).explode().str.extract(_REFERENCE).drop_nulls().cast(pl.Int64)
    sizes = pl.Series(strings[0].sizes, dtype=pl.Int64)
    known = named.filter(named < len(sizes))
    told = int(sizes.gather(known).sum()) if len(known) else 0
    return told + max(cells - len(named), 0) * longest
