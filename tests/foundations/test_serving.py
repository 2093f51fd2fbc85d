"""Who gets which bytes, from where, under which headers: the host of people's files and its links."""

import shutil
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.files.checks import files_come_from_elsewhere, scanner_has_an_address
from licheng.foundations.files.models import ScanState, StoredFile
from licheng.foundations.files.operations import Receiving, derive_file, receive_file
from licheng.foundations.files.previews import cleaned_path, folder_of
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState as S
from tests.environment import HOME
from tests.factories import PersonFactory, StudentFactory
from tests.school.outcomes_cases import make_outcome
from tests.test_fence import as_application

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PHOTO = DATA / "hostile/img/jpg_gps_exif_orient6.jpg"
FILM = DATA / "hostile/av/mp4_gps_location.mp4"
PLAIN = DATA / "files/pdf/libreoffice/portfolio_zh_hant.pdf"
TYPES = frozenset({"application/pdf", "image/jpeg", "image/png", "audio/mpeg", "video/mp4"})
FILES_HOST = "files.licheng.invalid"
JSON = {"Accept": "application/json"}


@pytest.fixture
def files_host(settings):
    settings.FILES_URL = f"https://{FILES_HOST}"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, FILES_HOST]


def receive(path, role="document", name=None):
    """A stored file with what the worker makes of it, which is drawn for the first test that asks."""
    terms = Receiving("070406", role, "ab" * 32, 10 * 2**20, TYPES)
    with path.open("rb") as stream:
        actor = Actor(1, 1, "person:1")
        stored = receive_file(actor=actor, stream=stream, name=name or path.name, terms=terms)
    made, kept = folder_of(stored.sha256), HOME / "drawn" / stored.sha256
    if kept.exists():
        shutil.copytree(kept, made)
    derive_file(actor=Actor.system("test"), file_id=stored.pk)
    if made.exists() and not kept.exists():
        shutil.copytree(made, kept)
    return stored


@pytest.fixture
def outcome():
    """A photo with its place and a film with its place, sent to the teacher."""
    return make_outcome(
        S.WAITING, document=receive(PHOTO, name='實驗"照片" 7.jpg'), media=receive(FILM, "media")
    )


def of(person):
    client = Client(headers=JSON)
    client.force_login(person.user)
    return client


def owner(outcome):
    return of(outcome.student)


def teacher(outcome):
    return of(outcome.enrolment.offering.teachers.first())


def url(outcome, view, role="document", *more):
    return reverse(f"outcomes:{view}", args=[outcome.pk, role, *more])


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def fetched(response, client=None, **headers):
    """What the files host gives for the link that the site answered with."""
    assert response.status_code == 302
    place = urlsplit(response["Location"])
    assert place.netloc == FILES_HOST
    return (client or Client()).get(place.path, headers={"Host": FILES_HOST, **headers})


def original(outcome, role="document"):
    return {"document": PHOTO, "media": FILM}[role].read_bytes()


@pytest.mark.parametrize("role", ["document", "media"])
def test_the_owner_gets_what_she_handed_in_and_the_teacher_the_version_for_readers(outcome, role):
    mine = owner(outcome).get(url(outcome, "file", role))
    theirs = teacher(outcome).get(url(outcome, "file", role))

    assert body(mine) == original(outcome, role)
    assert body(theirs) == cleaned_path(getattr(outcome, role)).read_bytes() != original(outcome, role)
    assert "%E4%BE%9B%E9%96%B1%E7%89%88" in theirs["Content-Disposition"]


def test_a_name_is_sent_as_the_standard_says(outcome):
    sent = owner(outcome).get(url(outcome, "file"))["Content-Disposition"]

    assert sent == ("attachment; filename*=utf-8''%E5%AF%A6%E9%A9%97%22%E7%85%A7%E7%89%87%22%207.jpg")


@pytest.mark.parametrize(
    ("view", "more", "is_shown"),
    [
        *(("file", ["document"], False), ("page", ["document", 1], True), ("thumbnail", ["document"], True)),
        *(("play", ["media"], True), ("file", ["media"], False)),
    ],
)
def test_every_answer_of_the_files_host_is_harmless_and_without_cookies(
    files_host, outcome, view, more, is_shown
):
    given = fetched(teacher(outcome).get(url(outcome, view, *more)))

    assert given.status_code == 200
    assert given.cookies == {}
    expected = {
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
        "Cross-Origin-Resource-Policy": "cross-origin" if is_shown else "same-origin",
    }
    assert {name: given[name] for name in expected} == expected
    assert given.has_header("Content-Disposition") is not is_shown
    assert given.get("Content-Disposition", "attachment").startswith("attachment")
    assert int(given["Content-Length"]) == len(body(given))


def test_the_site_gives_no_bytes_of_its_own_once_there_is_a_files_host(files_host, outcome):
    for view, more in [("file", []), ("page", [1]), ("thumbnail", [])]:
        answer = owner(outcome).get(url(outcome, view, "document", *more))
        assert (answer.status_code, body(answer)) == (302, b"")
    link = owner(outcome).get(url(outcome, "file"))["Location"]

    assert owner(outcome).get(urlsplit(link).path).status_code == 404


def test_the_files_host_has_nothing_else(files_host, outcome):
    client = owner(outcome)
    for path in ("/", "/people/sign-in/", f"/outcomes/{outcome.pk}/", url(outcome, "file"), "/status/"):
        answer = client.get(path, headers={"Host": FILES_HOST})
        assert (path, answer.status_code, answer.cookies) == (path, 404, {})
        assert answer["Content-Type"].startswith("text/plain")
    link = urlsplit(client.get(url(outcome, "file"))["Location"]).path
    assert client.post(link, headers={"Host": FILES_HOST}).status_code == 404


@pytest.mark.parametrize(
    "host", [FILES_HOST.upper(), f"{FILES_HOST}.", f"{FILES_HOST}:443", f"{FILES_HOST}.:99"]
)
def test_the_files_host_is_known_in_every_spelling(files_host, outcome, host):
    answer = owner(outcome).get("/people/sign-in/", headers={"Host": host})

    assert (answer.status_code, answer.cookies) == (404, {})
    assert answer["Content-Type"].startswith("text/plain")


def test_files_and_site_may_share_a_name_on_two_ports(settings, outcome):
    settings.PUBLIC_URL, settings.FILES_URL = "http://127.0.0.1:8000", "http://127.0.0.1:8001"

    assert Client().get("/people/sign-in/", headers={"Host": "127.0.0.1:8000"}).status_code == 200
    assert Client().get("/people/sign-in/", headers={"Host": "127.0.0.1:8001"}).status_code == 404


def test_a_link_opens_its_file_behind_the_fence_too(files_host, outcome):
    """The web's connection stands nowhere until a page enters a school, and the files host enters none."""
    link = urlsplit(owner(outcome).get(url(outcome, "file"))["Location"]).path

    with as_application():
        given = Client().get(link, headers={"Host": FILES_HOST})
        left = StoredFile.objects.exists()

    assert (given.status_code, left) == (200, False)


def test_a_link_is_good_for_one_file_one_form_and_a_short_time(files_host, outcome):
    client, began = owner(outcome), timezone.now()
    with time_machine.travel(began, tick=False):
        link = urlsplit(client.get(url(outcome, "page", "document", 1))["Location"]).path
    _empty, file_id, form, token, _end = link.split("/")
    other = receive(PLAIN)

    def status(file_id=file_id, form=form, token=token):
        return Client().get(f"/{file_id}/{form}/{token}/", headers={"Host": FILES_HOST}).status_code

    assert (form, status()) == ("page-1", 200)
    assert status(file_id=other.pk) == 404
    assert [status(form=word) for word in ("file", "clean", "thumb", "page-2", "play")] == [404] * 5
    assert status(token=token[:-1] + ("A" if token[-1] != "A" else "B")) == 404
    assert status(token=token.replace(":", ":1", 1)) == 404
    assert status(token="x") == 404
    with time_machine.travel(began + timedelta(seconds=299), tick=False):
        assert status() == 200
    with time_machine.travel(began + timedelta(seconds=302), tick=False):
        assert status() == 404


def test_a_player_may_pause_for_longer(files_host, outcome):
    answer = teacher(outcome).get(url(outcome, "play", "media"))

    with time_machine.travel(timezone.now() + timedelta(minutes=30), tick=False):
        part = fetched(answer, Range="bytes=100-199")

    clean = cleaned_path(outcome.media).read_bytes()
    assert (part.status_code, body(part)) == (206, clean[100:200])
    assert part["Content-Range"] == f"bytes 100-199/{len(clean)}"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        *(("bytes=99999999-", 416), ("bytes=5-1", 416), ("bytes=-0", 416), ("bytes=a-b", 200)),
        *(("bytes=0-0,5-6", 200), ("bytes=-", 200), ("lines=0-1", 200), ("bytes=0-" + "9" * 400, 200)),
    ],
)
def test_odd_ranges(outcome, asked, status):
    answer = owner(outcome).get(url(outcome, "play", "media"), headers={"Range": asked})

    assert answer.status_code == status
    body(answer)


def statuses(client, outcome):
    wanted = [("file", []), ("page", [1]), ("thumbnail", [])]
    found = [client.get(url(outcome, view, "document", *more)) for view, more in wanted]
    found += [client.get(url(outcome, view, "media")) for view in ("file", "play")]
    for answer in found:
        body(answer)
    return [answer.status_code for answer in found]


def test_while_the_scanner_is_silent_nobody_gets_bytes_and_only_the_owner_sees_pages(outcome):
    StoredFile.objects.update(scan=ScanState.SCANNING)

    assert statuses(owner(outcome), outcome) == [409, 200, 200, 409, 409]
    assert statuses(teacher(outcome), outcome) == [409] * 5
    page = of(outcome.student).get(reverse("outcomes:detail", args=[outcome.pk])).content.decode()
    assert "掃毒中" in page
    assert url(outcome, "file") not in page


def test_malware_is_given_to_nobody_and_the_page_says_what_to_do(files_host, outcome):
    before = owner(outcome).get(url(outcome, "file"))
    StoredFile.objects.update(scan=ScanState.INFECTED)

    assert statuses(owner(outcome), outcome) == [409] * 5
    assert statuses(teacher(outcome), outcome) == [409] * 5
    assert fetched(before).status_code == 404  # a link from before is worth nothing now
    page = of(outcome.student).get(reverse("outcomes:detail", args=[outcome.pk])).content.decode()
    assert "發現惡意程式" in page
    assert "重新匯出一個乾淨的檔案上傳" in page


def test_readers_wait_for_the_version_for_readers(outcome, settings):
    import shutil

    shutil.rmtree(settings.DERIVED_ROOT)

    assert teacher(outcome).get(url(outcome, "file")).status_code == 409
    assert teacher(outcome).get(url(outcome, "page", "document", 1)).status_code == 409
    assert teacher(outcome).get(url(outcome, "thumbnail"))["Location"].endswith("preview.svg")
    assert body(owner(outcome).get(url(outcome, "file"))) == original(outcome)


def test_the_page_says_what_readers_do_not_get(outcome):
    mine = of(outcome.student).get(reverse("outcomes:detail", args=[outcome.pk])).content.decode()
    theirs = teacher(outcome).get(reverse("outcomes:review", args=[outcome.pk])).content.decode()

    assert "供老師與審查者閱讀的版本已移除：" in mine
    assert "位置資訊" in mine
    assert "您下載的仍是您交的原檔" in mine
    assert "學生交的原檔另外封存" in theirs
    assert "沒有掃毒" in theirs
    assert "沒有掃毒" not in mine


def test_pages_appear_by_themselves_once_they_are_drawn(outcome, settings):
    import shutil

    shutil.rmtree(settings.DERIVED_ROOT)
    waiting = teacher(outcome).get(url(outcome, "previews")).content.decode()
    derive_file(actor=Actor.system("test"), file_id=outcome.document_id)
    ready = teacher(outcome).get(url(outcome, "previews")).content.decode()

    assert ("預覽準備中" in waiting, "hx-trigger" in waiting, "<img" in waiting) == (True, True, False)
    assert ("預覽準備中" in ready, "hx-trigger" in ready, "<img" in ready) == (False, False, True)


def test_the_player_page_has_controls_and_facts(outcome):
    page = teacher(outcome).get(url(outcome, "player", "media")).content.decode()

    assert "<video" in page
    assert " controls " in page
    assert "長度" in page
    assert teacher(outcome).get(url(outcome, "player", "document")).status_code == 404


@pytest.mark.parametrize("view", ["file", "page", "thumbnail", "previews", "receipt"])
def test_strangers_of_the_school_and_other_schools_find_nothing(files_host, outcome, view):
    more = [1] if view == "page" else []
    classmate = StudentFactory(school=outcome.school)
    outsider = PersonFactory()

    for person in (classmate, outsider):
        assert of(person).get(url(outcome, view, "document", *more)).status_code == 404
    assert Outcome.objects.count() == 1


def test_what_nobody_can_open_is_neither_sent_nor_certified(outcome):
    from licheng.foundations.files.errors import FileInfected, FileWithheld
    from licheng.school.outcomes.operations import pass_outcome, send_outcome
    from tests.factories import actor, open_windows
    from tests.school.outcomes_cases import ALL_STATEMENTS, teacher_of

    open_windows()
    seen = {"seen_document": outcome.document.sha256, "seen_media": outcome.media.sha256}
    decision = {"actor": teacher_of(outcome), "outcome_id": outcome.pk, "statements": ALL_STATEMENTS}

    for scan, refusal in ((ScanState.SCANNING, FileWithheld), (ScanState.INFECTED, FileInfected)):
        StoredFile.objects.update(scan=scan)
        with pytest.raises(refusal):
            pass_outcome(**decision, **seen)
    Outcome.objects.update(state=S.DRAFT)
    with pytest.raises(FileInfected):
        send_outcome(actor=actor(outcome.student), outcome_id=outcome.pk)


@pytest.mark.parametrize(
    ("files_url", "found"),
    [
        ("", []),
        ("https://example-files.tw", []),
        ("http://localhost:8000", []),
        ("http://127.0.0.1:9000", ["files.E002"]),
        ("example-files.tw", ["files.E001"]),
        ("https://example-files.tw/files", ["files.E001"]),
    ],
)
def test_a_files_host_that_cannot_work_is_not_started(settings, files_url, found):
    settings.FILES_URL, settings.PUBLIC_URL = files_url, "http://127.0.0.1:8000"

    assert [problem.id for problem in files_come_from_elsewhere()] == found


@pytest.mark.parametrize(
    ("scanner", "found"),
    [
        *(("", []), ("unix:/run/clamd.sock", []), ("tcp:127.0.0.1:3310", [])),
        *(("/run/clamd.sock", ["files.E003"]), ("tcp:clamd", ["files.E003"])),
    ],
)
def test_a_scanner_without_address_is_not_started(settings, scanner, found):
    settings.SCANNER = scanner

    assert [problem.id for problem in scanner_has_an_address()] == found
