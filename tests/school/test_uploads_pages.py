"""Uploads as pages show them: the plain form, what was left unfinished, the counts, and the description of the API."""

import json
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

import licheng.foundations.tus
from licheng.foundations.errors import DomainError
from licheng.school.outcomes.models import Outcome
from licheng.school.people.models import Role
from licheng.school.uploads.models import Upload
from licheng.school.uploads.operations import sending as operations_of_sending
from licheng.school.uploads.views import sending as views_of_sending
from tests.factories import PersonFactory, open_windows
from tests.school.items import WORKS, activity_of
from tests.school.outcomes_cases import make_outcome
from tests.school.tus_client import DOCUMENT, FILM, Tus

pytestmark = pytest.mark.django_db
API = (Path(__file__).resolve().parents[2] / "docs" / "api" / "uploads.md").read_text()
OVER = b"%PDF-1.7\n" + b"0" * (4 * 2**20)


@pytest.fixture
def outcome(db):
    open_windows()
    draft = make_outcome()
    Outcome.objects.filter(pk=draft.pk).update(document=None)
    return draft


@pytest.fixture
def tus(outcome):
    return Tus(outcome.student)


def plain(tus, outcome, **files):
    """A plain form with these files, followed to the page it leads to."""
    sent = {name: SimpleUploadedFile(*file) for name, file in files.items()}
    item = {"item_kind": "outcome", "item_id": str(outcome.pk)}
    return tus.client.post(reverse("uploads:plain"), item | sent, follow=True)


def words(answer):
    return answer.content.decode()


def test_a_plain_form_takes_both_files_and_leads_back(tus, outcome):
    answer = plain(tus, outcome, document=("心得.pdf", DOCUMENT), media=("專題.mp4", FILM))

    outcome.refresh_from_db()
    assert answer.redirect_chain == [(reverse("outcomes:edit", args=[outcome.pk]), 302)]
    assert "已上傳並存好：心得.pdf" in words(answer)
    assert (outcome.document.original_name, outcome.media.original_name) == ("心得.pdf", "專題.mp4")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.pdf", b"MZ" + b"\x90" * 4000, "「a.pdf」沒有收下"),
        ("a.exe", b"MZ", "不接受這種檔案：「a.exe」"),
        ("a.pdf", b"", "「a.pdf」是空的"),
    ],
)
def test_a_plain_form_says_why_a_file_is_not_taken(tus, outcome, name, data, said):
    answer = plain(tus, outcome, document=(name, data))

    assert said in words(answer)
    assert Outcome.objects.get(pk=outcome.pk).document is None


def test_a_plain_form_over_the_limit_leads_to_the_offer(tus, outcome):
    answer = plain(tus, outcome, document=("大.pdf", OVER))

    assert answer.redirect_chain == [(reverse("uploads:fit", args=[Upload.objects.get().pk]), 302)]
    assert answer.status_code == 200


def test_photos_of_a_plain_form_lead_to_their_page(tus, outcome):
    photo = (WORKS / "electricity_chart.jpg").read_bytes()

    answer = plain(tus, outcome, photo=("一.jpg", photo))

    assert answer.redirect_chain == [(reverse("uploads:photos", args=["outcome", outcome.pk]), 302)]
    assert Upload.objects.get().is_source


def left(tus, item):
    kind = type(item).__name__.lower()
    return tus.client.get(reverse("uploads:left", args=[kind, item.pk]), headers={"HX-Request": "true"})


def test_what_was_left_is_listed_and_can_be_given_up(tus, outcome):
    url = tus.started(outcome, "半.pdf", len(DOCUMENT))
    tus.patch(url, 0, DOCUMENT[:50_000])
    tus.whole(outcome, "大.pdf", OVER, part=2**20)

    page = words(left(tus, outcome))
    after = tus.client.post(f"{url}discard/", follow=True, headers={"HX-Request": "true"})

    assert [
        "半.pdf" in page,
        "大.pdf" in page,
        "縮小檔案" in page,
        "再選一次同一個檔案就會接著傳" in page,
    ] == [True] * 4
    assert ("半.pdf" in words(after), "大.pdf" in words(after)) == (False, True)
    assert "<html" not in page


def test_nothing_left_is_nothing_said_and_others_items_are_not_there(tus, outcome):
    stranger = make_outcome()

    assert words(left(tus, outcome)).strip() == ""
    assert left(tus, stranger).status_code == 404
    assert left(tus, activity_of(stranger.student)).status_code == 404
    assert tus.client.get(f"/uploads/of/portrait/{outcome.pk}/").status_code == 404


def test_a_plain_form_puts_nothing_into_somebody_elses_item(tus, outcome):
    stranger = make_outcome()

    answer = plain(tus, stranger, document=("心得.pdf", DOCUMENT))

    assert answer.status_code == 404
    assert not Upload.objects.exists()


def test_whoever_sees_an_item_does_not_see_its_uploads(tus, outcome):
    tus.started(outcome, "半.pdf", 10)
    homeroom = PersonFactory(school=outcome.school, roles=[Role.HOMEROOM])
    group = outcome.student.student.class_group
    group.homeroom_teacher = homeroom
    group.save()

    answer = left(Tus(homeroom), outcome)

    assert (answer.status_code, "半.pdf" in words(answer)) == (200, False)


def test_pages_say_how_much_is_used(tus, outcome):
    tus.whole(outcome, "心得.pdf", DOCUMENT)
    activity = activity_of(outcome.student, "draft")

    for page in (
        reverse("outcomes:list"),
        reverse("outcomes:edit", args=[outcome.pk]),
        reverse("activities:list"),
        reverse("activities:edit", args=[activity.pk]),
    ):
        assert re.search(r"1 件，檔案共 [\d.]+ KB", words(tus.client.get(page))), page


def test_only_pages_with_a_control_load_its_script(tus, outcome):
    edit = words(tus.client.get(reverse("outcomes:edit", args=[outcome.pk])))

    assert "licheng/upload.js" in edit
    assert "licheng/upload.js" not in words(tus.client.get(reverse("outcomes:list")))


def described():
    """Status by code, as the description of the API has it."""
    rows = [line.strip("|").split("|") for line in API.splitlines() if re.match(r"\| \d{3}", line)]
    found = {}
    for statuses, codes, _what in rows:
        for code in re.findall(r"`([a-z-]+)`", codes):
            found[code] = {int(status) for status in statuses.split(",")}
    return found


def refusals(*modules):
    """The refusals that modules name, by code."""
    named = {member for module in modules for member in vars(module).values() if isinstance(member, type)}
    return {
        one.code: one.status
        for one in named
        if issubclass(one, DomainError) and one.code not in {"refused", "invalid"}
    }


def test_the_description_of_the_api_names_every_refusal_with_its_status():
    raised = refusals(
        licheng.foundations.tus, licheng.school.uploads.tus, operations_of_sending, views_of_sending
    )
    told = described()
    missing = set(raised) - set(told) - {"upload-busy", "file-missing"}  # not raised here; a plain form's own

    assert missing == set()
    assert {code for code, status in raised.items() if code in told and status not in told[code]} == set()


def test_the_description_of_the_api_shows_the_fields_that_are_answered(tus, outcome):
    shown = json.loads(re.search(r"\n    (\{.*?\})\n", API, re.DOTALL)[1])

    assert set(tus.whole(outcome, "心得.pdf", DOCUMENT)) == set(shown)
