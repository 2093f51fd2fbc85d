"""The published examples: written again byte for byte, judged as promised, and agreeing with the schemas."""

import copy
import json
import re
from pathlib import Path
from runpy import run_path

import pytest
from licheng_exchange._cli import main
from licheng_exchange._documents import PUBLISHED
from licheng_exchange._ledgers import folder_fetch, verify_ledger
from licheng_exchange._package_check import check_package
from licheng_exchange._receipt_checks import verify_stored
from licheng_exchange._receipt_kits import file_digest, read_keys, verify_kit
from licheng_exchange._receipts import parse_leaf
from licheng_exchange._tiles import decode_entries

ROOT = Path(__file__).parents[1]
GOLDEN, SCHEMAS = ROOT / "golden", ROOT / "schemas" / "v1"
MAKE = run_path(str(GOLDEN / "make.py"))
PARTS = ("ledger", "receipts", "packages")


def expected(part):
    return sorted(json.loads((GOLDEN / part / "expected.json").read_text()).items())


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_script_writes_every_example_again_byte_for_byte(tmp_path):
    MAKE["main"](tmp_path / "golden", tmp_path / "schemas")

    for part in PARTS:
        assert files_of(tmp_path / "golden" / part) == files_of(GOLDEN / part)
    assert files_of(tmp_path / "schemas") == files_of(SCHEMAS)


@pytest.mark.parametrize(("case", "rules"), expected("ledger"))
def test_ledgers_are_judged_as_promised(case, rules):
    folder = GOLDEN / "ledger" / case

    verdict = verify_ledger(folder_fetch(folder), read_keys(folder / "keys.txt"), origin=MAKE["ORIGIN"])

    assert [problem.rule for problem in verdict.problems] == rules


@pytest.mark.parametrize(("case", "rules"), expected("receipts"))
def test_receipts_are_judged_as_promised(case, rules):
    assert [problem.rule for problem in verify_kit(GOLDEN / "receipts" / case).problems] == rules


@pytest.mark.parametrize(("case", "rules"), expected("packages"))
def test_packages_are_judged_as_promised(case, rules):
    folder = GOLDEN / "packages" / case
    password = (folder / "password.txt").read_text().strip()

    report = check_package(folder / "submission.zip", password, read_keys(folder / "keys.txt"))

    assert [problem.rule for problem in report.problems] == rules


def test_the_stored_proof_holds():
    kit = GOLDEN / "receipts" / "good"
    proof = (GOLDEN / "receipts" / "stored.tlog-proof").read_text()

    assert verify_stored(proof, file_digest(kit / "地方誌.pdf"), read_keys(kit / "keys.txt")).ok


CALLS = [
    *(
        (["receipt", "verify", str(GOLDEN / "receipts" / case)], rules)
        for case, rules in expected("receipts")
    ),
    *((["package", "check", str(GOLDEN / "packages" / case)], rules) for case, rules in expected("packages")),
    *((["ledger", "verify", str(GOLDEN / "ledger" / case)], rules) for case, rules in expected("ledger")),
]


@pytest.mark.parametrize(("call", "rules"), CALLS)
def test_the_command_says_the_same(call, rules, capsys):
    assert main([*call, "--json"]) == (1 if rules else 0)
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] == (not rules)
    assert [problem["rule"] for problem in answer["problems"]] == rules

    assert main(call) == (1 if rules else 0)
    chinese = capsys.readouterr().out
    assert main([*call, "--lang", "en"]) == (1 if rules else 0)
    english = capsys.readouterr().out
    assert chinese != english
    for rule in rules:
        assert f"[{rule}]" in chinese
        assert f"[{rule}]" in english


def unusable_calls(folder):
    kit = GOLDEN / "receipts" / "good"
    package = GOLDEN / "packages" / "good"
    (folder / "text").write_text("text")
    (folder / "binary").write_bytes(b"\xff\xfe\n")
    return [
        ["receipt", "verify", str(folder / "nowhere")],
        ["receipt", "verify", str(folder)],
        ["receipt", "verify", str(kit), "--keys", str(folder / "nowhere")],
        ["receipt", "verify", str(kit), "--file", str(folder / "nowhere")],
        ["receipt", "verify", str(kit), "--file", str(folder)],
        ["package", "check", str(folder)],
        ["package", "check", str(folder / "text")],
        ["package", "check", str(package), "--keys", str(folder / "nowhere")],
        ["package", "check", str(package), "--keys", str(folder / "text")],
        ["package", "check", str(package), "--password-file", str(folder / "nowhere")],
        ["package", "check", str(package), "--password-file", str(folder / "binary")],
        ["ledger", "verify", str(folder)],
        ["ledger", "verify", str(GOLDEN / "ledger" / "good"), "--keys", str(folder / "text")],
    ]


def test_unusable_calls_are_told_in_both_languages_and_exit_2(tmp_path, capsys):
    for call in unusable_calls(tmp_path):
        for words in ([], ["--lang", "en"], ["--json"]):
            assert main([*call, *words]) == 2, call
            said = capsys.readouterr()
            assert said.out + said.err != ""
            assert "Traceback" not in said.out + said.err


def test_a_receipt_alone_with_named_keys_and_file(capsys, tmp_path):
    kit = GOLDEN / "receipts" / "good"
    call = ["receipt", "verify", str(kit / "receipt.json"), "--keys", str(kit / "keys.txt")]

    assert main([*call, "--file", str(kit / "地方誌.pdf")]) == 0
    assert "核對了 1 個檔案" in capsys.readouterr().out
    assert main([*call, "--file", str(kit / "receipt.json")]) == 1
    assert "file-not-in-receipt" in capsys.readouterr().out
    assert main(call) == 0
    assert "沒有核對任何檔案" in capsys.readouterr().out


def fits(schema, value):
    """The keywords of JSON Schema 2020-12 that the published schemas use, and no others."""
    known = {"$schema", "$id", "title", "type", "properties", "required", "additionalProperties", "items"}
    known |= {"minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "pattern", "enum"}
    assert set(schema) <= known | {"anyOf", "oneOf", "maxProperties"}
    kinds = {"string": str, "object": dict, "array": list, "integer": int}
    if "type" in schema and (not isinstance(value, kinds[schema["type"]]) or isinstance(value, bool)):
        return False
    rules = [
        "enum" not in schema or any(type(one) is type(value) and one == value for one in schema["enum"]),
        "anyOf" not in schema or any(fits(one, value) for one in schema["anyOf"]),
        "oneOf" not in schema or sum(fits(one, value) for one in schema["oneOf"]) == 1,
    ]
    if isinstance(value, str):
        rules.append(schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)))
        rules.append(re.search(schema.get("pattern", "").replace("$", r"\Z"), value) is not None)
    elif isinstance(value, int):
        rules.append(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    elif isinstance(value, list):
        rules.append(schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)))
        rules += [fits(schema.get("items", {}), one) for one in value]
    elif isinstance(value, dict):
        rules.append(set(schema.get("required", [])) <= set(value))
        rules.append(len(value) <= schema.get("maxProperties", len(value)))
        rest = schema.get("additionalProperties", {})
        for name, one in value.items():
            inner = schema.get("properties", {}).get(name, rest)
            rules.append(inner is not False and fits(inner, one))
    return all(rules)


def published_documents():
    receipt = json.loads((GOLDEN / "receipts" / "good" / "receipt.json").read_bytes())
    bundle = (GOLDEN / "ledger" / "good" / "tile" / "entries" / "001.p" / "3").read_bytes()
    leaves = [parse_leaf(entry) for entry in decode_entries(bundle)]
    folder = GOLDEN / "packages" / "good"
    report = check_package(folder / "submission.zip", MAKE["PASSWORD"], read_keys(folder / "keys.txt"))
    return [("receipt", receipt), ("manifest", report.manifest), *(("leaf", leaf) for leaf in leaves)]


def spoiled(value):
    """The value with each of its parts in turn removed, renamed or made something else."""
    if isinstance(value, dict):
        for name in value:
            rest = {key: one for key, one in value.items() if key != name}
            yield rest
            yield rest | {f"{name}x": value[name]}
            yield from (value | {name: one} for one in spoiled(value[name]))
    elif isinstance(value, list):
        yield {}
        for place, one in enumerate(value):
            yield from ([*value[:place], other, *value[place + 1 :]] for other in spoiled(one))
    else:
        yield from ([], {}, True, -1, "", "\n", "x", None, 1 << 60, "字" * 101, [value])


def test_schemas_and_checks_judge_alike():
    seen = {True: 0, False: 0}
    for name, document in published_documents():
        schema = json.loads((SCHEMAS / f"{name}.json").read_text())
        assert fits(schema, document)
        assert list(PUBLISHED[name].misfits(document, "$")) == []
        for other in spoiled(copy.deepcopy(document)):
            judged = not list(PUBLISHED[name].misfits(other, "$"))
            assert fits(schema, other) == judged, other
            seen[judged] += 1
    assert min(seen.values()) > 20
