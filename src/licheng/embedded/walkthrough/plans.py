"""The course-plan platform: a school files its plans, its authority takes note, everybody reads them."""

import csv
from typing import Any

import httpx

from licheng.embedded.installation import Installation
from licheng.embedded.sites import REPOSITORY
from licheng.embedded.visitor import Shown, Visitor, WalkFailed
from licheng.embedded.walkthrough.entering import Newcomer, enrol
from licheng.embedded.walkthrough.story import SchoolStory, Walk, expect, sample_password

REFERENCE = REPOSITORY / "samples" / "reference" / "schools.csv"
DUTIES = (("editor", "課程計畫填報人員"), ("reviewer", "校內審查人員"))
YEAR_CHARACTERS = 3  # a course code begins with the entry year


def open_site(here: Installation, story: Walk, country: dict[str, Any]) -> None:
    """Bring the directory in and let the authorities' officers enrol."""
    with story.step("課程計畫平臺載入學校名錄", "the directory of schools is loaded"):
        path = here.root / "directory.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, ("code", "name", "county", "authority"))
            rows.writeheader()
            rows.writerows(_listed(country))
        here.processes.run(here.courseplans, "load_directory", str(path))
    for number, one in enumerate(country["authorities"]):
        account = f"authority{number + 1}"
        with story.step(f"{one['name']}承辦人員啟用帳號", f"the officer of {account} enrols"):
            story.officers[one["name"]] = _officer(here, story, account, "authority", one["name"])


def _listed(country: dict[str, Any]) -> list[dict[str, str]]:
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        counties = {row["school_code"]: row["county"] for row in csv.DictReader(file)}
    return [
        {key: one[key] for key in ("code", "name", "authority")} | {"county": counties[one["code"]]}
        for one in country["schools"]
    ]


def _officer(here: Installation, story: Walk, account: str, duty: str, place: str) -> Visitor:
    """Open an officer's account and enrol with its code."""
    role = dict(DUTIES).get(duty, "主管機關承辦人員")
    name = f"{place} {role}"
    command = ["add_officer", "--account", account, "--name", name, "--duty", duty, "--place", place]
    who = Newcomer(
        name=name,
        account=account,
        code=here.processes.run(here.courseplans, *command).split()[-1],
        password=sample_password(len(story.sign_ins)),
        email=f"{account}@sample.invalid",
        has_app=True,
    )
    visitor = enrol(here.courseplans, who)
    story.note_sign_in(here.courseplans, who, visitor, role)
    return visitor


def file_plans(school: SchoolStory, authority: str) -> list[int]:
    """File a plan for every entry year of the school's code file; the years, newest first.

    The editor takes the courses over from the file, the reviewer hands the plan on, the authority takes note.
    """
    here, walk = school.here, school.walk
    with walk.step("課程計畫填報人員與校內審查人員啟用帳號", "the school's officers enrol"):
        editor, reviewer = (
            _officer(here, walk, f"{duty}-{school.code.lower()}", duty, school.code) for duty, _role in DUTIES
        )
    lines = (school.rosters / "course_codes.txt").read_bytes().splitlines(keepends=True)
    years = sorted({line[:YEAR_CHARACTERS] for line in lines}, reverse=True)
    for year in map(bytes.decode, years):
        with walk.step(
            f"{year} 學年度課程計畫：填報 → 校內審 → 送審 → 備查", "filed", "填報中 → 校內審 → 送審 → 備查"
        ):
            mine = b"".join(line for line in lines if line.startswith(year.encode()))
            page = _drafted(editor, year, mine)
            for visitor, step in (
                (editor, "hand-in"),
                (reviewer, "send"),
                (walk.officers[authority], "file"),
            ):
                page = visitor.open(page.path)
                page = visitor.send(page, page.form_to(f"/{step}/"))
            expect(page, "已備查並公開")
    editor.close()
    reviewer.close()
    return [int(year) for year in years]


def _drafted(editor: Visitor, year: str, codes: bytes) -> Shown:
    page = editor.open("/")
    page = editor.send(page, page.form_to("/plans/begin/"), entry_year=year)
    files = {"file": (f"{year}.txt", codes)}
    return editor.send(page, page.form_to("/code-file/"), files=files)


def look_as_a_family(school: SchoolStory, year: int) -> None:
    """Somebody without an account reads the school and a course; a program fetches the codes, twice."""
    course = school.students[0]["course_code"]
    with school.walk.step(
        "國中家庭不登入，查到學校、科別與每門課，代碼逐段說明", "anybody reads the plan and a course"
    ):
        family = Visitor("family", school.here.courseplans.url)
        expect(family.open(f"/search/?school={school.code}"), school.code)
        expect(family.open(f"/schools/{school.code}/{year}/"), "可以讀什麼")
        expect(family.open(f"/courses/{course}/"), school.students[0]["subject_name"], "課程代碼逐段說明")
        family.close()
    with school.walk.step("課程代碼 API：沒有變就不再傳一次", "the API answers 304 to the same ETag"):
        address = f"{school.here.courseplans.url}/api/v1/schools/{school.code}/years/{year}/courses"
        first = httpx.get(address, timeout=30).raise_for_status()
        again = httpx.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=30)
        if again.status_code != httpx.codes.NOT_MODIFIED:
            raise WalkFailed(f"{address}: {again.status_code} for the same ETag")
    school.walk.counts["courses_published"] += len(first.json()["courses"])
