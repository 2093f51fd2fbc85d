import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from licheng_exchange import check_id, mask_id
from licheng_exchange._rosters.cells import suspect_national_id
from shared_data import shared_rows

VECTORS = [
    ("A123456789", True, "national_id"),
    ("A123456788", False, "national_id"),
    ("A123456798", True, "national_id"),
    ("O158238845", True, "national_id"),
    ("I100000003", True, "national_id"),
    ("W100000001", True, "national_id"),
    ("X100000009", True, "national_id"),
    ("Y100000000", True, "national_id"),
    ("Z200000068", True, "national_id"),
    ("AD30196818", True, "ui_old"),
    ("AD12345678", False, "ui_old"),
    ("AA00000000", False, "ui_old"),
    ("AE23456785", False, ""),
    ("A800000014", True, "ui_new"),
    ("A890000011", True, "ui_new"),
    ("A800000000", False, "ui_new"),
    ("a123456789", False, ""),
    ("A123456789\n", False, ""),
    (" A123456789", False, ""),
    ("Ａ123456789", False, ""),
    ("A12345678９", False, ""),
    ("А123456789", False, ""),
    ("A1234567٨9", False, ""),
    ("A323456789", False, ""),
    ("", False, ""),
]


@pytest.mark.parametrize(("text", "valid", "kind"), VECTORS)
def test_vectors(text, valid, kind):
    verdict = check_id(text)

    assert (verdict.valid, verdict.kind) == (valid, kind)
    assert bool(verdict.reason_zh) is bool(verdict.reason_en) is not valid


def test_every_shared_vector():
    wrong = [
        (row["value"], verdict)
        for row in shared_rows("national_id_vectors.csv")
        if (verdict := check_id(row["value"])).valid != (row["expected"] == "valid")
        or verdict.kind != row["kind"]
    ]

    assert wrong == []


@given(st.lists(st.from_regex(r"[A-Z][0-9A-F][0-9]{8}", fullmatch=True), min_size=1, max_size=40))
def test_the_column_expression_agrees_with_the_single_check(texts):
    suspects = pl.DataFrame({"text": texts}).select(suspect_national_id(pl.col("text"))).to_series().to_list()

    assert suspects == [not check_id(text).valid for text in texts]


@given(st.text())
def test_any_text_gets_a_verdict(text):
    verdict = check_id(text)

    assert not verdict.valid or (text.isascii() and len(text) == 10)


def test_masks_keep_only_the_first_six():
    assert mask_id("A123456789") == "A12345****"
    assert mask_id("A1") == "****"
