"""The receipt of one upload, checked by the command: proof, published keys, and the student's own file."""

import json
from hashlib import sha256

import pytest
from licheng_exchange import (
    Checkpoint,
    MemoryTree,
    SigningKey,
    TlogProof,
    build_leaf_stored,
    inclusion_proof,
    sign_note,
)
from licheng_exchange._cli import main

WORK = b"%PDF-1.7 a work"


@pytest.fixture
def folder(tmp_path):
    key = SigningKey.generate("school.licheng.example/ledger")
    leaf = build_leaf_stored(
        file="0f3a1a52-6c9e-4a53-9a52-2c8f6b8f0a11",
        sha256_hex=sha256(WORK).hexdigest(),
        size=len(WORK),
        school="070406",
        subject="ab" * 32,
        time="2026-11-22T03:04:05Z",
    )
    tree = MemoryTree()
    for entry in (b"another", leaf, b"a third"):
        tree.append(entry)
    note = sign_note(Checkpoint(key.name, tree.size, tree.root).to_text(), key)
    proof = TlogProof(leaf, 1, tuple(inclusion_proof(1, tree.size, tree.reader)), note)
    (tmp_path / "work.tlog-proof").write_text(proof.encode())
    (tmp_path / "keys.txt").write_text(key.vkey + "\n")
    (tmp_path / "work.pdf").write_bytes(WORK)
    return tmp_path


def run(folder, *arguments):
    return main(["receipt", "verify", str(folder / "work.tlog-proof"), *arguments])


def test_the_uploaded_file_verifies(folder, capsys):
    assert run(folder, "--file", str(folder / "work.pdf"), "--json") == 0
    assert json.loads(capsys.readouterr().out)["leaf"]["school"] == "070406"


@pytest.mark.parametrize("name", ["work.pdf", "work.tlog-proof", "keys.txt"])
def test_one_changed_byte_fails(folder, name, capsys):
    path = folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))

    assert run(folder, "--file", str(folder / "work.pdf")) in {1, 2}
    assert "成立：學校" not in capsys.readouterr().out


@pytest.mark.parametrize("files", [[], ["work.pdf", "keys.txt"], ["missing.pdf"]])
def test_exactly_one_file_is_needed(folder, files, capsys):
    named = [part for name in files for part in ("--file", str(folder / name))]

    assert run(folder, *named) == 2
    assert capsys.readouterr().err
