"""The whole path, over HTTP, by people of the sample country: from roster and PDF to a verified receipt."""

import json
import time
from pathlib import Path
from typing import Any

from licheng.embedded.installation import Installation, introduce_school, open_windows
from licheng.embedded.sites import REPOSITORY
from licheng.embedded.walkthrough import offices, plans, proofs, students, teachers
from licheng.embedded.walkthrough.entering import Newcomer, enrol
from licheng.embedded.walkthrough.story import SchoolStory, Walk, sample_password

__all__ = ["Walk", "walk"]

SAMPLES = REPOSITORY / "samples" / "country"
REFUSALS_AT = "070406"  # the samples' faulty files are made for this school
AUTHORITY_CODES = {"教育部國民及學前教育署": "k12ea", "臺中市政府教育局": "tc"}


def walk(here: Installation) -> Walk:
    """Act the sample country's cast through the path at every school.

    Raises WalkFailed at the first step that does not hold.
    """
    story = Walk(began=time.monotonic())
    country = _read(SAMPLES / "country.json")
    cast = {one["school_code"]: one for one in _read(SAMPLES / "cast.json")["schools"]}
    open_windows(here, country["school_year"], country["semester"])
    _open_archive(here, story)
    plans.open_site(here, story, country)
    for entry in country["schools"]:
        story.say(f"\n== {entry['name']} {entry['code']}（{entry['type_name']}）")
        school = _open_school(here, story, country, entry, cast[entry["code"]])
        years = plans.file_plans(school, entry["authority"])
        plans.look_as_a_family(school, years[0])
        offices.fetch_codes(school, years)
        offices.import_rosters(school, refusals=entry["code"] == REFUSALS_AT)
        offices.hand_out_codes(school)
        students.make_outcomes(school, refusals=entry["code"] == REFUSALS_AT)
        students.record_activities(school)
        teachers.certify(school)
        students.mend_and_replace(school)
        teachers.certify_again(school)
        students.select(school)
        offices.submit(school)
        students.read_receipts(school)
        offices.answer_disputes(school)
        proofs.verify_receipts(school)
    proofs.leave_examples(here, story)
    proofs.look_at_the_archive(here, story)
    story.finish()
    return story


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _open_archive(here: Installation, story: Walk) -> None:
    command = ["add_operator", "--account", "operator", "--name", "中央操作人員"]
    with story.step("中央資料庫開設操作人員帳號，用啟用碼設定密碼與驗證應用程式", "an operator's account"):
        code = here.processes.run(here.archive, *command).split()[-1]
        who = Newcomer(
            name="中央操作人員",
            account="operator",
            code=code,
            password=sample_password(0),
            email="operator@sample.invalid",
            has_app=True,
        )
        visitor = enrol(here.archive, who)
    story.operator = visitor
    story.note_sign_in(here.archive, who, visitor, "中央操作人員")


def _open_school(
    here: Installation, story: Walk, country: dict[str, Any], entry: dict[str, Any], cast: dict[str, Any]
) -> SchoolStory:
    """Open a school and let it and the archive know each other."""
    authority = entry["authority"]
    command = ["add_school", "--code", entry["code"], "--name", entry["name"], "--kind", entry["type"]]
    command += ["--authority-code", AUTHORITY_CODES.get(authority, "local"), "--authority-name", authority]
    command += ["--year", str(country["school_year"]), "--semester", str(country["semester"])]
    command += ["--administrator", cast["registrar"]["account"]]
    with story.step("開設學校，並向中央資料庫登記金鑰", "open the school, register its keys at the archive"):
        code = here.processes.run(here.school, *command).split()[-1]
        introduce_school(here, entry["code"], entry["name"])
    return SchoolStory(
        walk=story,
        here=here,
        code=entry["code"],
        cast=cast,
        rosters=SAMPLES / "schools" / entry["code"],
        works=SAMPLES / "files",
        codes={cast["registrar"]["account"]: code},
    )
