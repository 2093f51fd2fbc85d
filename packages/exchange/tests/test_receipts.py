"""Receipts: what holds, and that every changed byte of receipt, keys or file is refused with its reason."""

import json
from pathlib import Path
from runpy import run_path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from licheng_exchange._canonical import canonical
from licheng_exchange._receipt_checks import verify_receipt, verify_stored
from licheng_exchange._receipt_kits import KitError, file_digest, verify_kit
from licheng_exchange._receipts import (
    ReceiptError,
    build_leaf_deposited,
    build_leaf_stored,
    build_receipt,
    leaf_files,
    parse_leaf,
    parse_receipt,
    subject_of,
)

MAKE = run_path(str(Path(__file__).parents[1] / "golden" / "make.py"))
RECORDS = MAKE["records"]()
LOG, ARCHIVE, STRANGER = MAKE["LOG_KEY"], MAKE["RECEIPT_KEY"], MAKE["STRANGER_KEY"]
VKEYS = [LOG.verifying_key, ARCHIVE.verifying_key]
DOCUMENT = RECORDS[0]["files"][0]
FILES = {"地方誌.pdf": (DOCUMENT["sha256"], DOCUMENT["size"])}


def golden_proofs():
    return [MAKE["proof"](MAKE["LEDGER_SIZE"] - 2), MAKE["proof"](MAKE["LEDGER_SIZE"] - 1)]


PROOFS = golden_proofs()


def receipt_of(**changes):
    arguments = {
        "archive": MAKE["ORIGIN"],
        "school_code": "01A301",
        "school_name": "範例高級中學",
        "student_no": MAKE["STUDENT_NO"],
        "student_name": "王小明",
        "subject_key": MAKE["SUBJECT_KEY"],
        "package": MAKE["PACKAGE"],
        "issued_at": MAKE["TIME"],
        "items": list(zip(RECORDS, PROOFS, strict=True)),
        "key": ARCHIVE,
    }
    return build_receipt(**(arguments | changes))


RECEIPT = receipt_of()


def rules_of(receipt=RECEIPT, vkeys=VKEYS, files=FILES):
    verdict = verify_receipt(receipt, vkeys, files)
    assert verdict.ok == (not verdict.problems)
    return [problem.rule for problem in verdict.problems]


@pytest.fixture
def kit(tmp_path):
    (tmp_path / "receipt.json").write_bytes(RECEIPT)
    (tmp_path / "keys.txt").write_bytes(MAKE["keys_text"](LOG, ARCHIVE))
    (tmp_path / "地方誌.pdf").write_bytes(MAKE["DOCUMENT"])
    return tmp_path


def test_a_receipt_holds_item_by_item():
    verdict = verify_receipt(RECEIPT, VKEYS, FILES)

    assert (verdict.ok, verdict.problems) == (True, ())
    assert [(item.title, item.ok) for item in verdict.items] == [("國語文", True), ("競賽參與紀錄", True)]
    assert [item.files_checked for item in verdict.items] == [("地方誌.pdf",), ()]
    assert [item.files_not_given for item in verdict.items] == [(), ("獎狀.pdf",)]


def test_a_file_under_another_name_still_is_that_file():
    assert rules_of(files={"我的備份.pdf": FILES["地方誌.pdf"]}) == []


def test_other_files_are_refused():
    assert rules_of(files={"地方誌.pdf": ("0" * 64, DOCUMENT["size"])}) == ["file-changed"]
    assert rules_of(files={"地方誌.pdf": (DOCUMENT["sha256"], 1)}) == ["file-changed"]
    assert rules_of(files=FILES | {"別的.pdf": ("0" * 64, 3)}) == ["file-not-in-receipt"]


def test_an_item_whose_file_changed_is_not_ok():
    verdict = verify_receipt(RECEIPT, VKEYS, {"地方誌.pdf": ("0" * 64, 5)})

    assert [item.ok for item in verdict.items] == [False, True]


def test_two_items_with_files_of_the_same_name_are_told_apart():
    twin = dict(RECORDS[1]["files"][0], name="地方誌.pdf")
    receipt = receipt_of(items=[(RECORDS[0], PROOFS[0]), (RECORDS[1] | {"files": [twin]}, PROOFS[1])])

    verdict = verify_receipt(receipt, VKEYS, FILES)

    assert [item.files_checked for item in verdict.items] == [("地方誌.pdf",), ()]
    assert [item.files_not_given for item in verdict.items] == [(), ("地方誌.pdf",)]
    assert [problem.rule for problem in verdict.problems] == ["leaf-record"]
    assert [item.ok for item in verdict.items] == [True, False]


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"package": "00000000-0000-4000-8000-000000000002"}, ["leaf-package"] * 2),
        ({"school_code": "553611"}, ["leaf-school", "leaf-subject"] * 2),
        ({"student_no": "1130002"}, ["leaf-subject"] * 2),
        ({"subject_key": "0" * 64}, ["leaf-subject"] * 2),
        ({"archive": "archive.example/other"}, ["proof-refused"] * 2),
        ({"items": [(RECORDS[0] | {"note": "另一段"}, PROOFS[0])]}, ["leaf-record"]),
        ({"items": [(RECORDS[0], PROOFS[1])]}, ["leaf-item", "leaf-record", "leaf-files"]),
        ({"items": [(RECORDS[0], MAKE["proof"](0))]}, ["leaf-type"]),
        ({"key": STRANGER}, ["receipt-key-unknown"]),
    ],
)
def test_a_signed_receipt_that_says_more_than_the_ledger_is_refused(changes, rules):
    assert rules_of(receipt_of(**changes)) == rules


def test_a_published_key_of_another_party_signs_no_receipt():
    receipt = receipt_of(key=STRANGER)

    assert rules_of(receipt, [*VKEYS, STRANGER.verifying_key]) == ["receipt-key-unknown"]


def test_without_the_log_key_no_proof_holds():
    assert rules_of(vkeys=[ARCHIVE.verifying_key]) == ["proof-refused", "proof-refused"]


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_every_changed_byte_of_a_receipt_is_refused(step):
    for place in range(0, len(RECEIPT), step):
        changed = RECEIPT[:place] + bytes([RECEIPT[place] ^ 1 << place % 8]) + RECEIPT[place + 1 :]
        assert rules_of(changed) != [], place


def test_every_truncation_of_a_receipt_is_refused():
    for length in range(len(RECEIPT)):
        assert rules_of(RECEIPT[:length]) == ["receipt-format"]


@pytest.mark.parametrize("extra", [b"\n", b" ", b"\0", b"{}"])
def test_added_bytes_are_refused(extra):
    assert rules_of(RECEIPT + extra) == ["receipt-format"]
    assert rules_of(extra + RECEIPT) == ["receipt-format"]


def test_another_spelling_of_the_same_receipt_is_refused():
    document = json.loads(RECEIPT)
    assert canonical(document) == RECEIPT

    assert rules_of(json.dumps(document).encode()) == ["receipt-format"]
    assert rules_of(json.dumps(document, ensure_ascii=False, indent=1).encode()) == ["receipt-format"]


def test_a_kit_holds(kit):
    assert verify_kit(kit).ok


@pytest.mark.parametrize("name", ["keys.txt", "地方誌.pdf"])
def test_every_changed_byte_of_keys_and_file_is_refused(kit, name):
    data = (kit / name).read_bytes()
    for place in range(len(data)):
        (kit / name).write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :])
        verdict = verify_kit(kit)
        assert not verdict.ok
        assert {problem.rule for problem in verdict.problems} <= {"keys-format", "file-changed"}
    for changed in (data[:-1], data + b"\n", data + b" ", b"# key\n" + data, b""):
        (kit / name).write_bytes(changed)
        assert not verify_kit(kit).ok


def test_a_kit_without_the_students_file_proves_nothing(kit):
    (kit / "地方誌.pdf").unlink()

    with pytest.raises(KitError):
        verify_kit(kit)


@pytest.mark.parametrize("name", ["receipt.json", "keys.txt"])
def test_a_kit_without_receipt_or_keys_is_none(kit, name):
    (kit / name).unlink()

    with pytest.raises(KitError):
        verify_kit(kit)


def test_a_kit_holds_files_only(kit):
    (kit / "folder").mkdir()

    with pytest.raises(KitError):
        verify_kit(kit)


def test_a_folder_that_is_not_there_is_no_kit(tmp_path):
    with pytest.raises(KitError):
        verify_kit(tmp_path / "nowhere")
    with pytest.raises(KitError):
        file_digest(tmp_path / "nowhere")


def test_the_proof_of_a_stored_upload_holds_for_that_file_only():
    proof, file = MAKE["proof"](0), FILES["地方誌.pdf"]

    assert verify_stored(proof, file, VKEYS, origin=MAKE["ORIGIN"]).ok
    for text, given_file, vkeys, rule in (
        (proof, ("0" * 64, 5), VKEYS, "file-changed"),
        (PROOFS[0], file, VKEYS, "leaf-type"),
        (proof, file, [], "proof-refused"),
        (proof + "\n", file, VKEYS, "proof-refused"),
        ("", file, VKEYS, "proof-refused"),
    ):
        verdict = verify_stored(text, given_file, vkeys)
        assert [problem.rule for problem in verdict.problems] == [rule]


def test_leaves_come_back_and_hold_no_name():
    subject = subject_of(MAKE["SUBJECT_KEY"], school="01A301", student_no="1130001")
    leaf = build_leaf_deposited(
        record=RECORDS[0], school="01A301", package=MAKE["PACKAGE"], subject=subject, time=MAKE["TIME"]
    )

    assert parse_leaf(leaf)["files"] == leaf_files(RECORDS[0])
    for secret in ("王小明", "地方誌", "1130001", "國語文"):
        assert secret.encode() not in leaf


@pytest.mark.parametrize(
    "change",
    [
        {"size": -1},
        {"size": True},
        {"sha256_hex": "AB" * 32},
        {"time": "2026-11-22 03:04:05"},
        {"school": "1"},
    ],
)
def test_leaves_of_another_shape_are_not_built(change):
    arguments = {
        "file": MAKE["PACKAGE"],
        "sha256_hex": "ab" * 32,
        "size": 1,
        "school": "01A301",
        "subject": "cd" * 32,
        "time": MAKE["TIME"],
    }
    assert parse_leaf(build_leaf_stored(**arguments))["size"] == 1

    with pytest.raises(ReceiptError):
        build_leaf_stored(**(arguments | change))


def test_a_record_with_a_note_over_100_code_points_gets_no_receipt():
    assert receipt_of(items=[(RECORDS[0] | {"note": "𠮷" * 100}, PROOFS[0])])

    with pytest.raises(ReceiptError, match="0 to 100"):
        receipt_of(items=[(RECORDS[0] | {"note": "𠮷" * 101}, PROOFS[0])])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["receipt", "signature", "v", "type"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.one_of(st.binary(), JSON.map(lambda value: json.dumps(value).encode())))
@settings(max_examples=300)
def test_any_bytes_raise_only_receipt_errors(data):
    for parse in (parse_leaf, parse_receipt):
        with pytest.raises(ReceiptError):
            parse(data)
    assert rules_of(data) == ["receipt-format"]


def test_deep_nesting_is_refused():
    assert rules_of(b"[" * 200_000) == ["receipt-format"]
    assert rules_of(b'{"receipt":' + b"[" * 5_000 + b"]" * 5_000 + b"}") == ["receipt-format"]
    assert rules_of(b"9" * 10_000) == ["receipt-format"]
