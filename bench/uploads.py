"""A 1 MB upload through the real web process, checked and acknowledged, against the floor of the same run.

As the page's script sends it: one request with the bytes and their SHA-256, answered with the receipt.
The file is a document of some pages with a photo in it, as students scan their work.
Counted: CPU of the web server's whole process tree and of PostgreSQL. Not counted: the sender, and previews,
which a worker draws afterwards. No malware scanner is configured.
"""

import base64
import functools
import hashlib
import http.client
import io
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "packages" / "exchange" / "src")]

import pikepdf  # noqa: E402
from parts.site import school_site  # noqa: E402
from PIL import Image  # noqa: E402

from licheng.embedded.postgres import EmbeddedPostgres  # noqa: E402 -- the line above makes it importable
from licheng.embedded.sites import Site  # noqa: E402

SIZE = 1_000_000
AT_ONCE = ((1, 20), (8, 48), (32, 64))  # senders, uploads
FLAT_UPLOADS = 500
MOST_CPU_MS = 20.0  # quality: performance, upload of 1 MB
MOST_GROWTH = 0.10  # own bound: memory of the web server's tree over FLAT_UPLOADS uploads
FLOOR_ROUNDS = 60
TICKS = os.sysconf("SC_CLK_TCK")
DOCUMENT = ROOT / "samples" / "country" / "files" / "reading_notes.pdf"
PHOTO_SIDE = 1_096  # pixels; the JPEG of it stays a little below what is missing to SIZE
MARK = b"a place for the number of this copy, so that nobody has sent it before"
KEPT = threading.local()


@dataclass(frozen=True)
class Sender:
    """One student with her session and the outcome she sends files for."""

    outcome: str
    cookies: str
    token: str


def document(number: int) -> bytes:
    """A document of exactly SIZE bytes that nobody has sent before."""
    mark = hashlib.shake_256(str(number).encode() + os.urandom(8)).digest(len(MARK))
    return _template().replace(MARK, mark, 1)


@functools.cache
def _template() -> bytes:
    """The sample document with one more page that shows a photo; the photo's comment holds MARK."""
    length = SIZE - DOCUMENT.stat().st_size
    while len(made := _with_photo(_photo(length))) != SIZE:
        length += SIZE - len(made)
    return made


def _with_photo(photo: bytes) -> bytes:
    with pikepdf.open(DOCUMENT) as document, io.BytesIO() as file:
        name = pikepdf.Name
        image = pikepdf.Stream(document, photo, Type=name.XObject, Subtype=name.Image, Filter=name.DCTDecode)
        image.ColorSpace, image.BitsPerComponent = name.DeviceRGB, 8
        image.Width = image.Height = PHOTO_SIDE
        page = document.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Photo=image))
        page.Contents = pikepdf.Stream(document, b"q 500 0 0 500 40 200 cm /Photo Do Q")
        document.save(file, compress_streams=False)
        return file.getvalue()


def _photo(length: int) -> bytes:
    """A JPEG of noise of exactly `length` bytes; a comment fills what the picture leaves."""
    with io.BytesIO() as file:
        noise = hashlib.shake_256(b"noise").digest(PHOTO_SIDE * PHOTO_SIDE * 3)
        Image.frombytes("RGB", (PHOTO_SIDE, PHOTO_SIDE), noise).save(file, "JPEG", quality=85)
        picture = file.getvalue()
    comment = MARK.ljust(length - len(picture) - 4)
    return picture[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment + picture[2:]


def floor_ms(folder: Path) -> float:
    """CPU of hashing 1 MB, writing it to two folders, syncing and reading both back; milliseconds."""
    files = [document(number) for number in range(FLOOR_ROUNDS)]
    start = time.process_time()
    for number, data in enumerate(files):
        digest = hashlib.sha256(data).digest()
        for copy in ("a", "b"):
            descriptor = os.open(folder / f"{copy}{number}", os.O_RDWR | os.O_CREAT, 0o600)
            os.write(descriptor, data)
            os.fsync(descriptor)
            os.lseek(descriptor, 0, os.SEEK_SET)
            read = hashlib.sha256(os.read(descriptor, SIZE)).digest()
            os.close(descriptor)
            if read != digest:
                raise SystemExit("the floor itself read something else back")
    return (time.process_time() - start) * 1_000 / FLOOR_ROUNDS


def senders(site: Site, count: int) -> list[Sender]:
    """A school with students who each have a session and a draft outcome."""
    os.environ.update(site.environment())
    import django  # noqa: PLC0415 -- the site's settings exist only now

    django.setup()
    from django.conf import settings  # noqa: PLC0415 -- as above
    from django.test import Client  # noqa: PLC0415 -- as above

    from licheng.foundations.accounts.gate import EMAIL_SETTLED  # noqa: PLC0415 -- as above
    from tests.factories import EnrolmentFactory, OfferingFactory, SchoolFactory, open_windows  # noqa: PLC0415
    from tests.school.outcomes_cases import Outcome  # noqa: PLC0415 -- as above

    open_windows()
    offering = OfferingFactory(school=SchoolFactory())
    made = []
    for _number in range(count):
        enrolment = EnrolmentFactory(school=offering.school, offering=offering)
        place = {"school_year": offering.school_year, "semester": offering.semester}
        outcome = Outcome.objects.create(
            school=enrolment.school, student=enrolment.student, enrolment=enrolment, **place
        )
        browser = Client()
        browser.force_login(enrolment.student.user, settings.AUTHENTICATION_BACKENDS[-1])
        session = browser.session
        session[EMAIL_SETTLED] = True
        session.save()
        token = base64.b32encode(os.urandom(20)).decode()
        cookies = f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={token}"
        made.append(Sender(str(outcome.pk), cookies, token))
    return made


def send(site: Site, sender: Sender, data: bytes) -> None:
    """One upload to its receipt, over a connection that this thread keeps, as a browser does."""
    if getattr(KEPT, "line", None) is None:
        KEPT.line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
    # the number alone would be the host of people's files, which takes nothing in
    said = {"filename": "a.pdf", "item_kind": "outcome", "item_id": sender.outcome, "role": "document"}
    digest = hashlib.sha256(data)
    said["sha256"] = digest.hexdigest()
    headers = {
        "Host": site.url.removeprefix("http://"),
        "Cookie": sender.cookies,
        "X-CSRFToken": sender.token,
        "Accept": "application/json",
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(data)),
        "Upload-Metadata": ",".join(
            f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in said.items()
        ),
        "Upload-Checksum": f"sha256 {base64.b64encode(digest.digest()).decode()}",
        "Content-Type": "application/offset+octet-stream",
    }
    KEPT.line.request("POST", "/uploads/", data, headers)
    answer = KEPT.line.getresponse()
    told = answer.read()
    if (
        answer.status != http.HTTPStatus.CREATED
        or b'"state": "stored"' not in told
        or b"/receipt/" not in told
    ):
        raise SystemExit(f"not acknowledged: {answer.status} {told[:400]!r}")


def tree(root: int) -> set[int]:
    """A process and everything it started."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            parent = _fields(int(entry.name))
            if parent:
                children.setdefault(int(parent[1]), []).append(int(entry.name))
    found, waiting = set(), [root]
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting += children.get(one, [])
    return found


def _fields(process: int) -> list[str]:
    """The fields of /proc/PID/stat after its name, or nothing when it has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def cpu_ms(roots: list[int]) -> float:
    """CPU so far of the trees, with what their ended children used; milliseconds."""
    ticks = 0
    for process in set().union(*(tree(root) for root in roots)):
        ticks += sum(int(field) for field in _fields(process)[11:15])
    return ticks * 1_000 / TICKS


def memory_mb(root: int) -> float:
    """Memory of a tree that nobody shares with it; megabytes."""
    kilobytes = 0
    for process in tree(root):
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
    return kilobytes / 1_024


def rush(site: Site, people: list[Sender], count: int, data: Callable[[int], bytes]) -> float:
    """Every one of `people` sends without pause until `count` uploads are in; seconds."""
    start = time.monotonic()
    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(lambda number: send(site, people[number % len(people)], data(number)), range(count)))
    return time.monotonic() - start


def measure(site: Site, web: int, postgres: int, folder: Path) -> bool:
    """Print the table; whether every row holds."""
    people = senders(site, max(at_once for at_once, _count in AT_ONCE))
    rush(
        site, people[:4], 24, document
    )  # warm: templates, connections, the process that parsers are forked from
    floor = floor_ms(folder)
    print(f"{'':34}{'CPU ms':>8}{'of it web':>11}{'x floor':>9}{'each s':>8}{'MB/s':>7}")
    print(f"{'SHA-256, two synced, read back':34}{floor:8.1f}{'':11}{1:9.1f}")
    holds = True
    for at_once, count in AT_ONCE:
        before, of_web = cpu_ms([web, postgres]), cpu_ms([web])
        seconds = rush(site, people[:at_once], count, document)
        each, web_each = (cpu_ms([web, postgres]) - before) / count, (cpu_ms([web]) - of_web) / count
        mark = "" if each <= MOST_CPU_MS else f"  over {MOST_CPU_MS:g}"
        row = f"{each:8.1f}{web_each:11.1f}{each / floor:9.1f}{seconds * at_once / count:8.3f}"
        print(f"{f'1 MB to its receipt, {at_once} at once':34}{row}{count * SIZE / 1e6 / seconds:7.1f}{mark}")
        holds = holds and each <= MOST_CPU_MS
    return _memory_is_flat(site, web, people[:8]) and holds


def _memory_is_flat(site: Site, web: int, people: list[Sender]) -> bool:
    start = memory_mb(web)
    rush(site, people, FLAT_UPLOADS, document)
    end = memory_mb(web)
    is_flat = end <= start * (1 + MOST_GROWTH)
    said = "flat" if is_flat else f"grown by more than {MOST_GROWTH:.0%}"
    print(f"memory over {FLAT_UPLOADS} uploads: {start:.0f} MB, then {end:.0f} MB: {said}")
    return is_flat


def postmaster(postgres: EmbeddedPostgres) -> int:
    """The process id of the database server."""
    return int((postgres.data / "postmaster.pid").read_text().split()[0])


def run(root: Path) -> bool:
    """Start one school site with its database and measure it."""
    with school_site(root) as (site, processes, postgres):
        return measure(site, processes.running[0][1].pid, postmaster(postgres), root)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops this, its processes end with it
    with tempfile.TemporaryDirectory(prefix="licheng-bench-", dir=ROOT / "var") as place:
        Path(place).chmod(0o755)  # PostgreSQL runs as an account of its own where this runs as root
        held = run(Path(place))
    sys.exit(0 if held else 1)
