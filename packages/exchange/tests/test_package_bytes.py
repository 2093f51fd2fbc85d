"""Every byte of a package counts: flips, truncations, gaps, and the forms beyond 4 GiB and 65,535 members."""

from functools import lru_cache
from hashlib import pbkdf2_hmac, sha256
from io import BytesIO
from pathlib import Path
from runpy import run_path
from zipfile import ZipFile

import pytest
import pyzipper
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from licheng_exchange._package_aes import PIECE_BYTES, EntryCipher
from licheng_exchange._package_check import check_package
from licheng_exchange._package_seal import signature_text
from licheng_exchange._package_zip import Member, ZipWriter, central_header, end_records, local_header

GOLDEN = Path(__file__).parents[1] / "golden"
MAKE = run_path(str(GOLDEN / "make.py"))
GOOD = (GOLDEN / "packages" / "good" / "submission.zip").read_bytes()
PASSWORD, VKEYS = MAKE["PASSWORD"], [MAKE["SCHOOL_KEY"].verifying_key]


@pytest.fixture(autouse=True)
def derived_keys_are_remembered(monkeypatch):
    """The same derivation, computed once per salt: thousands of checks share five salts."""
    monkeypatch.setattr("licheng_exchange._package_aes.pbkdf2_hmac", lru_cache(maxsize=64)(pbkdf2_hmac))


def problems_of(path, data):
    path.write_bytes(data)
    report = check_package(path, PASSWORD, VKEYS)
    assert report.ok == (not report.problems)
    assert report.sha256 == sha256(data).hexdigest()
    return report.problems


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.slow)])
def test_every_changed_byte_is_refused_with_member_and_rule(tmp_path, step):
    path = tmp_path / "package.zip"
    assert problems_of(path, GOOD) == ()
    rules = set()
    for place, byte in list(enumerate(GOOD))[::step]:
        for mask in (1 << place % 8, 0xFF):
            problems = problems_of(path, GOOD[:place] + bytes([byte ^ mask]) + GOOD[place + 1 :])
            assert problems, place
            assert all(problem.file and problem.text_zh and problem.text_en for problem in problems)
            rules |= {problem.rule for problem in problems}
    assert rules == {
        "member-missing",
        "header-altered",
        "not-encrypted",
        "other-encryption",
        "too-large",
        "wrong-password",
        "member-damaged",
        "directory-altered",
    }


def test_every_truncation_is_refused(tmp_path):
    path = tmp_path / "package.zip"
    for length in range(len(GOOD)):
        assert [problem.rule for problem in problems_of(path, GOOD[:length])] == ["truncated"]


def test_added_and_removed_bytes_are_refused(tmp_path):
    path = tmp_path / "package.zip"
    for place in range(0, len(GOOD), 13):
        assert problems_of(path, GOOD[:place] + b"\0" + GOOD[place:])
        assert problems_of(path, GOOD[:place] + GOOD[place + 1 :])
    assert [one.rule for one in problems_of(path, GOOD + b"\0")] == ["trailing-bytes"]
    assert [one.rule for one in problems_of(path, GOOD + GOOD)] == ["trailing-bytes"]


def rewritten(members):
    """A package with exactly these members, each in the right form."""
    out = BytesIO()
    writer = ZipWriter(out, PASSWORD.encode(), MAKE["counting_salts"]())
    for name, data in members:
        writer.add(name, len(data), [data])
    writer.finish()
    return out.getvalue()


def members_of_good():
    with pyzipper.AESZipFile(BytesIO(GOOD)) as package:
        package.setpassword(PASSWORD.encode())
        return [(info.filename, package.read(info)) for info in package.infolist()]


def test_missing_added_repeated_and_reordered_members_are_refused(tmp_path):
    path, members = tmp_path / "package.zip", members_of_good()
    assert rewritten(members) == GOOD
    for number, member in enumerate(members):
        assert problems_of(path, rewritten(members[:number] + members[number + 1 :]))
        assert problems_of(path, rewritten([*members[:number], member, *members[number:]]))
        assert problems_of(
            path, rewritten([*members[:number], ("files/" + "0" * 64, b""), *members[number:]])
        )
    assert problems_of(path, rewritten([members[1], members[0], *members[2:]]))
    assert problems_of(path, rewritten([*members[:-2], members[-1], members[-2]]))
    assert problems_of(path, rewritten([*members, ("../escape", b"x")]))


def test_swapped_contents_are_refused_though_each_member_is_whole(tmp_path):
    members = members_of_good()
    (first, first_data), (last, last_data) = members[-2:]
    swapped = [*members[:-2], (first, last_data), (last, first_data)]

    rules = {problem.rule for problem in problems_of(tmp_path / "package.zip", rewritten(swapped))}

    assert rules <= {"header-altered", "file-sha256"}
    assert rules


def test_a_manifest_signed_by_nobody_or_altered_after_signing_is_refused(tmp_path):
    path, members = tmp_path / "package.zip", members_of_good()
    (_, manifest), (_, signature) = members[:2]
    rest = members[2:]
    cases = [
        (manifest.replace(b'"normal"', b'"extra1"'), signature, "signature"),
        (manifest + b" ", signature, "signature"),
        (manifest, b"", "signature-format"),
        (manifest, signature + b"\n", "signature-format"),
        (manifest, signature[:-1], "signature-format"),
        (manifest, signature + b"x", "signer-unknown"),
        (manifest, signature.replace(b"+", b"-", 1), "signer-unknown"),
        (manifest, b"\xff\n\n", "signature-format"),
    ]
    for changed, signed, rule in cases:
        data = rewritten([("manifest.json", changed), ("manifest.sig", signed), *rest])
        assert [problem.rule for problem in problems_of(path, data)] == [rule]


def test_signed_but_not_canonical_is_refused(tmp_path):
    members = members_of_good()
    for manifest in (members[0][1] + b"\n", b"{}", b"[]", b"\xff", b"1.5", b"[" * 100_000):
        signature = signature_text(MAKE["SCHOOL_KEY"], manifest)
        data = rewritten([("manifest.json", manifest), ("manifest.sig", signature), *members[2:]])
        rules = {problem.rule for problem in problems_of(tmp_path / "package.zip", data)}
        assert rules in ({"not-canonical"}, {"manifest-field"})


def test_the_cipher_counts_on_beyond_a_piece():
    """Against single blocks of another library, around each carry of the little-endian counter."""
    pieces = 258
    keys = pbkdf2_hmac("sha1", b"password", b"s" * 16, 1000, 66)
    block_of = Cipher(AES(keys[:32]), ECB()).encryptor().update  # noqa: S305 -- one block, to compare
    cipher = EntryCipher(b"password", b"s" * 16)
    blocks = PIECE_BYTES // 16
    for number in range(pieces):
        stream = cipher.encrypt(b"\0" * PIECE_BYTES)
        for at in (0, 1, 255, blocks // 2, blocks - 2, blocks - 1):
            counter = (number * blocks + at + 1).to_bytes(16, "little")
            assert stream[16 * at : 16 * at + 16] == block_of(counter), (number, at)


def test_an_entry_beyond_4_gib_is_found_by_another_reader(tmp_path):
    """A sparse file with one member far out: headers, ZIP64 records and offsets as a stock reader wants them."""
    far, huge = (1 << 32) + 77, (1 << 32) + 5
    near, member = Member("manifest.json", 3), Member("files/" + "0" * 64, huge, far)
    path = tmp_path / "sparse.zip"
    with path.open("wb") as file:
        file.write(local_header(near))
        file.seek(far)
        file.write(local_header(member))
        file.seek(member.stored, 1)
        start = file.tell()
        directory = central_header(near) + central_header(member)
        file.write(directory + end_records(2, len(directory), start))

    with ZipFile(path) as package:
        found = {info.filename: info for info in package.infolist()}

    info = found[member.name]
    assert (info.file_size, info.compress_size, info.header_offset) == (huge, member.stored, far)
    assert (found["manifest.json"].file_size, found["manifest.json"].header_offset) == (3, 0)
    with path.open("rb") as file:
        file.seek(far)
        assert file.read(len(local_header(member))) == local_header(member)


def test_more_than_65535_members_are_counted_by_another_reader(tmp_path):
    count = 65_536
    members = [Member(f"files/{number:064x}", 0) for number in range(count)]
    headers = b"".join(central_header(member) for member in members)
    lead = local_header(members[0])
    path = tmp_path / "many.zip"
    path.write_bytes(lead + headers + end_records(count, len(headers), len(lead)))

    with ZipFile(path) as package:
        assert len(package.infolist()) == count
