"""What a file can be made into something smaller as, by its content alone."""

from pathlib import Path

START_BYTES = 4096
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*", b"BM")
RECORDINGS = (b"\x1aE\xdf\xa3", b"ID3", b"OggS", b"fLaC", b"#!AMR", b"0&\xb2u", b"\x00\x00\x01\xba")
HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}
RIFF = {b"WEBP": "image", b"WAVE": "media", b"AVI ": "media"}
PHOTO_EXTENSIONS = frozenset({"jpg", "jpeg", "png", "heic", "heif", "avif", "webp"})


def kind_of(path: Path) -> str:
    """`image`, `pdf` or `media`; empty for anything else."""
    with path.open("rb") as file:
        start = file.read(START_BYTES)
    if start.startswith(b"%PDF-"):
        return "pdf"
    if start[:4] == b"RIFF":
        return RIFF.get(start[8:12], "")
    if start[4:8] == b"ftyp":
        return "image" if start[8:12] in HEIF_BRANDS else "media"
    if start[4:8] in {b"moov", b"mdat", b"wide", b"free"}:  # QuickTime of older cameras has no ftyp
        return "media"
    if start.startswith(PICTURES):
        return "image"
    is_frame = start[:1] == b"\xff" and len(start) > 1 and start[1] & 0xE0 == 0xE0  # noqa: PLR2004 -- sync bits of ISO 11172-3
    return "media" if is_frame or start.startswith(RECORDINGS) else ""
