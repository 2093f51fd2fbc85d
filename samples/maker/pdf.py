"""Small PDF files in Traditional Chinese, written by hand: no library decides about their bytes.

Each glyph is drawn from reference/glyphs.json (outlines of Noto Sans CJK TC) as a Type 3 font with a
ToUnicode map, so the text can be copied and searched.
"""

import json
from collections.abc import Sequence
from functools import cache

from samples.maker.plan import REFERENCE

PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 595, 842, 64
TITLE_SIZE, TEXT_SIZE, LINE_STEP = 22, 13, 30
UNITS_PER_EM = 1000
CODES_PER_FONT = 255


@cache
def outlines() -> dict[str, str]:
    """Type 3 glyph programs by character; 1000 units to the em, y pointing down."""
    found: dict[str, str] = json.loads((REFERENCE / "glyphs.json").read_text(encoding="utf-8"))
    return found


def _width(character: str) -> int:
    return int(outlines()[character].split(maxsplit=1)[0])


def _stream(content: str) -> bytes:
    data = content.encode("ascii")
    return b"<< /Length %d >>\nstream\n%b\nendstream" % (len(data), data)


def _wrapped(text: str, size: int) -> list[str]:
    room = (PAGE_WIDTH - 2 * MARGIN) * UNITS_PER_EM / size
    lines, used = [""], 0
    for character in text:
        if used + _width(character) > room:
            lines.append("")
            used = 0
        lines[-1] += character
        used += _width(character)
    return lines


def _page(title: str, paragraphs: Sequence[str], codes: dict[str, int]) -> str:
    parts = ["BT"]
    size, y = TITLE_SIZE, PAGE_HEIGHT - MARGIN - TITLE_SIZE
    for paragraph in (title, *paragraphs):
        for line in _wrapped(paragraph, size):
            text = "".join(f"{codes[character]:02x}" for character in line)
            parts.append(f"/F1 {size} Tf 1 0 0 1 {MARGIN} {y} Tm <{text}> Tj")
            y -= LINE_STEP
        size = TEXT_SIZE
    return "\n".join([*parts, "ET"])


def _to_unicode(characters: Sequence[str]) -> str:
    pairs = [
        f"<{code:02x}> <{character.encode('utf-16-be').hex()}>" for code, character in enumerate(characters)
    ]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Sample def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{body}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    )


def _font(characters: Sequence[str], first_glyph: int, unicode_object: int) -> bytes:
    last = len(characters) - 1
    names = " ".join(f"/g{code}" for code in range(len(characters)))
    glyphs = " ".join(f"/g{code} {first_glyph + code} 0 R" for code in range(len(characters)))
    widths = " ".join(str(_width(character)) for character in characters)
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 -900 1000 200] /FontMatrix [0.001 0 0 -0.001 0 0]"
        f" /FirstChar 0 /LastChar {last} /Widths [{widths}] /Encoding << /Type /Encoding"
        f" /Differences [0 {names}] >> /CharProcs << {glyphs} >> /Resources << >>"
        f" /ToUnicode {unicode_object} 0 R >>"
    )
    return font.encode("ascii")


def _assembled(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def pdf_bytes(title: str, paragraphs: Sequence[str]) -> bytes:
    """A one-page PDF with a title and wrapped paragraphs.

    Raises KeyError for a character without an outline and ValueError for more characters than one font
    can number.
    """
    characters = sorted(set(title + "".join(paragraphs)))
    if len(characters) > CODES_PER_FONT:
        raise ValueError(f"{len(characters)} different characters do not fit into one font")
    codes = {character: code for code, character in enumerate(characters)}
    first_glyph = 8
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (zh-Hant-TW) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>" % (PAGE_WIDTH, PAGE_HEIGHT),
        _stream(_page(title, paragraphs, codes)),
        _font(characters, first_glyph, 6),
        _stream(_to_unicode(characters)),
        f"<< /Title <feff{title.encode('utf-16-be').hex()}> >>".encode("ascii"),
        *(_stream(outlines()[character]) for character in characters),
    ]
    return _assembled(objects)
