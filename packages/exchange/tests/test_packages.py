"""Sealed packages: what is accepted, and that everything else is refused with member and rule."""

import copy
import json
import shutil
import subprocess
from hashlib import md5, sha256
from io import BytesIO
from pathlib import Path
from runpy import run_path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest
import pyzipper
from hypothesis import given
from hypothesis import strategies as st
from licheng_exchange._package_check import check_package, open_package
from licheng_exchange._package_manifest import build_manifest, csv_rows
from licheng_exchange._package_model import PackageLimits, PackageRefused
from licheng_exchange._package_seal import seal_package

MAKE = run_path(str(Path(__file__).parents[1] / "golden" / "make.py"))
KEY, PASSWORD = MAKE["SCHOOL_KEY"], MAKE["PASSWORD"]
VKEYS = [KEY.verifying_key]
GOLDEN = Path(__file__).parents[1] / "golden" / "packages" / "good" / "submission.zip"
PIECE = 1 << 20
SIZES = [0, 1, 15, 16, 17, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5]
CONTENTS = [bytes([65 + number]) * size for number, size in enumerate(SIZES)]
BY_HASH = {sha256(data).hexdigest(): data for data in CONTENTS}
ROSTERS = {"outcomes": "學號,成果\r\n1,a\r\n2,b\r\n".encode(), "學生名冊": "學號\r\n1130001\r\n".encode()}


def manifest_of():
    record = copy.deepcopy(MAKE["records"]()[0])
    record["files"] = [
        MAKE["item_file"]("document", f"{number}.pdf", data) for number, data in enumerate(CONTENTS)
    ]
    student = {
        "no": "1130001",
        "name": "王小明",
        "id_number": "A123456789",
        "birth_date": "2010-01-02",
        "grade": 1,
        "class_name": "一年一班",
        "seat_no": 3,
        "subject_key": MAKE["SUBJECT_KEY"],
        "items": [record],
    }
    return build_manifest(
        package=MAKE["PACKAGE"],
        school_code="01A301",
        school_name="範例高級中學",
        school_year=115,
        batch="normal",
        created_at=MAKE["TIME"],
        students=[student],
        rosters=ROSTERS,
        types=dict.fromkeys(BY_HASH, "application/pdf"),
    )


def seal(path, **changes):
    arguments = {
        "manifest": manifest_of(),
        "rosters": ROSTERS,
        "open_file": lambda digest: BytesIO(BY_HASH[digest]),
        "password": PASSWORD,
        "key": KEY,
    } | changes
    with path.open("wb") as out:
        return seal_package(out, **arguments)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    path = tmp_path_factory.mktemp("package") / "package.zip"
    return path, seal(path)


def rules_of(path, password=PASSWORD, vkeys=VKEYS, limits=None):
    report = check_package(path, password, vkeys, limits)
    assert report.ok == (not report.problems)
    return [problem.rule for problem in report.problems]


def test_a_sealed_package_is_accepted(sealed):
    path, answer = sealed

    report = check_package(path, PASSWORD, VKEYS)

    assert (report.ok, report.problems, report.signer) == (True, (), KEY.verifying_key.label)
    assert (report.sha256, report.size) == (answer.sha256, answer.size)
    assert report.sha256 == sha256(path.read_bytes()).hexdigest()
    assert report.manifest == manifest_of()


def test_another_program_reads_every_member(sealed):
    path, _ = sealed
    with pyzipper.AESZipFile(path) as package:
        package.setpassword(PASSWORD.encode())
        members = {info.filename: package.read(info) for info in package.infolist()}

    manifest = json.loads(members["manifest.json"])
    assert list(members) == [
        "manifest.json",
        "manifest.sig",
        "rosters/outcomes.csv",
        "rosters/學生名冊.csv",
        *(f"files/{file['sha256']}" for file in manifest["files"]),
    ]
    for digest, data in BY_HASH.items():
        assert members[f"files/{digest}"] == data


def test_7_zip_tests_it_where_it_is_installed_and_pyzipper_everywhere(sealed):
    path, _ = sealed
    tool = shutil.which("7z") or shutil.which("7zz")
    if tool:
        good = subprocess.run([tool, "t", f"-p{PASSWORD}", str(path)], capture_output=True, check=False)
        wrong = subprocess.run([tool, "t", "-pwrong", str(path)], capture_output=True, check=False)
        assert (good.returncode, b"Everything is Ok" in good.stdout) == (0, True)
        assert wrong.returncode != 0
    with pyzipper.AESZipFile(path) as package:
        package.setpassword(PASSWORD.encode())
        assert package.testzip() is None


def test_two_packages_of_the_same_content_share_no_bytes_of_content(tmp_path, sealed):
    seal(tmp_path / "again.zip")

    first, second = sealed[0].read_bytes(), (tmp_path / "again.zip").read_bytes()
    assert len(first) == len(second)
    assert first[60:200] != second[60:200]


def test_files_are_taken_while_they_are_verified(sealed):
    with open_package(sealed[0], password=PASSWORD, vkeys=VKEYS) as package:
        rosters = dict(package.rosters())
        files = {digest: b"".join(pieces) for digest, pieces in package.files()}

    assert rosters == ROSTERS
    assert files == BY_HASH


def test_files_not_taken_are_verified_all_the_same(sealed, tmp_path):
    data = bytearray(sealed[0].read_bytes())
    data[-5_000] ^= 1
    path = tmp_path / "altered.zip"
    path.write_bytes(data)

    with open_package(path, password=PASSWORD, vkeys=VKEYS) as package:
        assert dict(package.rosters()) == ROSTERS
        with pytest.raises(PackageRefused, match="member-damaged"):
            assert [digest for digest, _ in package.files()] == []


def test_an_error_of_the_reader_stays_its_own(sealed):
    with pytest.raises(OSError, match="disk full"), open_package(sealed[0], password=PASSWORD, vkeys=VKEYS):
        raise OSError("disk full")


def test_wrong_password_key_and_place(sealed, tmp_path):
    path, _ = sealed

    assert rules_of(path, password="wrong") == ["wrong-password"]
    assert rules_of(path, password="\ud800") == ["wrong-password"]
    assert rules_of(path, vkeys=[MAKE["STRANGER_KEY"].verifying_key]) == ["signer-unknown"]
    assert rules_of(tmp_path / "nowhere.zip") == ["unreadable"]
    assert rules_of(tmp_path) == ["unreadable"]


def test_bounds_come_before_reading(sealed):
    path, answer = sealed

    assert rules_of(path, limits=PackageLimits(package_bytes=answer.size - 1)) == ["too-large"]
    assert rules_of(path, limits=PackageLimits(manifest_bytes=100)) == ["too-large"]
    assert rules_of(path, limits=PackageLimits(members=5)) == ["too-many-members"]
    assert rules_of(path, limits=PackageLimits(file_bytes=3 * PIECE)) == ["too-large"]
    assert rules_of(path, limits=PackageLimits(roster_bytes=20)) == ["too-large"]


def other_zip(path, encryption):
    with pyzipper.AESZipFile(path, "w", encryption=encryption) as package:
        if encryption:
            package.setpassword(PASSWORD.encode())
        package.writestr("manifest.json", b"{}")


def test_other_zips_are_told_apart(tmp_path):
    path = tmp_path / "other.zip"
    with ZipFile(path, "w") as package:
        package.writestr("manifest.json", b"{}")
    assert rules_of(path) == ["not-encrypted"]

    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as package:
        package.setpassword(PASSWORD.encode())
        package.setencryption(pyzipper.WZ_AES, nbits=128)
        package.writestr("manifest.json", b"{}")
    assert rules_of(path) == ["other-encryption"]

    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as package:
        package.setpassword(PASSWORD.encode())
        package.writestr("manifest.json", b"{}")
    assert rules_of(path) == ["header-altered"]

    legacy = bytearray(path.read_bytes())
    legacy[6:10] = b"\x01\x00\x00\x00"  # encrypted, with method "stored": the old ZipCrypto
    path.write_bytes(legacy)
    assert rules_of(path) == ["other-encryption"]


@pytest.mark.parametrize("data", [b"", b"PK", b"%PDF-1.4\n" * 99, b"PK\x05\x06" + b"\0" * 18])
def test_files_that_are_no_package(tmp_path, data):
    path = tmp_path / "other.zip"
    path.write_bytes(data)

    assert rules_of(path) in (["truncated"], ["member-missing"])


def changed(place, value):
    manifest = manifest_of()
    *way, last = place
    inner = manifest
    for step in way:
        inner = inner[step]
    inner[last] = value
    return manifest


@pytest.mark.parametrize(
    ("place", "value", "rule"),
    [
        (("v",), 2, "manifest-field"),
        (("v",), True, "manifest-field"),
        (("surprise",), 1, "manifest-field"),
        (("school", "code"), "1A301", "manifest-field"),
        (("counts", "students"), 2, "count-differs"),
        (("counts", "bytes"), 0, "count-differs"),
        (("students", 0, "items", 0, "note"), "字" * 101, "note-length"),
        (("students", 0, "items", 0, "kind"), "essay", "manifest-field"),
        (("students", 0, "items", 0, "files", 0, "sha256"), "0" * 64, "record-file"),
        (("students", 0, "items", 0, "files", 0, "md5"), "0" * 32, "record-file"),
        (("files", 0, "size"), 1 << 40, "too-large"),
        (("rosters", 0, "rows"), 3, "roster-rows"),
        (("rosters", 0, "name"), "../up", "manifest-field"),
        (("rosters", 0, "name"), "other", "roster-listed"),
        (("school_year",), 115.0, "manifest-field"),
        (("batch",), None, "manifest-field"),
        (("batch",), "\ud800", "not-canonical"),
    ],
)
def test_a_manifest_that_does_not_agree_is_not_sealed(tmp_path, place, value, rule):
    with pytest.raises(PackageRefused) as refusal:
        seal(tmp_path / "package.zip", manifest=changed(place, value))

    assert rule in {problem.rule for problem in refusal.value.problems}


def test_repeated_and_unordered_lists_are_not_sealed(tmp_path):
    manifest = manifest_of()
    manifest["files"].reverse()
    manifest["students"] *= 2

    with pytest.raises(PackageRefused) as refusal:
        seal(tmp_path / "package.zip", manifest=manifest)

    assert {problem.rule for problem in refusal.value.problems} >= {"duplicate", "order", "count-differs"}


@pytest.mark.parametrize("content", [b"", b"other", b"A" * 99])
def test_a_file_that_is_not_the_listed_one_is_not_sealed(tmp_path, content):
    with pytest.raises(PackageRefused, match="file-sha256"):
        seal(
            tmp_path / "package.zip",
            open_file=lambda digest: BytesIO(content if len(BY_HASH[digest]) == 17 else BY_HASH[digest]),
        )


def test_a_school_that_seals_other_content_is_refused(tmp_path, monkeypatch):
    """What a correct seal cannot write, a hostile one can: every refusal of the checker is its own."""
    monkeypatch.setattr("licheng_exchange._package_seal.manifest_problems", lambda *_: iter(()))
    monkeypatch.setattr("licheng_exchange._package_seal._roster_problems", lambda *_: iter(()))
    path = tmp_path / "package.zip"
    for place, value, rule in (
        (("counts", "files"), 0, ["count-differs"]),
        (("rosters", 0, "rows"), 7, ["roster-rows"]),
        (("rosters", 1, "sha256"), "0" * 64, ["roster-sha256"]),
        (("students", 0, "items", 0, "note"), "字" * 101, ["note-length"]),
        (("students", 0, "birth_date"), "2010/1/2", ["manifest-field"]),
    ):
        seal(path, manifest=changed(place, value))
        assert rules_of(path) == rule
    monkeypatch.setattr("licheng_exchange._package_seal.checked", lambda pieces, _file: pieces)
    seal(path, open_file=lambda digest: BytesIO(BY_HASH[digest].replace(b"E", b"e")))
    assert rules_of(path) == ["file-sha256"]


def test_rows_of_a_csv():
    assert csv_rows('\ufeff"a\r\nb",c\r\n1,2\r\n\r\n'.encode()) == 1
    for data in (b"", b"\xff\xfe", b'"open'):
        with pytest.raises(ValueError):  # noqa: PT011 -- the message is the csv module's
            csv_rows(data)


@given(st.binary(max_size=300), st.integers(0, 400))
def test_any_bytes_after_a_good_beginning_are_refused(tail, kept):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "package.zip"
        path.write_bytes(GOLDEN.read_bytes()[:kept] + tail)

        assert rules_of(path) != []


def test_the_legacy_digest_is_in_the_manifest():
    digests = {md5(data, usedforsecurity=False).hexdigest() for data in CONTENTS}
    assert {file["md5"] for file in manifest_of()["files"]} == digests
