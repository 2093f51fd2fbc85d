"""Two sites as their own processes, a browser, and a school that its registrar has brought in page by page."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from licheng.embedded.installation import Installation, installation, introduce_school, open_windows
from tests.e2e import registrar
from tests.e2e.browser import DESK, PICTURES, first_sign_in, person

ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
CODE = "070406"
OPERATOR_PASSWORD = "operator-of-the-tests"


@dataclass(frozen=True)
class School:
    """A school at work: where it is, and who can sign in for the first time with what."""

    here: Installation
    code: str
    first_passwords: dict[str, str]
    registrar_password: str

    @property
    def url(self) -> str:
        return self.here.school.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sites() -> Iterator[Installation]:
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with installation(ROOT / "var" / "e2e-sites", fresh=True) as here:
        yield here


@pytest.fixture(scope="session")
def school(sites, browser) -> School:
    """One school of the sample country; everything after its first account happens in the browser."""
    country = json.loads((ROOT / "samples/country/country.json").read_text())
    entry = next(one for one in country["schools"] if one["code"] == CODE)
    open_windows(sites, country["school_year"], country["semester"])
    password = _open(sites, country, entry)
    with person(browser, sites.school.url, DESK) as somebody:
        own = first_sign_in(somebody, CODE, registrar.ACCOUNT, password)
        registrar.bring_in(somebody)
        first_passwords = registrar.hand_out_passwords(somebody)
    return School(sites, CODE, first_passwords, own)


def _open(sites: Installation, country: dict, entry: dict) -> str:
    """Open the school and an operator's account as an installer does; the first account's password."""
    file = sites.root / "operator-password.txt"
    file.write_text(OPERATOR_PASSWORD + "\n")
    operator = ["--account", "operator", "--name", "中央操作人員", "--password-file", str(file)]
    sites.processes.run(sites.archive, "add_operator", *operator)
    command = ["--code", CODE, "--name", entry["name"], "--kind", entry["type"]]
    command += ["--authority-code", "k12ea", "--authority-name", entry["authority"]]
    command += ["--year", str(country["school_year"]), "--semester", str(country["semester"])]
    said = sites.processes.run(sites.school, "add_school", *command, "--administrator", registrar.ACCOUNT)
    introduce_school(sites, CODE, entry["name"])
    return said.split()[-1]
