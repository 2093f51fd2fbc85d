"""Course codes fetched from the course-plan platform: like an upload, and nothing that is not this school's."""

import json
from pathlib import Path

import pytest
from django.urls import reverse

from licheng.foundations.errors import NotAllowed
from licheng.school.people.models import Role
from licheng.school.records.models import Course
from licheng.school.rosters import plans_client
from licheng.school.rosters.errors import NoPlanOnFile, PlansNotConnected, PlansStrange, PlansUnreachable
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.operations import check_roster_file, fetch_codes
from licheng.school.rosters.plans_client import filed_courses
from licheng.school.rosters.sealed import file_of
from licheng.school.rosters.states import ImportState
from tests import factories
from tests.platform import COURSES, open_platform
from tests.school import roster_files as files

with_database = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def platform(settings):
    platform, server = open_platform()
    settings.COURSEPLANS_URL = platform.url
    yield platform
    server.shutdown()
    server.server_close()


@pytest.fixture
def office():
    return factories.fresh_actor(files.registrar())


def bring(office, year=115):
    """Fetch, check and apply, as page and worker do."""
    roster = fetch_codes(actor=office, entry_year=year)
    check_roster_file(actor=files.clock(office.school_id), import_id=roster.pk)
    roster.refresh_from_db()
    return files.confirm(office, roster)


@with_database
def test_fetched_codes_wait_for_confirmation_like_an_uploaded_file(platform, office):
    roster = fetch_codes(actor=office, entry_year=115)

    assert (roster.kind, roster.state) == (RosterKind.COURSE_CODES, ImportState.RECEIVED)
    assert roster.file_name == "course-plan-070406-115-v1.txt"
    assert file_of(roster).decode().splitlines() == [
        "115070406V2640101010101,國語文,333322",
        "115070406V2640101010102,英語文,222222",
    ]
    assert platform.asked == [("/api/v1/schools/070406/years/115/courses", "")]
    assert Course.objects.count() == 0


@with_database
def test_the_same_codes_are_not_fetched_twice_but_changed_ones_are(platform, office):
    bring(office)

    assert fetch_codes(actor=office, entry_year=115) is None
    assert platform.asked[-1][1] == '"plan-1"'
    platform.etag, platform.courses = '"plan-2"', [*COURSES[:1], {**COURSES[1], "credits": "332222"}]
    assert (bring(office).changed, Course.objects.get(name="英語文").credits) == (1, "332222")
    assert RosterImport.objects.count() == 2


@with_database
def test_what_was_not_applied_or_was_overwritten_is_fetched_again(platform, office):
    assert fetch_codes(actor=office, entry_year=115) is not None
    bring(office)
    files.import_whole(office, RosterKind.COURSE_CODES, files.COURSES.encode(), "codes.txt")

    assert fetch_codes(actor=office, entry_year=115) is not None
    assert [known for _path, known in platform.asked] == ["", "", ""]


@with_database
def test_an_etag_of_one_year_says_nothing_of_another(platform, office):
    bring(office)
    platform.status = 404

    with pytest.raises(NoPlanOnFile):
        fetch_codes(actor=office, entry_year=114)
    assert platform.asked[-1] == ("/api/v1/schools/070406/years/114/courses", "")


LIES = [
    {"school_code": "064308"},
    {"entry_year": 114},
    {"version": 10**400},
    {"version": "1"},
    {"content": b"<html>"},
    {"content": b"[]"},
    {"content": b"[" * 100_000},
    {"courses": []},
    {"courses": "all"},
    {"courses": [{"course_code": "115070406V2640101010101"}]},
    {"courses": [{**COURSES[0], "course_code": 5}]},
    {"courses": [{**COURSES[0], "name": "國,語"}]},
    {"courses": [COURSES[0], {**COURSES[1], "course_code": "115064308V2640101010102"}]},
    {"courses": [COURSES[0], {**COURSES[1], "course_code": "114070406V2640101010102"}]},
]


@pytest.mark.parametrize("lie", LIES)
def test_answers_that_are_not_this_schools_courses_are_refused(platform, lie):
    for name, value in lie.items():
        setattr(platform, name, value)

    with pytest.raises(PlansStrange):
        filed_courses("070406", 115)


@pytest.mark.parametrize("status", [301, 304, 429, 500])
def test_a_platform_that_does_not_answer_is_said_to_be_away(platform, status):
    platform.status, platform.etag = status, ""

    with pytest.raises(PlansUnreachable, match="HTTP"):
        filed_courses("070406", 115)


def test_an_etag_that_could_not_be_sent_back_is_not_kept(platform):
    platform.etag = '"' + "x" * 200 + '"'

    assert filed_courses("070406", 115).etag == ""


def test_a_platform_that_is_away_or_talks_without_end_holds_nobody(platform, settings, monkeypatch):
    monkeypatch.setattr(plans_client, "LIMIT_BYTES", 65_536)
    monkeypatch.setattr(plans_client, "DEADLINE_SECONDS", -1)
    with pytest.raises(PlansUnreachable, match="-1 s"):
        filed_courses("070406", 115)
    platform.content = b" " * 70_000
    monkeypatch.setattr(plans_client, "DEADLINE_SECONDS", 30)
    with pytest.raises(PlansStrange, match="bytes"):
        filed_courses("070406", 115)

    settings.COURSEPLANS_URL = "http://127.0.0.1:9"
    with pytest.raises(PlansUnreachable, match="ConnectError"):
        filed_courses("070406", 115)
    settings.COURSEPLANS_URL = ""
    with pytest.raises(PlansNotConnected):
        filed_courses("070406", 115)


@with_database
def test_only_those_who_import_fetch(platform, office):
    teacher = factories.PersonFactory(school=files.only_school(), roles=[Role.TEACHER])

    with pytest.raises(NotAllowed):
        fetch_codes(actor=factories.fresh_actor(teacher), entry_year=115)
    assert platform.asked == []


@with_database
def test_the_page_fetches_and_says_when_nothing_changed(platform, client):
    person = files.registrar()
    client.force_login(person.user)
    address = reverse("rosters:fetch_codes")

    assert address in client.get(reverse("rosters:imports")).content.decode()
    assert "116" in client.get(address).content.decode()
    fetched = client.post(address, {"entry_year": "115"})
    roster = RosterImport.objects.get()
    assert fetched.url == reverse("rosters:import_detail", args=[roster.pk])
    assert client.post(address, {"entry_year": "99"}).status_code == 422
    check_roster_file(actor=files.clock(person.school_id), import_id=roster.pk)
    roster.refresh_from_db()
    files.confirm(factories.fresh_actor(person), roster)
    again = client.post(address, {"entry_year": "115"}, follow=True).content.decode()
    assert "和上次匯入的一樣" in again
    assert "course-plan-070406-115-v1.txt" in again


@with_database
def test_the_page_without_a_platform_says_what_to_do_instead(client, settings):
    settings.COURSEPLANS_URL = ""
    client.force_login(files.registrar().user)

    text = client.get(reverse("rosters:fetch_codes")).content.decode()

    assert reverse("rosters:fetch_codes") not in client.get(reverse("rosters:imports")).content.decode()
    assert ('<form method="post" action="' + reverse("rosters:fetch_codes")) not in text
    assert "再到名冊匯入頁上傳" in text


def test_the_platform_played_here_answers_as_the_committed_description_says(platform):
    described = json.loads((ROOT / "docs" / "api" / "courseplans.openapi.json").read_text(encoding="utf-8"))
    schemas, said = described["components"]["schemas"], json.loads(platform.answer())

    assert sorted(said) == sorted(schemas["Courses"]["required"])
    assert sorted(said["courses"][0]) == sorted(schemas["Course"]["required"])
    filed_courses("070406", 115)
    asked = platform.asked[-1][0].replace("070406", "{school_code}").replace("115", "{entry_year}")
    assert asked in described["paths"]
