"""What a browser gets: the fit page, progress, before and after, and the photos page with its buttons."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from licheng.school.uploads import operations
from licheng.school.uploads.models import Preparation, Upload
from licheng.school.uploads.states import PreparationState, UploadState
from tests.factories import StudentFactory, actor
from tests.school import preparation_cases as cases
from tests.school import preparation_sources as made

pytestmark = pytest.mark.django_db(transaction=True)
SEE_OTHER = 302


@pytest.fixture
def browser(student, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    client = Client()
    client.force_login(student.user)
    return client


@pytest.fixture
def upload(student, outcome, big_photo):
    return cases.sent(student, outcome, big_photo, "IMG_1.jpg")


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def test_the_way_from_too_large_to_the_receipt(browser, student, outcome, upload):
    fit_url = reverse("uploads:fit", args=[upload.pk])
    page = text_of(browser.get(fit_url))
    assert "上限是 4 MB" in page
    assert page.count('type="radio"') == 3
    assert "盡量清楚" in page

    moved = browser.post(fit_url, {"quality": "medium"})
    preparation = Preparation.objects.get()
    here = reverse("uploads:preparation", args=[preparation.pk])
    assert (moved.status_code, moved.headers["Location"]) == (SEE_OTHER, here)
    waiting = text_of(browser.get(here))
    assert "正在排隊" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert '<meta http-equiv="refresh" content="4">' in waiting
    part = browser.get(here, headers={"HX-Request": "true"})
    assert "<html" not in text_of(part)
    assert "HX-Refresh" not in part.headers

    cases.worked(preparation)
    assert browser.get(here, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    ready = text_of(browser.get(here))
    for words in (
        "採用這個版本",
        "換一種品質",
        "不採用",
        "2000×2600 像素",
        "收據證明的也是它",
        upload.sha256,
    ):
        assert words in ready, words
    for side in ("before", "after"):
        picture = browser.get(reverse("uploads:side", args=[preparation.pk, side, 1]))
        assert picture.headers["Content-Type"] == "image/jpeg"
        assert picture.headers["Content-Security-Policy"].startswith("sandbox")
        assert Image.open(io.BytesIO(picture.content)).format == "JPEG"
    assert browser.get(reverse("uploads:side", args=[preparation.pk, "after", 2])).status_code == 404
    assert browser.get(reverse("uploads:side", args=[preparation.pk, "..", 1])).status_code == 404

    done = browser.post(reverse("uploads:accept", args=[preparation.pk]), follow=True)
    assert "已經採用，檔案存好了" in text_of(done)
    assert reverse("outcomes:receipt", args=[outcome.pk, "document"]) in text_of(done)
    outcome.refresh_from_db()
    assert outcome.document.made_from["sha256"] == upload.sha256


def test_a_version_that_cannot_be_made_says_what_to_do(browser, student, outcome):
    upload = cases.sent(
        student, outcome, made.jpeg_bytes(made.picture(2600, 2000), quality=98)[: 5 * 2**20], "x.jpg"
    )
    browser.post(reverse("uploads:fit", args=[upload.pk]), {"quality": "high"})
    preparation = cases.worked(Preparation.objects.get())

    page = text_of(browser.get(reverse("uploads:preparation", args=[preparation.pk])))

    assert "這個版本做不出來" in page
    assert "請重新拍照、錄影或匯出" in page
    assert "採用這個版本" not in page


def test_dropping_leads_back_to_the_choice(browser, upload):
    browser.post(reverse("uploads:fit", args=[upload.pk]), {"quality": "small"})
    preparation = cases.worked(Preparation.objects.get())

    back = browser.post(reverse("uploads:drop", args=[preparation.pk]))

    assert back.headers["Location"] == reverse("uploads:fit", args=[upload.pk])
    assert Preparation.objects.get().state == PreparationState.DROPPED
    assert "沒有採用" in text_of(browser.get(reverse("uploads:preparation", args=[preparation.pk])))


def test_another_student_and_another_school_get_404(settings, upload, outcome):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    preparation = operations.start_reduction(
        actor=actor(upload.student), upload_id=upload.pk, quality="small"
    )
    ways = [
        ("fit", [upload.pk]), ("photo", [upload.pk]), ("arrange_photo", [upload.pk, "up"]),
        ("remove_photo", [upload.pk]), ("preparation", [preparation.pk]), ("accept", [preparation.pk]),
        ("drop", [preparation.pk]), ("side", [preparation.pk, "before", 1]),
        ("photos", ["outcome", outcome.pk]), ("order_photos", ["outcome", outcome.pk]),
    ]  # fmt: skip

    for stranger in (StudentFactory(school=upload.school), StudentFactory()):
        client = Client()
        client.force_login(stranger.user)
        for name, values in ways:
            address = reverse(f"uploads:{name}", args=values)
            assert {client.get(address).status_code, client.post(address).status_code} <= {404, 405}, name


@pytest.fixture
def photos(student, outcome):
    sources = [
        ("a.jpg", made.jpeg_bytes(made.picture(800, 600))),
        ("b.heic", made.heic_bytes(made.picture(800, 600))),
        ("c.jpg", made.jpeg_bytes(made.picture(600, 800))),
    ]
    return [cases.sent(student, outcome, data, name, is_source=True) for name, data in sources]


def names_in_order(outcome):
    rows = Upload.objects.filter(item_id=outcome.pk, is_source=True).order_by("position")
    return [(row.name, row.quarter_turns) for row in rows]


def test_photos_are_ordered_turned_taken_away_and_made_one_pdf(browser, student, outcome, photos):
    here = reverse("uploads:photos", args=["outcome", outcome.pk])
    assert [photo.state for photo in photos] == [UploadState.SOURCE] * 3
    assert "3 張照片，會是 3 頁" in text_of(browser.get(here))

    assert (
        browser.post(reverse("uploads:arrange_photo", args=[photos[1].pk, "up"])).headers["Location"] == here
    )
    browser.post(reverse("uploads:arrange_photo", args=[photos[1].pk, "up"]))  # already the first
    browser.post(reverse("uploads:arrange_photo", args=[photos[0].pk, "turn"]))
    browser.post(reverse("uploads:arrange_photo", args=[photos[2].pk, "turn-back"]))
    assert names_in_order(outcome) == [("b.heic", 0), ("a.jpg", 1), ("c.jpg", 3)]
    part = text_of(
        browser.post(
            reverse("uploads:arrange_photo", args=[photos[2].pk, "up"]), headers={"HX-Request": "true"}
        )
    )
    assert part.lstrip().startswith('<div id="photos"')
    order = reverse("uploads:order_photos", args=["outcome", outcome.pk])
    browser.post(order, {"photo": [photos[0].pk, photos[1].pk]})
    assert [name for name, _turns in names_in_order(outcome)] == ["a.jpg", "b.heic", "c.jpg"]
    assert browser.post(order, {"photo": ["planted"]}).status_code == 404

    picture = browser.get(reverse("uploads:photo", args=[photos[1].pk]))
    assert max(Image.open(io.BytesIO(picture.content)).size) == 360

    browser.post(here, {"quality": "high"})
    preparation = cases.worked(Preparation.objects.get())
    assert (preparation.state, preparation.result_name) == (PreparationState.READY, "a等3張照片.pdf")
    page = text_of(browser.get(reverse("uploads:preparation", args=[preparation.pk])))
    assert "3 張照片合成一份 3 頁的 PDF" in page
    assert page.count('alt="縮小前的第') == page.count('alt="縮小後的第') == 3

    browser.post(reverse("uploads:remove_photo", args=[photos[2].pk]))
    assert Preparation.objects.filter(state=PreparationState.READY).count() == 0
    assert "2 張照片，會是 2 頁" in text_of(browser.get(here))


def test_the_accepted_pdf_of_photos_names_every_source(browser, student, outcome, photos):
    browser.post(reverse("uploads:photos", args=["outcome", outcome.pk]), {"quality": "small"})
    preparation = cases.worked(Preparation.objects.get())

    browser.post(reverse("uploads:accept", args=[preparation.pk]))

    outcome.refresh_from_db()
    kept = outcome.document.made_from
    assert [source["sha256"] for source in kept["sources"]] == [photo.sha256 for photo in photos]
    assert kept["size"] == sum(photo.size_bytes for photo in photos)
    assert outcome.document.facts["pages"] == 3


def test_an_empty_album_says_what_to_do(browser, outcome):
    here = reverse("uploads:photos", args=["outcome", outcome.pk])

    assert "先加入照片" in text_of(browser.get(here))
    assert "請先加入照片，再合成 PDF。" in text_of(browser.post(here, {"quality": "high"}), 422)


@pytest.mark.parametrize("count", [1, 30])
def test_the_photos_page_asks_a_constant_number_of_queries(
    browser, student, outcome, count, django_assert_num_queries
):
    data = made.jpeg_bytes(made.picture(80, 60))
    for number in range(count):
        cases.sent(student, outcome, data, f"{number}.jpg", is_source=True)

    with django_assert_num_queries(9):
        browser.get(reverse("uploads:photos", args=["outcome", outcome.pk]))


def test_photos_work_for_an_activity_too(browser, student):
    activity = cases.activity_of(student)
    cases.sent(
        student, activity, made.jpeg_bytes(made.picture(300, 200)), "a.jpg", is_source=True, kind="activity"
    )

    browser.post(reverse("uploads:photos", args=["activity", activity.pk]), {"quality": "small"})
    preparation = cases.worked(Preparation.objects.get())
    browser.post(reverse("uploads:accept", args=[preparation.pk]))

    activity.refresh_from_db()
    assert activity.document.media_type == "application/pdf"


def test_the_pages_read_in_english(browser, upload):
    browser.cookies["django_language"] = "en"

    assert '<html lang="en">' in text_of(browser.get(reverse("uploads:fit", args=[upload.pk])))
