"""Real sealed packages for the archive's tests, and forged ones that sealing would refuse to make."""

import io
import json
import uuid
from dataclasses import dataclass
from functools import cache
from hashlib import md5, sha256
from pathlib import Path

import pikepdf
from django.http import HttpRequest
from licheng_exchange import SigningKey, build_manifest, canonical, seal_package
from licheng_exchange._package_seal import signature_text
from licheng_exchange._package_zip import ZipWriter

SCHOOL_CODE = "070406"
SCHOOL_KEY = SigningKey("school.test/070406", sha256(b"test school key").digest())
STRANGER_KEY = SigningKey("school.test/stranger", sha256(b"test stranger key").digest())
PASSWORD = "test-package-password"
YEAR = 115
TYPES = {"pdf": "application/pdf", "mp3": "audio/mpeg", "mp4": "video/mp4", "png": "image/png"}
SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "reference"


def depositor_with(secret):
    """The actor that the archive makes of a presented secret, or None."""
    from licheng.archive.intake.actors import depositor_of
    from licheng.foundations.machines.queries import token_presented

    token = token_presented(secret)
    return token and depositor_of(HttpRequest(), token)


@cache
def pdf(text: str) -> bytes:
    """A small whole PDF whose bytes depend on the text."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(200, 200))
    document.docinfo["/Title"] = text
    out = io.BytesIO()
    document.save(out, static_id=True)
    return out.getvalue()


@dataclass(frozen=True)
class Part:
    """One file of an item, with its bytes."""

    name: str
    data: bytes
    role: str = "document"

    def listed(self):
        return {
            "role": self.role,
            "name": self.name,
            "sha256": sha256(self.data).hexdigest(),
            "size": len(self.data),
            "md5": md5(self.data, usedforsecurity=False).hexdigest(),
        }


class Package:
    """What a school packs: students and their items; `sealed` writes it, `forged` writes it unchecked."""

    def __init__(self, *, school_code=SCHOOL_CODE, school_year=YEAR, key=SCHOOL_KEY):
        self.id = uuid.uuid4()
        self.school_code, self.school_year, self.key = school_code, school_year, key
        self.students, self.contents, self.types = [], {}, {}

    def student(self, number, *items, **changes):
        row = {
            "no": number,
            "name": f"學生{number}",
            "id_number": f"A1{number:0>8}",
            "birth_date": "2010-03-15",
            "grade": 1,
            "class_name": "一年甲班",
            "seat_no": 1,
            "subject_key": sha256(f"subject {number}".encode()).hexdigest(),
            "items": list(items),
        }
        self.students.append({**row, **changes})
        return self

    def outcome(self, *parts, **changes):
        parts = parts or (Part("作品.pdf", pdf(str(uuid.uuid4()))),)
        row = {
            "item": str(uuid.uuid4()),
            "kind": "outcome",
            "school_year": YEAR,
            "semester": 1,
            "course_code": f"115{SCHOOL_CODE}V4092901010101",
            "course_name": "國語文",
            "credits": 4,
            "grade": 1,
            "note": "以訪談寫成的地方誌。",
            "certified_at": "2026-11-01T03:04:05Z",
            "certified_by": "林老師",
            "files": self._files(parts),
        }
        return {**row, **changes}

    def activity(self, *parts, **changes):
        parts = parts or (Part("獎狀.pdf", pdf(str(uuid.uuid4())), "evidence"),)
        row = {
            "item": str(uuid.uuid4()),
            "kind": "activity",
            "category": "competition",
            "category_name": "競賽參與紀錄",
            "school_year": YEAR,
            "semester": 1,
            "fields": {"競賽名稱": "地方史論文獎"},
            "note": "",
            "link": None,
            "files": self._files(parts),
        }
        return {**row, **changes}

    def _files(self, parts):
        for part in parts:
            digest = sha256(part.data).hexdigest()
            self.contents[digest] = part.data
            self.types.setdefault(digest, TYPES.get(part.name.rpartition(".")[2], "application/pdf"))
        return [part.listed() for part in parts]

    def manifest(self):
        return build_manifest(
            package=str(self.id),
            school_code=self.school_code,
            school_name="示範高中",
            school_year=self.school_year,
            batch="115-1",
            created_at="2026-11-22T03:04:05Z",
            students=self.students,
            rosters={"學生": "學號\n1\n".encode()},
            types=self.types,
        )

    def sealed(self):
        out = io.BytesIO()
        seal_package(
            out,
            self.manifest(),
            {"學生": "學號\n1\n".encode()},
            lambda digest: io.BytesIO(self.contents[digest]),
            PASSWORD,
            self.key,
        )
        return out.getvalue()

    def forged(self):
        """The same bytes that sealing would write, without its refusals."""
        out, manifest = io.BytesIO(), self.manifest()
        data = canonical(manifest)
        signature = signature_text(self.key, data)
        writer = ZipWriter(out, PASSWORD.encode(), lambda size: b"s" * size)
        writer.add("manifest.json", len(data), [data])
        writer.add("manifest.sig", len(signature), [signature])
        roster = "學號\n1\n".encode()
        writer.add("rosters/學生.csv", len(roster), [roster])
        for file in manifest["files"]:
            content = self.contents[file["sha256"]]
            writer.add(f"files/{file['sha256']}", len(content), [content])
        writer.finish()
        return out.getvalue()


def announcing(package, data, **changes):
    """The body of an announcement."""
    body = {
        "package": str(package.id),
        "school_year": package.school_year,
        "sha256": sha256(data).hexdigest(),
        "size": len(data),
        "password": PASSWORD,
    }
    return {**body, **changes}


def arrived(actor, package, data):
    """A deposit whose package is here, waiting for its check."""
    from licheng.archive.intake.operations import Announcement, announce_deposit, take_part

    body = announcing(package, data)
    announced = Announcement(package.id, body["school_year"], body["sha256"], body["size"], body["password"])
    deposit = announce_deposit(actor=actor, announced=announced)
    return take_part(actor=actor, deposit_id=deposit.pk, offset=0, length=len(data), stream=io.BytesIO(data))


def checked(actor, package, data=None):
    """The deposit of this package after its check."""
    from licheng.archive.receipts.operations import check_deposit
    from licheng.foundations.authz import Actor

    deposit = arrived(actor, package, package.sealed() if data is None else data)
    return check_deposit(actor=Actor.system("task:check_deposit"), deposit_id=deposit.pk)


def small_package():
    """Two students: one with an outcome and an activity, one with an outcome of two files."""
    package = Package()
    voice = Part("訪談.mp3", (SAMPLES / "voice_zh_id3.mp3").read_bytes(), "media")
    package.student("1150001", package.outcome(), package.activity())
    return package.student("1150002", package.outcome(Part("報告.pdf", pdf("report")), voice))


def as_json(response):
    """The answer's body."""
    return json.loads(response.content)
