"""Archives and rosters of every kind an upload has to judge."""

import io
import stat
import struct
import zipfile
import zlib

import xlsxwriter

from tests.foundations.hostile_files import Case, pdf, picture, zipped

ROSTER = "roster"
EVIDENCE = "evidence"


def entry(name: str, *, mode: int = 0, system: int = 3) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = system, mode << 16
    return info


def archive(*members, packing=zipfile.ZIP_DEFLATED, comment=b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as made:
        for name, data in members:
            made.writestr(name, data)
        made.comment = comment
    return out.getvalue()


def raw_names(*names: bytes) -> bytes:
    """An archive whose names are these bytes, without a word about their encoding."""
    out, lines = b"", b""
    for name in names:
        crc = zlib.crc32(b"hello\n")
        fields = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, crc, 6, 6, len(name), 0)
        lines += (
            b"PK\x01\x02"
            + struct.pack("<H", 20)
            + fields
            + struct.pack("<HHHII", 0, 0, 0, 0, len(out))
            + name
        )
        out += b"PK\x03\x04" + fields + name + b"hello\n"
    count = len(names)
    return out + lines + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(lines), len(out), 0)


def overlapping(count: int) -> bytes:
    """Every line of the list points at the same packed kilobytes."""
    one = bytearray(archive(("a", bytes(50_000))))
    at = one.index(b"PK\x01\x02")
    line, end = bytes(one[at : one.index(b"PK\x05\x06")]), one.index(b"PK\x05\x06")
    lines = b"".join(line[:-1] + bytes([65 + number]) for number in range(count))
    record = struct.pack("<HHHHIIH", 0, 0, count, count, len(lines), at, 0)
    body = bytes(one[:at])
    assert end > at
    return body + lines + b"PK\x05\x06" + record


def patched(data: bytes, marker: bytes, offset: int, value: bytes) -> bytes:
    at = data.index(marker) + offset
    return data[:at] + value + data[at + len(value) :]


def nested(depth: int) -> bytes:
    data = archive(("deep.pdf", pdf()))
    for level in range(depth):
        data = archive((f"{level}.zip", data), packing=zipfile.ZIP_STORED)
    return data


def workbook(*, sheet2=False) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("名冊")
        page.write_row(0, 0, ["學號", "姓名"])
        page.write_row(1, 0, ["110001", "林𠮷祥"])
        if sheet2:
            book.add_worksheet("其他")
    return out.getvalue()


def workbook_with(changes: dict[str, bytes]) -> bytes:
    """A workbook with members replaced or added."""
    with zipfile.ZipFile(io.BytesIO(workbook())) as made:
        members = {name: made.read(name) for name in made.namelist()}
    return archive(*(members | changes).items())


XML = b'<?xml version="1.0"?>'
XXE = XML + b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><sst>&e;</sst>'
LAUGHS = XML + b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><sst>&b;</sst>'
GOOD = archive(("成果.pdf", pdf()), ("照片/1.jpg", picture()))
WORD = archive(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"))
TABLE = "學號,姓名\r\n110001,許功蓋\r\n"
SLIP = "../../evil.txt"

ARCHIVES = [
    Case("archive", "a.zip", GOOD, "accept", kind=EVIDENCE),
    Case("archive without a kind", "A.ZIP", GOOD, "accept"),
    Case("stored", "a.zip", archive(("a.pdf", pdf()), packing=zipfile.ZIP_STORED), "accept"),
    Case("lzma", "a.zip", archive(("a.txt", b"a" * 99), packing=zipfile.ZIP_LZMA), "accept"),
    Case("with a comment", "a.zip", archive(("a.txt", b"a"), comment=b"made at school"), "accept"),
    Case("with folders", "a.zip", archive((entry("a/", mode=stat.S_IFDIR | 0o755), b""), ("a/b.txt", b"b")), "accept"),
    Case("folders as windows writes them", "a.zip", raw_names(b"a\\b.txt"), "accept"),
    Case("names of windows in taiwan", "a.zip", raw_names("許功蓋.pdf".encode("cp950"), "學習歷程.jpg".encode("cp950")), "accept"),
    Case("names of macos", "a.zip", raw_names("成果.pdf".encode()), "accept"),
    Case("archive in an archive", "a.zip", nested(1), "accept"),
    Case("large text", "a.zip", archive(("a.csv", "".join(f"{n},許功蓋{n * n}\r\n" for n in range(90_000)).encode())), "accept"),
    Case("traversal", "a.zip", archive((SLIP, b"x")), "reject", "archive-name"),
    Case("traversal of windows", "a.zip", raw_names(b"a\\..\\..\\evil.txt"), "reject", "archive-name"),
    Case("absolute", "a.zip", archive(("/etc/passwd", b"x")), "reject", "archive-name"),
    Case("drive", "a.zip", raw_names(b"C:\\evil.txt"), "reject", "archive-name"),
    Case("twice the same name", "a.zip", raw_names(b"a.txt", b"a.txt"), "reject", "archive-name"),
    Case("turned name", "a.zip", archive(("a\u202efdp.txt", b"x")), "reject", "archive-name"),
    Case("zero byte in a name", "a.zip", raw_names(b"a.txt\0.pdf"), "reject", "archive-name"),
    Case("link", "a.zip", archive((entry("a.pdf", mode=stat.S_IFLNK | 0o777), b"/etc/passwd")), "reject", "archive-link"),
    Case("device", "a.zip", archive((entry("a.pdf", mode=stat.S_IFCHR | 0o666), b"")), "reject", "archive-link"),
    Case("password", "a.zip", patched(patched(archive(("a.txt", b"x")), b"PK\x03\x04", 6, b"\1"), b"PK\x01\x02", 8, b"\1"), "reject", "encrypted-archive"),
    Case("empty archive", "a.zip", archive(), "reject", "empty-archive"),
    Case("only a folder", "a.zip", archive((entry("a/"), b"")), "reject", "empty-archive"),
    Case("10 MB of zeros", "a.zip", archive(("a", bytes(10 << 20))), "reject", "archive-bomb"),
    Case("many times 10 MB", "a.zip", archive(*((f"{n}", bytes(range(256)) * 40_960) for n in range(12))), "reject", "archive-bomb"),
    Case("1,001 members", "a.zip", zipped(*((f"{n}.txt", b"x") for n in range(1_001))), "reject", "archive-bomb"),
    Case("overlapping", "a.zip", overlapping(20), "reject", "archive-lies"),
    Case("too deep", "a.zip", nested(4), "reject", "archive-bomb"),
    Case("lying size", "a.zip", patched(archive(("a", b"a" * 9_999)), b"PK\x01\x02", 24, struct.pack("<I", 5)), "reject", "archive-lies"),
    Case("small by both accounts", "a.zip", patched(patched(archive(("a", b"a" * 9_999)), b"PK\x01\x02", 24, struct.pack("<I", 5)), b"PK\x03\x04", 22, struct.pack("<I", 5)), "reject", "broken-archive"),
    Case("other name inside", "a.zip", patched(archive(("a.txt", b"x")), b"PK\x03\x04", 30, b"b"), "reject", "archive-lies"),
    Case("damaged content", "a.zip", patched(archive(("a.txt", b"hello" * 99), packing=zipfile.ZIP_STORED), b"hello", 0, b"jello"), "reject", "broken-archive"),
    Case("cut archive", "a.zip", GOOD[:-30], "reject", "broken-archive"),
    Case("bytes behind an archive", "a.zip", GOOD + b"<html>", "reject", "bytes-after-end"),
    Case("program in an archive", "a.zip", archive(("setup.exe", b"MZ")), "reject", "archive-program"),
    Case("renamed program in an archive", "a.zip", archive(("a.pdf", b"MZ\x90\0" + bytes(99))), "reject", "archive-program"),
    Case("word as zip", "a.zip", WORD, "reject", "type-not-allowed", EVIDENCE),
    Case("word", "a.docx", WORD, "reject", "type-not-allowed"),
    Case("rar", "a.rar", b"Rar!\x1a\x07\x01\x00" + bytes(99), "reject", "type-not-allowed"),
    Case("archive as document", "a.zip", GOOD, "reject", "type-not-allowed", "document"),
]  # fmt: skip

ROSTERS = [
    Case("utf-8", "a.csv", TABLE.encode(), "accept", kind=ROSTER),
    Case("utf-8 with mark", "a.csv", TABLE.encode("utf-8-sig"), "accept", kind=ROSTER),
    Case("utf-16", "a.csv", TABLE.encode("utf-16"), "accept", kind=ROSTER),
    Case("big5", "a.csv", TABLE.encode("cp950"), "accept", kind=ROSTER),
    Case("big5 without a kind", "a.csv", TABLE.encode("cp950"), "accept"),
    Case("hkscs", "a.txt", "學號,姓名\n1,".encode("cp950") + b"\x87\x40\n", "accept", kind=ROSTER),
    Case("formulas", "a.csv", b"a,b\n=HYPERLINK(1),-1+1\n", "accept", kind=ROSTER),
    Case("odd words", "a.txt", "'; DROP TABLE x;--\n<script>alert(1)</script>\n\u202e歷程\n%s%n\n".encode(), "accept"),
    Case("workbook", "a.xlsx", workbook(), "accept", kind=ROSTER),
    Case("workbook of two sheets", "a.xlsx", workbook(sheet2=True), "accept"),
    Case("links to other workbooks", "a.xlsx", workbook_with({"xl/externalLinks/externalLink1.xml": XML + b"<externalLink/>"}), "sanitise", "sheet-links", ROSTER),
    Case("outside entity", "a.xlsx", workbook_with({"xl/sharedStrings.xml": XXE}), "reject", "sheet-refused", ROSTER),
    Case("billion laughs", "a.xlsx", workbook_with({"xl/sharedStrings.xml": LAUGHS}), "reject", "sheet-refused", ROSTER),
    Case("workbook that unfolds to too much", "a.xlsx", workbook_with({"xl/worksheets/sheet1.xml": XML + b" " * (60 << 20)}), "reject", "sheet-refused", ROSTER),
    Case("macros", "a.xlsm", workbook_with({"xl/vbaProject.bin": b"inert"}), "reject", "sheet-macros", ROSTER),
    Case("unsafe member of a workbook", "a.xlsx", workbook_with({SLIP: b"x"}), "reject", "archive-name", ROSTER),
    Case("cut workbook", "a.xlsx", workbook()[:-50], "reject", kind=ROSTER),
    Case("web page as xls", "a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "reject", "not-a-sheet", ROSTER),
    Case("web page as csv", "a.csv", b"\xef\xbb\xbf<table><tr><td>1</td></tr></table>", "reject", "not-a-sheet"),
    Case("old excel", "a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "reject", "not-a-sheet", ROSTER),
    Case("zero bytes", "a.csv", b"a,b\n1,\0\n" * 9, "reject", "sheet-refused", ROSTER),
    Case("noise as csv", "a.csv", bytes(range(1, 256)) * 20, "reject", "sheet-refused", ROSTER),
    Case("document as roster", "a.pdf", pdf(), "reject", "type-not-allowed", ROSTER),
    Case("empty roster", "a.csv", b"", "reject", "empty", ROSTER),
]  # fmt: skip
