"""Two sites as their own processes, a browser, and a school that its registrar has brought in page by page."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from licheng.embedded.installation import Installation, installation, introduce_school, open_windows
from licheng.embedded.visitor import Visitor
from licheng.embedded.walkthrough.entering import Newcomer, enrol
from tests.e2e import registrar
from tests.e2e.browser import DESK, PICTURES, Person, chromium, enter, person

ROOT = Path(__file__).parents[2]
CODE = "070406"
STAFF = {registrar.ACCOUNT, *registrar.STAFF}
PASSWORD = "nine herons by the pond at dawn"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the browser for a whole run, so all of it is left out of the other tests' run."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("e2e")


@dataclass(frozen=True)
class School:
    """A school at work: where it is, who can enrol with what, and who has."""

    here: Installation
    code: str
    codes: dict[str, str]
    sessions: dict[str, Visitor] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.here.school.url

    def enter(self, somebody: Person, account: str) -> None:
        """Give somebody's browser the session of this account, which enrols when it is the first time."""
        if account not in self.sessions:
            who = newcomer(account, self.codes[account], school=self.code, has_app=account in STAFF)
            self.sessions[account] = enrol(self.here.school, who)
        enter(somebody, self.sessions[account])


def newcomer(account: str, code: str, *, school: str = "", has_app: bool = False) -> Newcomer:
    """Somebody of the tests with a code."""
    email = f"{account}@tests.invalid"
    return Newcomer(
        name=account,
        account=account,
        code=code,
        password=PASSWORD,
        email=email,
        school=school,
        has_app=has_app,
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def sites() -> Iterator[Installation]:
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with installation(ROOT / "var" / "e2e-sites", fresh=True) as here:
        yield here


@pytest.fixture(scope="session")
def school(sites, browser) -> Iterator[School]:
    """One school of the sample country; everything after its first account happens in the browser."""
    country = json.loads((ROOT / "samples/country/country.json").read_text())
    entry = next(one for one in country["schools"] if one["code"] == CODE)
    open_windows(sites, country["school_year"], country["semester"])
    school = School(sites, CODE, {registrar.ACCOUNT: _open(sites, country, entry)})
    with person(browser, sites.school.url, DESK) as somebody:
        school.enter(somebody, registrar.ACCOUNT)
        somebody.open("/")
        registrar.bring_in(somebody)
        school.codes.update(registrar.hand_out_codes(somebody))
    yield school
    for visitor in school.sessions.values():
        visitor.close()


@pytest.fixture(scope="session")
def operator(school) -> Iterator[Visitor]:
    """The archive's operator, enrolled."""
    site = school.here.archive
    said = school.here.processes.run(site, "add_operator", "--account", "operator", "--name", "中央操作人員")
    visitor = enrol(site, newcomer("operator", said.split()[-1], has_app=True))
    yield visitor
    visitor.close()


def _open(sites: Installation, country: dict, entry: dict) -> str:
    """Open the school as an installer does; the first account's code."""
    command = ["--code", CODE, "--name", entry["name"], "--kind", entry["type"]]
    command += ["--authority-code", "k12ea", "--authority-name", entry["authority"]]
    command += ["--year", str(country["school_year"]), "--semester", str(country["semester"])]
    said = sites.processes.run(sites.school, "add_school", *command, "--administrator", registrar.ACCOUNT)
    introduce_school(sites, CODE, entry["name"])
    return said.split()[-1]
