"""Real over-size files of the kinds that phones and programs make, small enough to be made in a test."""

import io
import subprocess

import pikepdf
import pillow_heif
from PIL import Image, ImageDraw

ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825
HLG = "log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"


def picture(width=1600, height=1200, *, noise=60):
    """A photo-like picture: noise does not compress; a red bar along the top says which way is up."""
    grain = Image.effect_noise((width, height), noise)
    made = Image.merge("RGB", (grain, Image.linear_gradient("L").resize((width, height)), grain))
    ImageDraw.Draw(made).rectangle((0, 0, width, height // 10), fill=(255, 0, 0))
    return made


def is_red(image, x, y):
    """Whether a spot (in tenths of width and height) belongs to the bar."""
    red, green, blue = image.convert("RGB").getpixel((image.width * x // 10, image.height * y // 10))
    return red > 180 and green < 90 and blue < 90


def jpeg_bytes(image, *, orientation=1, quality=95):
    """A JPEG of a phone: orientation, maker and place stand beside the pixels."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = orientation, "PlantedMaker"
    exif.get_ifd(GPS)[1] = "N"
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def heic_bytes(image):
    """A photo as iPhones save it."""
    out = io.BytesIO()
    pillow_heif.from_pillow(image).save(out, quality=90)
    return out.getvalue()


def png_bytes(image):
    """A screenshot; packed loosely, so that there is something to gain."""
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=0)
    return out.getvalue()


def image_stream(document, image, *, data=None, **more):
    """A picture object; without `data` it is kept lossless."""
    names = {"Width": image.width, "Height": image.height, "BitsPerComponent": 8}
    names |= {"ColorSpace": pikepdf.Name.DeviceGray if image.mode == "L" else pikepdf.Name.DeviceRGB}
    stream = pikepdf.Stream(
        document,
        data if data is not None else image.tobytes(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        **(names | more),
    )
    return document.make_indirect(stream)


def add_page(document, text, pictures=(), *, width=595, height=842):
    """A page that says something and shows pictures, each as large as the page."""
    page = document.add_blank_page(page_size=(width, height))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    shown = {f"/P{number}": one for number, one in enumerate(pictures)}
    page.Resources = pikepdf.Dictionary(
        Font=pikepdf.Dictionary(F1=document.make_indirect(font)), XObject=pikepdf.Dictionary(shown)
    )
    drawing = "".join(f"q {width} 0 0 {height} 0 0 cm {name} Do Q " for name in shown)
    page.Contents = document.make_stream(f"{drawing} BT /F1 24 Tf 50 700 Td ({text}) Tj ET".encode())


def pdf_bytes(pages=3, *, size=(1200, 900)):
    """A document of scanned pages with text over them."""
    document = pikepdf.new()
    document.docinfo["/Author"] = "PlantedAuthor"
    for number in range(pages):
        image = picture(*size)
        data = jpeg_bytes(image)
        stream = image_stream(document, image, data=data, Filter=pikepdf.Name.DCTDecode)
        add_page(document, f"Page {number + 1} of my portfolio", [stream])
    return saved(document)


def saved(document):
    """The document's bytes."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def film(path, *, seconds=4, size="640x480", codec="libx264", sound=True, more=()):
    """A film as cameras make it, with a place in its metadata."""
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=s={size}:r=30:d={seconds}"]
    command += ["-f", "lavfi", "-i", f"sine=d={seconds}"] if sound else []
    command += [
        "-c:v",
        codec,
        "-preset",
        "ultrafast",
        "-crf",
        "12",
        "-metadata",
        "location=+25.0330+121.5654/",
    ]
    command += ["-x265-params", "log-level=error"] if codec == "libx265" and not more else []
    command += [*(["-c:a", "aac"] if sound else []), *more, str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def hdr_film(path):
    """What a current iPhone records: HEVC in QuickTime, ten bits, HLG."""
    more = ["-pix_fmt", "yuv420p10le", "-tag:v", "hvc1", "-x265-params", HLG, "-color_trc", "arib-std-b67"]
    return film(path, seconds=2, codec="libx265", more=[*more, "-color_primaries", "bt2020"])


def sound(path, *, seconds=20):
    """A recording without pictures, uncompressed unless the name says otherwise."""
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"anoisesrc=d={seconds}:a=0.3", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path
