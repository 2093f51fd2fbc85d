"""Every kind of file gets its verdict: those made here, and those of the shared collection where it is at hand."""

import csv
import re
from pathlib import Path

import pytest

from licheng.foundations.files.inspection import EXTENSIONS, Kind, Reason, Verdict, inspect, inspecting
from licheng.foundations.files.inspection.content import NAMES
from licheng.foundations.files.inspection.model import ALL_TYPES, TYPES_OF
from licheng.foundations.files.inspection.reasons import LABELS, MEANINGS
from licheng.foundations.files.sandbox import Limits, call
from tests.environment import ROOT
from tests.foundations.hostile_archives import ARCHIVES, GOOD, ROSTERS, workbook
from tests.foundations.hostile_files import IMAGES, PDFS, pdf, picture, png_text
from tests.foundations.hostile_media import FAST, MEDIA, VOICE

CASES = [*PDFS, *IMAGES, *MEDIA, *ARCHIVES, *ROSTERS]
SHARED = ROOT.parent / "shared" / "data"
CJK = re.compile("[\u4e00-\u9fff]")


def looked_at(tmp_path, name, data, **options):
    path = tmp_path / "sent"
    path.write_bytes(data)
    return inspect(path, name, **options)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} {case.label}")
def test_a_file_of_this_kind_gets_its_verdict(tmp_path, case):
    found = looked_at(tmp_path, case.name, case.data, kind=Kind(case.kind) if case.kind else None)

    codes = [reason.code for reason in found.reasons]
    assert (found.verdict, codes) == (case.verdict, codes)
    assert case.code in codes or not case.code
    assert (found.verdict == Verdict.ACCEPT) == (codes == [])
    assert "cannot-be-inspected" not in codes
    for reason in found.reasons:
        assert CJK.search(reason.text_zh)
        assert not CJK.search(reason.text_en)


def shared_files():
    """The collection that stands beside the repository on a developer's machine; none on a clean checkout."""
    manifest = SHARED / "MANIFEST.tsv"
    lines = manifest.read_text().splitlines() if manifest.exists() else []
    rows = csv.DictReader(lines, delimiter="\t")
    return [(row["path"], row["verdict"]) for row in rows if row["path"].startswith(("files/", "hostile/"))]


def test_every_shared_file_gets_its_verdict():
    wrong = {}
    for path, wanted in shared_files():
        verdict = inspect(SHARED / path, Path(path).name).verdict
        # a file that is to be cleaned may also be refused with its reason
        fine = {"either": set(Verdict), "sanitise": {Verdict.SANITISE, Verdict.REJECT}}.get(wanted, {wanted})
        if verdict not in fine:
            wrong[path] = (wanted, verdict)

    assert wrong == {}


def test_enough_kinds_are_made_here():
    assert len({(case.label, case.name) for case in CASES}) == len(CASES) > 150
    assert {case.code for case in CASES if case.code} >= set(MEANINGS) - {
        "too-large",  # 512 MB
        "cannot-be-inspected",
        "protection-missing",
        "bytes-before-start",
        "truncated-pdf",
    }


def test_every_reason_speaks_both_languages():
    data = {
        "what": "heic",
        "wanted": "pdf",
        "limit": 5,
        "extension": "x",
        "codec": "hevc",
        "name": "a",
        "zh": "中",
        "en": "e",
    }
    for code, meaning in MEANINGS.items():
        reason = Reason(code, data)
        assert CJK.search(reason.text_zh), code
        assert not CJK.search(reason.text_en), code
        assert "{" not in reason.text_zh + reason.text_en
        assert reason.verdict == meaning.verdict
    assert all(CJK.search(zh) or label == "pdf" for label, (zh, _en) in LABELS.items())


def test_an_iphone_photo_is_called_by_its_name(tmp_path):
    heic = next(case for case in IMAGES if case.label == "heic")
    reason = looked_at(tmp_path, heic.name, heic.data, kind=Kind.DOCUMENT).reasons[0]

    assert "iPhone 的 HEIC 照片" in reason.text_zh
    assert "jpg" in reason.text_zh


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        (Kind.DOCUMENT, {"pdf", "jpg", "png"}),
        (Kind.MEDIA, {"mp3", "mp4"}),
        (Kind.EVIDENCE, {"pdf", "jpg", "png", "mp3", "mp4", "zip"}),
        (Kind.ROSTER, {"csv", "xlsx"}),
        (None, {"pdf", "jpg", "png", "mp3", "mp4", "zip", "csv", "xlsx"}),
    ],
)
def test_each_kind_takes_its_types_only(tmp_path, kind, taken):
    samples = {
        "pdf": pdf(), "jpg": picture(), "png": picture("PNG"), "mp3": VOICE, "mp4": FAST, "zip": GOOD,
        "csv": b"a,b\n", "xlsx": workbook(),
    }  # fmt: skip

    found = {
        ending for ending, data in samples.items()
        if looked_at(tmp_path, f"a.{ending}", data, kind=kind).verdict == Verdict.ACCEPT
    }  # fmt: skip

    assert found == taken


def test_the_caller_narrows_the_types(tmp_path):
    found = looked_at(tmp_path, "a.png", picture("PNG"), allowed=frozenset({"image/jpeg"}))

    assert [reason.code for reason in found.reasons] == ["type-not-allowed"]
    assert (found.media_type, "jpg" in found.reasons[0].text_zh) == ("image/png", True)


def test_facts_are_told(tmp_path):
    assert looked_at(tmp_path, "a.pdf", pdf()).facts == {"pages": 1}
    picture_facts = {"width": 64, "height": 48, "pixels": 3072, "pages": 1}
    assert looked_at(tmp_path, "a.png", picture("PNG")).facts == picture_facts
    film = looked_at(tmp_path, "a.mp4", FAST).facts
    assert (film["seconds"], film["codecs"]) == (pytest.approx(3, abs=0.2), "aac,h264")
    assert looked_at(tmp_path, "a.xlsx", workbook(sheet2=True)).facts == {"sheets": 2, "rows": 2}
    assert looked_at(tmp_path, "a.csv", "學號\n".encode("cp950")).facts == {"rows": 1, "encoding": "cp950"}
    assert looked_at(tmp_path, "a.zip", GOOD).facts["files"] == 2


def test_more_than_one_reason_is_told(tmp_path):
    case = next(case for case in IMAGES if case.label == "place")
    found = looked_at(tmp_path, "a.jpg", case.data + b"phone notes")

    assert {reason.code for reason in found.reasons} == {"location-metadata", "extra-data"}


def test_a_parser_that_needs_too_much_refuses_the_file(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(inspecting, "LIMITS", Limits(wall_seconds=0.001))
    found = looked_at(tmp_path, "a.pdf", pdf())

    assert (found.verdict, found.reasons[0].code) == (Verdict.REJECT, "cannot-be-inspected")
    assert "timeout" in caplog.text


@pytest.mark.parametrize(
    "said",
    [
        None,
        {},
        {"type": "application/pdf", "reasons": [{"code": "made-up", "data": {}}], "facts": {}},
        {"type": "text/html", "reasons": [], "facts": {}},
        {"type": "", "reasons": [], "facts": {}},
        {"type": "application/pdf", "reasons": [{"code": "too-large", "data": {}}], "facts": {}},
        {"type": "application/pdf", "reasons": [], "facts": {"pages": {"deep": 1}}},
        {"type": ["application/pdf"], "reasons": [], "facts": {}},
        {"type": "application/pdf", "reasons": 7, "facts": []},
        {"type": "application/pdf", "reasons": [], "facts": {"pages": float("nan")}},
        {"type": "application/pdf", "reasons": [], "facts": {"pages": 10**400}},
        {"type": "application/pdf", "reasons": [], "facts": {"codecs": "a\0"}},
        {"type": "application/pdf", "reasons": [], "facts": {"codecs": "\ud800"}},
        {"type": "application/pdf", "reasons": [], "facts": {"codecs": "x" * 10_000}},
        {"type": "application/pdf", "reasons": [], "facts": {"a\0": 1}},
    ],
)
def test_what_a_taken_over_parser_says_is_not_believed(said):
    assert inspecting._believed(said) is None


def test_a_missing_file_is_the_callers_mistake(tmp_path):
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "nothing", "a.pdf")


def test_what_may_be_uploaded_is_named_once():
    assert set(EXTENSIONS) == TYPES_OF[Kind.DOCUMENT] | TYPES_OF[Kind.MEDIA]
    assert set(NAMES) == ALL_TYPES
    assert all(TYPES_OF[kind] <= ALL_TYPES for kind in Kind)


# a good file, how many damaged copies of it, and how many different answers they must at least get
SEEDS = {
    "a.pdf": (pdf(), 400, 3),
    "a.jpg": (picture(), 400, 3),
    "a.png": (png_text("Title", "歷程", packed=True), 400, 3),
    "a.zip": (GOOD, 400, 3),
    "a.xlsx": (workbook(), 200, 2),
    "a.mp3": (VOICE, 12, 1),  # players hop over what is damaged
    "a.mp4": (FAST, 12, 2),
}


@pytest.mark.parametrize("name", SEEDS)
def test_damaged_copies_are_judged_and_never_break_the_inspection(tmp_path, name):
    data, count, least = SEEDS[name]
    source, out = tmp_path / "source", tmp_path / "changed"
    source.write_bytes(data)
    out.mkdir()
    words = {"source": str(source), "folder": str(out), "name": name, "seed": 20_260_601, "count": count}

    said = call(
        "tests.foundations.mutations:look_at_many",
        arguments=words,
        reads=[source, ROOT / "tests"],
        writes=out,
        limits=Limits(cpu_seconds=60, wall_seconds=120),
    )

    assert said["failures"] == []
    assert said["memory"] < 400 * 2**20
    assert sum(said["answers"].values()) >= count
    assert len(said["answers"]) >= least
