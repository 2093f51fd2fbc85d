"""The tree against the vectors of RFC 6962's reference code, against pymerkle and against itself."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from licheng_exchange._tree import (
    EMPTY_ROOT,
    MemoryTree,
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)
from pymerkle import InmemoryTree

# Inputs and roots of the reference implementation's test (certificate-transparency, merkle_tree_test).
REFERENCE_ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def grown(size):
    tree = MemoryTree()
    for number in range(size):
        tree.append(b"entry %d" % number)
    return tree


def refuses(check, **arguments):
    with pytest.raises(ProofError):
        check(**arguments)


def test_the_empty_tree_hashes_nothing():
    assert MemoryTree().root == EMPTY_ROOT == sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size):
    tree = MemoryTree()
    for entry in REFERENCE_ENTRIES[:size]:
        tree.append(entry)

    assert tree.root.hex() == REFERENCE_ROOTS[size - 1]


def test_roots_and_proofs_agree_with_pymerkle():
    ours, theirs = MemoryTree(), InmemoryTree(algorithm="sha256")
    for size in range(1, 131):
        entry = b"entry %d" % size
        ours.append(entry)
        theirs.append_entry(entry)

        assert ours.root == theirs.get_root()
        for index in range(0, size, 7):
            path = [
                bytes.fromhex(step) for step in theirs.prove_inclusion(index + 1, size).serialize()["path"]
            ]
            assert [leaf_hash(b"entry %d" % (index + 1)), *inclusion_proof(index, size, ours.reader)] == path


def test_every_inclusion_proof_up_to_70_leaves_holds_and_no_other_index_does():
    tree = grown(70)
    for size in range(1, 71):
        root = root_hash(size, tree.reader)
        for index in range(size):
            hashes = inclusion_proof(index, size, tree.reader)
            leaf = tree.reader(0, index)
            verify_inclusion(leaf=leaf, index=index, size=size, hashes=hashes, root=root)
            other = (index + 1) % size
            if other != index:
                refuses(verify_inclusion, leaf=leaf, index=other, size=size, hashes=hashes, root=root)


def test_every_consistency_proof_up_to_70_leaves_holds():
    tree = grown(70)
    roots = [root_hash(size, tree.reader) for size in range(71)]
    for new in range(1, 71):
        for old in range(1, new + 1):
            hashes = consistency_proof(old, new, tree.reader)
            verify_consistency(old=old, new=new, old_root=roots[old], new_root=roots[new], hashes=hashes)
            if old < new:
                arguments = {"old": old, "new": new, "new_root": roots[new]}
                refuses(verify_consistency, **arguments, old_root=roots[old - 1], hashes=hashes)
                refuses(verify_consistency, **arguments, old_root=roots[old], hashes=hashes[:-1])
                refuses(verify_consistency, **arguments, old_root=roots[old], hashes=[*hashes, roots[1]])


def test_a_log_that_changed_its_past_cannot_show_consistency():
    honest, forger = grown(20), MemoryTree()
    for number in range(33):
        forger.append(b"forged" if number == 11 else b"entry %d" % number)

    hashes = consistency_proof(20, 33, forger.reader)

    refuses(verify_consistency, old=20, new=33, old_root=honest.root, new_root=forger.root, hashes=hashes)


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_no_proof_of_a_leaf_outside(index, size):
    with pytest.raises(ProofError):
        inclusion_proof(index, size, grown(5).reader)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5)])
def test_no_consistency_of_sizes_that_cannot_follow(old, new):
    with pytest.raises(ProofError):
        consistency_proof(old, new, grown(5).reader)
    refuses(verify_consistency, old=old, new=new, old_root=EMPTY_ROOT, new_root=EMPTY_ROOT, hashes=[])


@given(
    st.binary(max_size=40),
    st.integers(-3, 70),
    st.integers(-3, 70),
    st.lists(st.binary(min_size=31, max_size=33), max_size=8),
    st.binary(min_size=32, max_size=32),
)
def test_random_proofs_raise_only_proof_errors(leaf, first, second, hashes, root):
    refuses(verify_inclusion, leaf=leaf, index=first, size=second, hashes=hashes, root=root)
    if first != second:
        refuses(verify_consistency, old=first, new=second, old_root=EMPTY_ROOT, new_root=root, hashes=hashes)
