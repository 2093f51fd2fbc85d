"""The `.tlog-proof` file: form, verification and every way to spoil it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from licheng_exchange._notes import Checkpoint, SigningKey, sign_note
from licheng_exchange._proofs import HEADER, TlogProof, verify_tlog_proof
from licheng_exchange._tree import MemoryTree, ProofError, inclusion_proof

KEY, TWIN, WITNESS = (SigningKey.generate(name) for name in ("log.example", "log.example", "witness.example"))
VKEYS = [KEY.verifying_key]


def proof_of(index, size, *keys):
    tree = MemoryTree()
    for number in range(size):
        tree.append(b"entry %d" % number)
    note = sign_note(Checkpoint("log.example", size, tree.root).to_text(), *(keys or (KEY,)))
    hashes = tuple(inclusion_proof(index, size, tree.reader))
    return TlogProof(b"entry %d" % index, index, hashes, note)


def test_the_text_is_the_one_of_the_specification():
    lines = proof_of(4, 6).encode().split("\n")

    assert lines[0] == HEADER == "c2sp.org/tlog-proof@v1"
    assert lines[1:3] == ["extra ZW50cnkgNA==", "index 4"]
    assert lines[5:8] == ["", "log.example", "6"]


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (4, 6), (299, 300)])
def test_a_proof_comes_back_and_holds(index, size):
    proof = proof_of(index, size)

    assert TlogProof.parse(proof.encode()) == proof
    assert verify_tlog_proof(proof.encode(), b"entry %d" % index, VKEYS, "log.example").size == size


def test_a_proof_without_extra_comes_back():
    whole = proof_of(1, 3)
    proof = TlogProof(None, whole.index, whole.hashes, whole.checkpoint_note)

    assert TlogProof.parse(proof.encode()) == proof


def test_rotated_and_witnessed_checkpoints_hold_under_either_key():
    proof = proof_of(1, 3, KEY, TWIN, WITNESS)

    for vkeys in ([KEY], [TWIN], [TWIN, WITNESS]):
        assert verify_tlog_proof(proof, b"entry 1", [key.verifying_key for key in vkeys]).size == 3
    with pytest.raises(ProofError):
        verify_tlog_proof(proof, b"entry 1", [WITNESS.verifying_key])


def test_another_entry_origin_or_key_is_refused():
    proof = proof_of(1, 3)

    for entry, vkeys, origin in (
        (b"entry 2", VKEYS, None),
        (b"entry 1", VKEYS, "other.example"),
        (b"entry 1", [TWIN.verifying_key], None),
        (b"entry 1", [], None),
    ):
        with pytest.raises(ProofError):
            verify_tlog_proof(proof, entry, vkeys, origin)


def test_every_changed_byte_and_every_truncation_is_refused():
    whole = proof_of(4, 6)
    text = TlogProof(None, whole.index, whole.hashes, whole.checkpoint_note).encode()
    for place in range(len(text)):
        for changed in (
            text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :],
            text[:place] + "\x0b" + text[place + 1 :],
            text[:place] + text[place] + text[place:],
            text[:place],
        ):
            with pytest.raises(ProofError):
                verify_tlog_proof(changed, b"entry 4", VKEYS)


@given(st.one_of(st.text(), st.text(alphabet="\n index0=Aa").map(lambda text: f"{HEADER}\n{text}")))
def test_any_text_raises_only_proof_errors(text):
    with pytest.raises(ProofError):
        verify_tlog_proof(text, b"", VKEYS)
