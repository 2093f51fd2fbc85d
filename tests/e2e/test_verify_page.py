"""The receipt verifier page, opened from disk as a student would, with the golden kits of the exchange library."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "src/licheng/foundations/ui/static/licheng/verify/licheng-verify.html"
KITS = ROOT / "packages/exchange/golden/receipts"
GOOD = KITS / "good"
EXPECTED: dict[str, list[str]] = json.loads((KITS / "expected.json").read_text())


@pytest.fixture(scope="module")
def page(browser) -> Iterator[Page]:
    context = browser.new_context(offline=True)
    yield context.new_page()
    context.close()


def kit(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def verdict(page: Page, files: dict[str, bytes]) -> Locator:
    page.goto(PAGE.as_uri())
    return put_in(page, files)


def put_in(page: Page, files: dict[str, bytes]) -> Locator:
    payloads = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files.items()
    ]
    page.locator("#all").set_input_files(files=payloads)
    page.locator("#result h2").wait_for()
    return page.locator("#result")


def reasons(result: Locator) -> set[str]:
    found = {node.get_attribute("data-rule") for node in result.locator("[data-rule]").all()}
    return {rule for rule in found if rule}


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_good_kit_passes_item_by_item(page):
    files = kit(GOOD)
    receipt = json.loads(files["receipt.json"])["receipt"]

    result = verdict(page, files)

    assert result.get_attribute("data-verdict") == "pass"
    assert reasons(result) == set()
    assert result.locator(".item").count() == len(receipt["items"])
    assert receipt["student"]["name"] in result.inner_text()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_golden_kit_has_the_verdict_of_the_command(page, name):
    result = verdict(page, kit(KITS / name))

    assert result.get_attribute("data-verdict") == ("fail" if EXPECTED[name] else "pass")
    assert result.locator("[data-rule]").count() == len(EXPECTED[name])
    assert reasons(result) == set(EXPECTED[name])


def test_kit_without_her_file_is_not_a_pass(page):
    files = {name: data for name, data in kit(GOOD).items() if name in {"receipt.json", "keys.txt"}}

    result = verdict(page, files)

    assert result.get_attribute("data-verdict") == "incomplete"


def test_one_changed_byte_in_each_file_fails(page):
    files = kit(GOOD)
    for name in set(files) - {"receipt.json", "keys.txt"}:
        result = verdict(page, files | {name: flipped(files[name], len(files[name]) // 2)})

        assert result.get_attribute("data-verdict") == "fail"
        assert reasons(result) == {"file-changed"}


def test_changed_byte_anywhere_in_the_keys_fails(page):
    files = kit(GOOD)
    data = files["keys.txt"]
    for place in range(0, len(data), 11):
        result = verdict(page, files | {"keys.txt": flipped(data, place)})

        assert result.get_attribute("data-verdict") == "fail", place
        assert reasons(result) == {"keys-format"}, place


def test_changed_byte_in_every_region_of_the_receipt_fails(page):
    files = kit(GOOD)
    data = files["receipt.json"]
    for place in [*range(0, len(data), max(1, len(data) // 40)), len(data) - 1]:
        result = verdict(page, files | {"receipt.json": flipped(data, place)})

        assert result.get_attribute("data-verdict") == "fail", place
        assert reasons(result) & {"receipt-format", "receipt-signature", "receipt-key-unknown"}, place


def test_changed_proof_names_the_proof(page):
    files = kit(GOOD)
    data = files["receipt.json"].decode()
    changed = re.sub(r"index (\d+)", lambda found: f"index {int(found[1]) + 1}", data, count=1)

    result = verdict(page, files | {"receipt.json": changed.encode()})

    assert {"proof-refused", "receipt-signature"} <= reasons(result)


def test_file_that_is_not_in_the_receipt_is_named(page):
    result = verdict(page, kit(GOOD) | {"別的.pdf": b"%PDF-1.7"})

    assert reasons(result) == {"file-not-in-receipt"}
    assert "別的.pdf" in result.inner_text()


def test_browser_without_ed25519_says_that_it_cannot_judge(page):
    page.goto(PAGE.as_uri())
    page.evaluate(
        "() => { SubtleCrypto.prototype.importKey ="
        " async () => { throw new DOMException('', 'NotSupportedError') } }"
    )

    result = put_in(page, kit(GOOD))

    assert result.get_attribute("data-verdict") == "unable"
    assert "Ed25519" in result.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["good", "changed-file"])
def test_axe_finds_nothing_on_the_page_and_its_verdicts(page, scheme, name):
    page.set_viewport_size({"width": 360, "height": 800})
    page.emulate_media(color_scheme=scheme)
    verdict(page, kit(KITS / name))

    found = Axe().run(page).response["violations"]

    assert [one["id"] for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
