"""PDF written anew from what can be reached, without anything that runs, sends, opens or hides."""

from pathlib import Path
from urllib.parse import urlsplit

import pikepdf

from licheng.foundations.files.cleaning.images import without_metadata

# What only moves the reader inside the document or opens an ordinary link. Source: ISO 32000-2 table 201.
HARMLESS_ACTIONS = frozenset({"/GoTo", "/URI", "/Named"})
OTHER_ACTIONS = frozenset(
    {
        *("/GoTo3DView", "/GoToDp", "/GoToE", "/GoToR", "/Hide", "/ImportData", "/JavaScript", "/Launch"),
        *("/Movie", "/Rendition", "/ResetForm", "/RichMediaExecute", "/SetOCGState", "/Sound", "/SubmitForm"),
        *("/Thread", "/Trans"),
    }
)
ACTION_KEYS = frozenset({"/A", "/PA", "/OpenAction", "/Next"})
LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
# Keys that carry programs, other files, forms of another technology, or facts about writer and device.
DROPPED_KEYS = frozenset(
    {
        *("/AA", "/AF", "/Alternates", "/Collection", "/EF", "/EmbeddedFile", "/EmbeddedFiles", "/FFilter"),
        *("/FDecodeParms", "/JS", "/JavaScript", "/Info", "/LastModified", "/Metadata", "/OPI", "/Perms"),
        *("/PieceInfo", "/Ref", "/RichMediaContent", "/RichMediaSettings", "/XFA"),
    }
)
DROPPED_ANNOTATIONS = frozenset(
    {"/3D", "/FileAttachment", "/Movie", "/Projection", "/RichMedia", "/Screen", "/Sound"}
)
KEPT_NAMES = frozenset({"/Dests"})


def clean_pdf(source: Path, target: Path) -> None:
    """Write the pages, their text and their plain links anew.

    Raises pikepdf.PdfError when the document cannot be read.
    """
    with pikepdf.open(source, suppress_warnings=True) as document:
        _clean_tree(document.trailer)
        for thing in document.objects:
            _clean_tree(thing)
        _keep_destinations_only(document)
        document.save(
            target,
            encryption=False,
            deterministic_id=True,
            fix_metadata_version=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )


def _keep_destinations_only(document: pikepdf.Pdf) -> None:
    names = document.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        for key in set(names.keys()) - KEPT_NAMES:
            del names[key]


def _clean_tree(thing: object) -> None:
    """One object and what stands directly in it; what it refers to is cleaned in its own turn."""
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
            _clean_dictionary(one)
            members = [value for _key, value in one.items()]
        elif isinstance(one, pikepdf.Array):
            _clean_array(one)
            members = list(one)
        else:
            continue
        waiting += [m for m in members if isinstance(m, pikepdf.Object) and not m.is_indirect]
        if isinstance(one, pikepdf.Stream):
            _clean_picture(one)


def _clean_dictionary(thing: pikepdf.Object) -> None:
    for key in list(thing.keys()):
        value = thing.get(key)
        is_base = key == "/URI" and isinstance(value, pikepdf.Dictionary)  # of all links that name no place
        calls_home = key == "/OpenAction" and isinstance(value, pikepdf.Dictionary) and "/URI" in value
        acts = _acts(value, is_action=key in ACTION_KEYS)
        hides = _is_dropped_annotation(value) or _is_signature(value)
        if key in DROPPED_KEYS or acts or is_base or calls_home or hides:
            del thing[key]
    if isinstance(thing, pikepdf.Stream) and "/F" in thing:
        del thing["/F"]  # picture data that stands in another file


def _clean_array(things: pikepdf.Array) -> None:
    for place in reversed(range(len(things))):
        if _is_dropped_annotation(things[place]) or _acts(things[place], is_action=False):
            del things[place]


def _is_dropped_annotation(thing: object) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and str(thing.get("/Subtype", "")) in DROPPED_ANNOTATIONS


def _is_signature(thing: object) -> bool:
    """Whether something is a signature over bytes: it says who and where, and would no longer fit."""
    return isinstance(thing, pikepdf.Dictionary) and "/ByteRange" in thing


def _acts(thing: object, *, is_action: bool) -> bool:
    """Whether something is an action beyond moving in the document or opening an ordinary link."""
    if not isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        return False
    kind = str(thing.get("/S", ""))
    if kind == "/URI":
        return not _is_plain_link(thing.get("/URI"))
    if kind in OTHER_ACTIONS or "/JS" in thing:
        return True
    is_action = is_action or str(thing.get("/Type", "")) == "/Action"
    # /A is also where structure elements keep their attributes: those have an owner /O and no /S.
    return is_action and kind not in HARMLESS_ACTIONS and ("/S" in thing or "/O" not in thing)


def _is_plain_link(target: object) -> bool:
    if not isinstance(target, pikepdf.String):
        return False
    address = str(target).strip().lower()
    try:
        return address.startswith("www.") or urlsplit(address).scheme in LINK_SCHEMES
    except ValueError:
        return False


def _clean_picture(stream: pikepdf.Stream) -> None:
    """A photograph inside a page keeps what its camera noted, unless it is taken out here as well."""
    filters = stream.get("/Filter")
    names = list(filters) if isinstance(filters, pikepdf.Array) else [filters]
    if names != [pikepdf.Name.DCTDecode]:
        return
    try:
        bare = without_metadata(stream.read_raw_bytes())
    except ValueError:  # readers forgive more than the standard; a picture that breaks it stays as it is
        return
    stream.write(bare, filter=pikepdf.Name.DCTDecode, decode_parms=_parameters(stream))


def _parameters(stream: pikepdf.Stream) -> pikepdf.Dictionary | None:
    found = stream.get("/DecodeParms")
    return found if isinstance(found, pikepdf.Dictionary) else None
