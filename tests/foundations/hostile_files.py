"""Files of every kind an upload has to judge, made by code: good ones, harmless oddities and attacks.

Each `Case` says what is sent under which name, and what the inspection must answer; attacks are inert.
"""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

import pikepdf
from PIL import Image, PngImagePlugin


@dataclass(frozen=True)
class Case:
    """One file: how it is named and handed in, its verdict and the code of the reason that decides."""

    label: str
    name: str
    data: bytes
    verdict: str
    code: str = ""
    kind: str | None = None


D = pikepdf.Dictionary
N = pikepdf.Name


def pdf(change=None, **saving: Any) -> bytes:
    """One blank page, changed by `change(document)`."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(200, 200))
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, **saving)
    return out.getvalue()


def raw_pdf(*objects: bytes, root: int = 1) -> bytes:
    """A PDF written by hand, so that it can say what no library would."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    trailer = b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        root,
        len(out),
    )
    return out + head + table + trailer


PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"


def with_root(**entries: Any):
    """A change that sets entries of the catalogue."""

    def change(document):
        for key, value in entries.items():
            document.Root[f"/{key}"] = value(document) if callable(value) else value

    return change


def action(kind: str, **more: Any) -> D:
    return D(S=N(f"/{kind}"), **more)


def link(document, address):
    document.pages[0].Annots = pikepdf.Array(
        [D(Type=N.Annot, Subtype=N.Link, Rect=[0, 0, 9, 9], A=action("URI", URI=pikepdf.String(address)))]
    )


def attached(document, name="note.txt"):
    document.attachments[name] = pikepdf.AttachedFileSpec(document, b"MZ inert", filename=name)


def attached_with_window(document):
    """An attachment on the page whose pop-up window refers back to it."""
    note = document.make_indirect(
        D(
            Type=N.Annot,
            Subtype=N.FileAttachment,
            Rect=[0, 0, 9, 9],
            FS=D(EF=D(F=document.make_stream(b"MZ"))),
        )
    )
    window = document.make_indirect(D(Type=N.Annot, Subtype=N.Popup, Rect=[0, 0, 9, 9], Parent=note))
    document.pages[0].Annots = pikepdf.Array([note, window])


def xfa(_document):
    return D(Fields=pikepdf.Array(), XFA=pikepdf.String("<xdp/>"))


def text_form(document):
    field = D(Type=N.Annot, Subtype=N.Widget, FT=N.Tx, T=pikepdf.String("name"), Rect=[0, 0, 9, 9])
    document.pages[0].Annots = pikepdf.Array([document.make_indirect(field)])
    return D(Fields=pikepdf.Array([document.pages[0].Annots[0]]))


def signature(document):
    value = D(
        Type=N.Sig, Filter=N("/Adobe.PPKLite"), ByteRange=[0, 1, 2, 3], Contents=pikepdf.String("x" * 64)
    )
    field = D(FT=N.Sig, T=pikepdf.String("sig"), V=document.make_indirect(value))
    return D(SigFlags=3, Fields=pikepdf.Array([document.make_indirect(field)]))


def incremental() -> bytes:
    """A saved PDF with a second, later section that replaces its page."""
    first = raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE)
    start = first.rindex(b"startxref\n") + len(b"startxref\n")
    previous = int(first[start : first.index(b"\n", start)])
    added = b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 50 50]>>\nendobj\n"
    at = len(first)
    table = at + len(added)
    return first + added + b"xref\n3 1\n%010d 00000 n \ntrailer\n<</Size 4/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (at, previous, table)  # fmt: skip


def many_pages(count: int) -> bytes:
    kids = b"<</Type/Pages/Kids[" + b"3 0 R " * count + b"]/Count %d>>" % count
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", kids, PAGE)


def pages_within_pages(depth: int) -> bytes:
    """Ten references to the next level at each level: 10 to the power of `depth` pages in a kilobyte."""
    nodes = [
        b"<</Type/Pages/Parent 2 0 R/Count 1/Kids[" + b"%d 0 R " % (level + 4) * 10 + b"]>>"
        for level in range(depth)
    ]
    return raw_pdf(b"<</Type/Catalog/Pages 3 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", *nodes, PAGE)


def stream_pdf(data: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    body = b"<</Filter %s/Length %d>>stream\n%s\nendstream" % (filters, len(data), data)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>"
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", PAGES, page, body)


def pdf_with_photo(photo: bytes) -> bytes:
    def change(document):
        image = pikepdf.Stream(document, photo, Type=N.XObject, Subtype=N.Image, Width=8, Height=8)
        image.Filter, image.ColorSpace, image.BitsPerComponent = N.DCTDecode, N.DeviceRGB, 8
        document.pages[0].Resources = D(XObject=D(A=document.make_indirect(image)))

    return pdf(change)


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def picture(kind="JPEG", size=(64, 48), **saving: Any) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **saving)
    return out.getvalue()


def exif(**folders: Any) -> bytes:
    found = Image.Exif()
    found[0x0112] = 6
    for tag, value in folders.get("tags", {}).items():
        found[tag] = value
    if "gps" in folders:
        found.get_ifd(0x8825).update(folders["gps"])
    if "camera" in folders:
        found.get_ifd(0x8769).update(folders["camera"])
    return found.tobytes()


HERE = {1: "N", 2: (25.0, 2.0, 1.0), 3: "E", 4: (121.0, 33.0, 1.0)}
XMP = b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta><exif:GPSLatitude>25</exif:GPSLatitude></x:xmpmeta>"


def jpeg_with(marker: int, body: bytes) -> bytes:
    plain = picture()
    return plain[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + plain[2:]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_with(*chunks: bytes) -> bytes:
    plain = picture("PNG")
    return plain[:33] + b"".join(chunks) + plain[33:]


def png_claiming(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


def jpeg_claiming(width: int, height: int) -> bytes:
    plain = picture()
    at = plain.index(b"\xff\xc0")
    return plain[: at + 5] + struct.pack(">HH", height, width) + plain[at + 9 :]


def jpeg_of_scans(count: int) -> bytes:
    plain = picture(progressive=True)
    first = plain.index(b"\xff\xda")
    second = plain.index(b"\xff", first + 14)
    while plain[second + 1] == 0:
        second = plain.index(b"\xff", second + 2)
    return plain[:second] + plain[first:second] * count + plain[second:]


def png_text(key: str, text: str, *, packed=False) -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text(key, text, zip=packed)
    return picture("PNG", pnginfo=notes)


ZIP = zipped(("evil.exe", b"MZ inert"))
PHONE = picture(exif=exif())
PLACE = picture(exif=exif(gps=HERE))
JAVASCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
ENCRYPTED = pikepdf.Encryption(owner="o", user="u")
RESTRICTED = pikepdf.Encryption(owner="o", user="")

PDFS = [
    Case("attachment behind its note's window", "a.pdf", pdf(attached_with_window), "sanitise", "embedded-file"),
    Case("link to a share of another host", "a.pdf", pdf(lambda d: link(d, "//host.invalid/share/x")), "sanitise", "active-content"),
    Case("the same share, leaning", "a.pdf", pdf(lambda d: link(d, "/\\host.invalid\\share")), "sanitise", "active-content"),
    Case("article of another file", "a.pdf", pdf(with_root(OpenAction=action("GoTo", Next=action("Thread", F=pikepdf.String("//host.invalid/x"))))), "sanitise", "active-content"),
    Case("shows a page of another file", "a.pdf", pdf(with_root(X=D(Ref=D(F=pikepdf.String("x.pdf"), Page=0)))), "sanitise", "active-content"),
    Case("notes with a place", "a.pdf", pdf(with_root(Metadata=lambda d: d.make_stream(XMP, Type=N.Metadata, Subtype=N.XML)), fix_metadata_version=False), "sanitise", "location-metadata"),
    Case("plain", "a.pdf", pdf(), "accept"),
    Case("upper case name", "A.PDF", pdf(), "accept"),
    Case("object streams", "a.pdf", pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate), "accept"),
    Case("linearised", "a.pdf", pdf(linearize=True), "accept"),
    Case("saved again", "a.pdf", incremental(), "accept"),
    Case("padded end", "a.pdf", pdf() + b"\r\n" + bytes(5000), "accept"),
    Case("byte order mark before", "a.pdf", b"\n" + pdf(), "accept"),
    Case("link to a page", "a.pdf", pdf(lambda d: link(d, "https://www.edu.tw/a?b=1")), "accept"),
    Case("link to mail", "a.pdf", pdf(lambda d: link(d, "mailto:a@example.tw")), "accept"),
    Case("form without sending", "a.pdf", pdf(with_root(AcroForm=text_form)), "accept"),
    Case("signed", "a.pdf", pdf(with_root(AcroForm=signature)), "accept"),
    Case("opens at a page", "a.pdf", pdf(lambda d: with_root(OpenAction=action("GoTo", D=pikepdf.Array([d.pages[0].obj, N.Fit])))(d)), "accept"),
    Case("script on opening", "a.pdf", pdf(with_root(OpenAction=action("JavaScript", JS=pikepdf.String("1")))), "sanitise", "active-content"),
    Case("script in an object stream", "a.pdf", pdf(with_root(OpenAction=lambda d: d.make_indirect(action("JavaScript", JS=pikepdf.String("1")))), object_stream_mode=pikepdf.ObjectStreamMode.generate), "sanitise", "active-content"),
    Case("script by escaped name", "a.pdf", raw_pdf(b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>", PAGES, PAGE, b"<</#53/#4AavaScript/#4A#53(1)>>"), "sanitise", "active-content"),
    Case("script behind references", "a.pdf", raw_pdf(b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>", PAGES, PAGE, b"<</S 5 0 R/JS 6 0 R>>", b"/JavaScript", b"(1)"), "sanitise", "active-content"),
    Case("script by name tree", "a.pdf", raw_pdf(b"<</Type/Catalog/Pages 2 0 R/Names<</JavaScript<</Names[(a) 4 0 R]>>>>>>", PAGES, PAGE, JAVASCRIPT), "sanitise", "active-content"),
    Case("additional action of a page", "a.pdf", pdf(lambda d: d.pages[0].obj.__setitem__("/AA", D(O=action("URI", URI=pikepdf.String("http://127.0.0.1:9/"))))), "sanitise", "active-content"),
    Case("opens a web page", "a.pdf", pdf(with_root(OpenAction=action("URI", URI=pikepdf.String("http://127.0.0.1:9/")))), "sanitise", "active-content"),
    Case("launch", "a.pdf", pdf(with_root(OpenAction=action("Launch", F=pikepdf.String("cmd.exe")))), "sanitise", "active-content"),
    Case("form that sends", "a.pdf", pdf(with_root(OpenAction=action("SubmitForm", F=pikepdf.String("http://127.0.0.1:9/")))), "sanitise", "active-content"),
    Case("form that reads a file", "a.pdf", pdf(with_root(OpenAction=action("ImportData", F=pikepdf.String("c:/a")))), "sanitise", "active-content"),
    Case("other document", "a.pdf", pdf(with_root(OpenAction=action("GoToR", F=pikepdf.String("\\\\127.0.0.1\\a")))), "sanitise", "active-content"),
    Case("script as address", "a.pdf", pdf(lambda d: link(d, "javascript:alert(1)")), "sanitise", "active-content"),
    Case("script as address with spaces", "a.pdf", pdf(lambda d: link(d, "java\tscript:alert(1)")), "sanitise", "active-content"),
    Case("file as address", "a.pdf", pdf(lambda d: link(d, "file:///etc/passwd")), "sanitise", "active-content"),
    Case("rich media", "a.pdf", pdf(with_root(Extra=D(Type=N.Annot, Subtype=N.RichMedia))), "sanitise", "active-content"),
    Case("xfa form", "a.pdf", pdf(with_root(AcroForm=xfa)), "sanitise", "active-content"),
    Case("attachment", "a.pdf", pdf(attached), "sanitise", "embedded-file"),
    Case("attachment with turned name", "a.pdf", pdf(lambda d: attached(d, "a\u202efdp.exe")), "sanitise", "embedded-file"),
    Case("photo with a place inside", "a.pdf", pdf_with_photo(PLACE), "sanitise", "location-metadata"),
    Case("password", "a.pdf", pdf(encryption=ENCRYPTED), "reject", "encrypted-pdf"),
    Case("restrictions only", "a.pdf", pdf(encryption=RESTRICTED), "reject", "encrypted-pdf"),
    Case("cut at half", "a.pdf", pdf()[: len(pdf()) // 2], "reject", "truncated-pdf"),
    Case("no page", "a.pdf", raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"), "reject", "empty-pdf"),
    Case("table of places wrong", "a.pdf", pdf().replace(b"0000000015 00000 n", b"0000099999 00000 n"), "reject", "broken-pdf"),
    Case("600,000 pages", "a.pdf", many_pages(600_000), "reject", "too-many-pages"),
    Case("10,001 pages", "a.pdf", many_pages(10_001), "reject", "too-many-pages"),
    Case("claims a billion pages", "a.pdf", raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1000000000>>", PAGE), "reject", "too-many-pages"),
    Case("pages within pages", "a.pdf", pages_within_pages(9), "reject"),
    Case("page tree in a circle", "a.pdf", raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"), "reject"),
    Case("unfolds to 200 MB", "a.pdf", stream_pdf(zlib.compress(b" " * (200 << 20), 9)), "reject", "pdf-bomb"),
    Case("unfolds twice", "a.pdf", stream_pdf(zlib.compress(zlib.compress(b" " * (200 << 20), 9), 9), b"[/FlateDecode/FlateDecode]"), "reject", "pdf-bomb"),
    Case("zip behind", "a.pdf", pdf() + ZIP, "reject", "bytes-after-end"),
    Case("zip before a second end mark", "a.pdf", pdf() + ZIP + b"\n%%EOF\n", "reject", "hidden-content"),
    Case("rar behind", "a.pdf", pdf() + b"Rar!\x1a\x07\x00" + bytes(99), "reject", "bytes-after-end"),
    Case("page of markup before", "a.pdf", b"<html><script>1</script>" + pdf(), "reject"),
    Case("log-in page", "a.pdf", b"<!DOCTYPE html>\n<html><body>log in</body></html>", "reject", "type-not-allowed"),
    Case("picture as pdf", "a.pdf", picture(), "reject", "name-disagrees"),
]  # fmt: skip

IMAGES = [
    Case("place in a comment", "a.jpg", jpeg_with(0xFE, b"GPS 25.03300,121.56540"), "sanitise", "location-metadata"),
    Case("place in signed history", "a.jpg", jpeg_with(0xEB, b"JP jumb exif:GPSLatitude"), "sanitise", "location-metadata"),
    Case("Exif in capitals", "a.jpg", jpeg_with(0xE1, b"EXIF\0\0" + exif(gps=HERE).removeprefix(b"Exif\0\0")), "sanitise", "location-metadata"),
    Case("jpeg", "a.jpg", picture(), "accept"),
    Case("jpeg with the longer name", "a.JPEG", picture(), "accept"),
    Case("progressive", "a.jpg", picture(progressive=True), "accept"),
    Case("turned", "a.jpg", PHONE, "accept"),
    Case("png", "a.png", picture("PNG"), "accept"),
    Case("png with a title", "a.png", png_text("Title", "歷程"), "accept"),
    Case("jpeg padded", "a.jpg", picture() + bytes(4096), "accept"),
    Case("second picture of the same shot", "a.jpg", picture() + bytes(7) + picture(size=(16, 12)), "accept"),
    Case("place", "a.jpg", PLACE, "sanitise", "location-metadata"),
    Case("place in the second picture", "a.jpg", picture() + PLACE, "sanitise", "location-metadata"),
    Case("place in xmp", "a.jpg", jpeg_with(0xE1, XMP), "sanitise", "location-metadata"),
    Case("photographer and city", "a.jpg", jpeg_with(0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x10\x1c\x02\x5a\x00\x06Taipei"), "sanitise", "location-metadata"),
    Case("serial number", "a.jpg", picture(exif=exif(camera={0xA431: "SN123456"})), "sanitise", "personal-metadata"),
    Case("maker's notes", "a.jpg", picture(exif=exif(camera={0x927C: b"Apple iOS" * 9})), "sanitise", "personal-metadata"),
    Case("artist", "a.jpg", picture(exif=exif(tags={0x013B: "王小明"})), "sanitise", "personal-metadata"),
    Case("png with a place", "a.png", picture("PNG", exif=exif(gps=HERE)), "sanitise", "location-metadata"),
    Case("png with an author", "a.png", png_text("Author", "王小明"), "sanitise", "personal-metadata"),
    Case("png with xmp", "a.png", png_text("XML:com.adobe.xmp", XMP.decode("latin-1"), packed=True), "sanitise", "location-metadata"),
    Case("motion photo", "a.jpg", picture() + struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom") + bytes(8) + b"x" * 99, "sanitise", "extra-data"),
    Case("unknown end", "a.jpg", picture() + b"phone notes 1234", "sanitise", "extra-data"),
    Case("cut jpeg", "a.jpg", picture(size=(640, 480))[:3000], "reject", "broken-image"),
    Case("cut png", "a.png", picture("PNG")[:-40], "reject", "broken-image"),
    Case("damaged png", "a.png", picture("PNG").replace(b"IDAT", b"IDAU"), "reject", "broken-image"),
    Case("png that claims 2^31 - 1", "a.png", png_claiming(2**31 - 1, 2**31 - 1), "reject", "too-many-pixels"),
    Case("png that claims 100 megapixels", "a.png", png_claiming(10_000, 10_000), "reject", "too-many-pixels"),
    Case("jpeg that claims 65535 squared", "a.jpg", jpeg_claiming(65_535, 65_535), "reject", "too-many-pixels"),
    Case("a thousand passes", "a.jpg", jpeg_of_scans(1_000), "reject", "image-bomb"),
    Case("a thousand notes", "a.png", png_with(*[chunk(b"tEXt", b"a\0b")] * 1_000), "reject", "image-bomb"),
    Case("note that unfolds to 100 MB", "a.png", png_with(chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(100 << 20), 9))), "reject", "image-bomb"),
    Case("60,000 empty parts", "a.png", png_with(chunk(b"prVt", b"") * 60_000), "reject", "image-bomb"),
    Case("zip behind a jpeg", "a.jpg", picture() + ZIP, "reject", "hidden-content"),
    Case("zip behind a png", "a.png", picture("PNG") + ZIP, "reject", "hidden-content"),
    Case("rar behind a jpeg", "a.jpg", picture() + b"Rar!\x1a\x07\x01\x00" + bytes(99), "reject", "hidden-content"),
    Case("7z behind a png", "a.png", picture("PNG") + b"7z\xbc\xaf\x27\x1c" + bytes(99), "reject", "hidden-content"),
    Case("program behind a jpeg", "a.jpg", picture() + b"\x7fELF" + bytes(99), "reject", "hidden-content"),
    Case("markup behind a jpeg", "a.jpg", picture() + b"\n<html><script>alert(1)</script>", "reject", "hidden-content"),
    Case("pdf in a jpeg's comment", "a.jpg", jpeg_with(0xFE, b"%PDF-1.7 hidden"), "reject", "hidden-content"),
    Case("svg as png", "a.png", b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "reject", "type-not-allowed"),
    Case("gif", "a.gif", picture("GIF"), "reject", "type-not-allowed"),
    Case("webp as jpeg", "a.jpg", picture("WEBP"), "reject", "type-not-allowed"),
    Case("heic", "IMG_1.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "reject", "type-not-allowed"),
    Case("png as jpeg", "a.jpg", picture("PNG"), "reject", "name-disagrees"),
    Case("empty", "a.jpg", b"", "reject", "empty"),
    Case("no ending", "photo", picture(), "reject", "name-disagrees"),
    Case("noise", "a.jpg", bytes(range(128, 256)) * 9, "reject", "type-unknown"),
]  # fmt: skip
