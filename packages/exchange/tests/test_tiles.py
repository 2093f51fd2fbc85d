"""Static log files against the examples of tlog-tiles and against the tree in memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from licheng_exchange._ledgers import folder_fetch, verify_ledger
from licheng_exchange._notes import Checkpoint, SigningKey, sign_note
from licheng_exchange._tiles import (
    decode_entries,
    encode_entries,
    entries_path,
    is_log_path,
    new_bundles,
    new_tiles,
    tile_path,
    tile_reader,
    width_at,
)
from licheng_exchange._tree import MemoryTree, ProofError, consistency_proof, inclusion_proof, leaf_hash

KEY = SigningKey.generate("log.example")


def entry(number):
    return b"entry %d" % number


def unread(_level, _index):
    raise AssertionError("an empty log has nothing to read")


def written(batches):
    """The files of a log that grew by these batches, and the same tree in memory."""
    files, tree, size = {}, MemoryTree(), 0
    for batch in batches:
        entries = [entry(size + number) for number in range(batch)]
        reader = tile_reader(files.__getitem__, size) if size else unread
        changed = new_tiles(size, [leaf_hash(one) for one in entries], reader)
        partial = files[entries_path(size // 256, size % 256)] if size % 256 else b""
        files.update(changed)
        files.update(new_bundles(size, entries, partial))
        for one in entries:
            tree.append(one)
        size += batch
    files["checkpoint"] = sign_note(Checkpoint("log.example", size, tree.root).to_text(), KEY).encode()
    return files, tree


@pytest.mark.parametrize(
    ("index", "width", "path"),
    [
        (0, 256, "tile/0/000"),
        (1234067, 256, "tile/0/x001/x234/067"),
        (273, 112, "tile/0/273.p/112"),
        (1000, 1, "tile/0/x001/000.p/1"),
    ],
)
def test_paths_are_those_of_the_specification(index, width, path):
    assert tile_path(0, index, width) == path
    assert entries_path(index, width) == path.replace("tile/0/", "tile/entries/")
    assert is_log_path(path)


@pytest.mark.parametrize(
    "path", ["tile/0/../000", "tile/00/000", "tile/0/1", "/checkpoint", "tile/0/000.p/0"]
)
def test_other_paths_are_not_of_a_log(path):
    assert not is_log_path(path)


def test_70_000_leaves_have_the_tiles_that_the_specification_counts():
    assert [width_at(70_000, 0, 272), width_at(70_000, 0, 273), width_at(70_000, 0, 274)] == [256, 112, 0]
    assert [width_at(70_000, 1, 0), width_at(70_000, 1, 1), width_at(70_000, 2, 0)] == [256, 17, 1]


@pytest.mark.parametrize(
    "batches", [[1], [255, 1], [256], [257], [100, 100, 100], [1, 511, 1, 300], [66_000], [65_000, 600]]
)
def test_batches_leave_exactly_the_tiles_of_the_tree(batches):
    files, tree = written(batches)
    size = tree.size
    reader = tile_reader(files.__getitem__, size)

    for level in range(18):
        for index in range(0, size >> level, max(1, (size >> level) // 50)):
            assert reader(level, index) == tree.reader(level, index)
    for index in {0, size // 3, size - 1}:
        assert inclusion_proof(index, size, reader) == inclusion_proof(index, size, tree.reader)
    for old in {1, size // 2 + 1, size}:
        assert consistency_proof(old, size, reader) == consistency_proof(old, size, tree.reader)
    assert verify_ledger(lambda path: files[path], [KEY.verifying_key]).ok


def test_a_reader_refuses_what_is_not_in_the_tree():
    files, _ = written([300])
    reader = tile_reader(files.__getitem__, 300)

    for level, index in [(0, 300), (9, 0), (8, 1), (-1, 0), (0, -1)]:
        with pytest.raises(ProofError):
            reader(level, index)


def test_a_tile_of_the_wrong_length_is_refused():
    with pytest.raises(ProofError):
        tile_reader(lambda _path: b"short", 1)(0, 0)


def test_every_altered_file_of_a_log_is_named():
    files, _ = written([600])
    for path, data in files.items():
        if path == "checkpoint":
            continue
        for place in range(0, len(data), 97):
            altered = dict(files)
            altered[path] = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

            verdict = verify_ledger(altered.__getitem__, [KEY.verifying_key])

            assert not verdict.ok
            assert verdict.problems[0].rule in {"tile-differs", "file-unreadable"}


def test_a_checkpoint_over_other_entries_is_refused():
    files, _ = written([300])
    lie = sign_note(Checkpoint("log.example", 300, b"\0" * 32).to_text(), KEY).encode()

    verdict = verify_ledger((files | {"checkpoint": lie}).__getitem__, [KEY.verifying_key])

    assert [problem.rule for problem in verdict.problems] == ["root-differs"]


def test_missing_files_are_named(tmp_path):
    files, _ = written([300])
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    assert verify_ledger(folder_fetch(tmp_path), [KEY.verifying_key]).ok
    (tmp_path / "tile/0/000").unlink()

    verdict = verify_ledger(folder_fetch(tmp_path), [KEY.verifying_key])

    assert [(problem.file, problem.rule) for problem in verdict.problems] == [
        ("tile/0/000", "file-unreadable")
    ]


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_bundles_come_back_as_they_were(entries):
    assert decode_entries(encode_entries(entries)) == entries


@given(st.binary(max_size=2_000))
def test_any_bytes_decode_to_the_same_bytes_or_are_refused(data):
    try:
        entries = decode_entries(data)
    except ProofError:
        return
    assert encode_entries(entries) == data


def test_bounds_of_bundles():
    with pytest.raises(ProofError):
        encode_entries([b"x" * 65_536])
    with pytest.raises(ProofError):
        encode_entries([b""] * 257)
    with pytest.raises(ProofError):
        decode_entries(b"\0\0" * 257)
    with pytest.raises(ProofError):
        new_bundles(5, [b"x"], b"")
