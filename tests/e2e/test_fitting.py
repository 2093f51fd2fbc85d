"""A photo over the limit is fitted, compared and accepted; photos of a phone become one PDF; by keyboard, and without scripts."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import DESK, PHONE, Person, person
from tests.e2e.students import choose, control, start_outcome
from tests.school import preparation_sources as made

STUDENT, SECOND, THIRD = "1152006", "1152007", "1152008"
COURSE = "國語文"
MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def big_photo(tmp_path_factory) -> Path:
    """A photo of six megabytes, lying on its side as phones take it."""
    path = tmp_path_factory.mktemp("photos") / "IMG_2041.jpg"
    path.write_bytes(made.jpeg_bytes(made.picture(2600, 2000), orientation=6, quality=97))
    return path


@pytest.fixture(scope="module")
def three_photos(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("three")
    sources = {
        "IMG_1.jpg": made.jpeg_bytes(made.picture(1600, 1200)),
        "IMG_2.heic": made.heic_bytes(made.picture(1600, 1200)),
        "IMG_3.jpg": made.jpeg_bytes(made.picture(900, 1200)),
    }
    for name, data in sources.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in sources]


def _ready(student: Person) -> None:
    """Wait for the worker; the page turns into the comparison by itself."""
    expect(student.button("採用這個版本")).to_be_visible(timeout=2 * MINUTE_MS)


def _pictures_are_there(page: Page) -> None:
    for picture in page.get_by_role("main").locator("img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("one => one.naturalWidth") > 0
    page.evaluate("scrollTo(0, 0)")


def test_a_photo_over_the_limit_is_fitted_accepted_and_has_a_receipt(school, browser, big_photo):
    with person(browser, school.url, PHONE) as student:
        school.enter(student, STUDENT)
        path = start_outcome(student, COURSE)
        area = control(student)
        choose(student, area, big_photo)
        offer = area.get_by_role("link", name="縮小檔案")
        expect(offer).to_be_visible(timeout=MINUTE_MS)
        student.look("fit-offered")
        offer.click()
        student.says("IMG_2041.jpg", "上限是 4 MB", "盡量清楚")
        student.look("fit-choose")
        student.page.get_by_label("中等").check()
        student.button("做一個放得下的版本").click()
        student.says("做好之後這一頁會自動換成比較的畫面")
        _ready(student)
        _pictures_are_there(student.page)
        student.look("fit-ready")
        _compare(student)
        student.button("採用這個版本").click()
        student.says("已經採用，檔案存好了。", "收據證明的是縮小後的版本。")
        student.look("fit-accepted")
        expect(student.link("收據")).to_have_attribute("href", f"{path}document/receipt/")
        student.open(f"{path}edit/")
        expect(control(student).locator("[data-upload-name]")).to_have_text("IMG_2041.jpg")
        expect(control(student).get_by_role("link", name="收據")).to_be_visible()


def _compare(student: Person) -> None:
    """On a narrow screen one version at a time can be looked at."""
    page = student.page
    before, after = page.locator("[data-shows=before]"), page.locator("[data-shows=after]")
    student.button("只看縮小後").click()
    expect(before).to_be_hidden()
    expect(after).to_be_visible()
    student.button("只看縮小前").click()
    expect(before).to_be_visible()
    expect(after).to_be_hidden()
    student.button("並排").click()
    expect(after).to_be_visible()


def test_three_photos_become_one_pdf_by_keyboard(school, browser, three_photos):
    with person(browser, school.url, DESK) as student:
        school.enter(student, SECOND)
        path = start_outcome(student, COURSE)
        student.open(f"{path}edit/")
        student.link("拍照或用多張照片合成一份 PDF").click()
        student.says("先加入照片")
        student.look("photos-empty")
        page = student.page
        with page.expect_file_chooser() as chooser:
            page.locator("[data-upload-pick]").click()
        chooser.value.set_files(three_photos)
        expect(page.locator("[data-photo]")).to_have_count(3, timeout=MINUTE_MS)
        _pictures_are_there(page)
        _press(page, "往前", "IMG_3.jpg")
        _names(page, "IMG_1.jpg", "IMG_3.jpg", "IMG_2.heic")
        _press(page, "往前", "IMG_3.jpg")
        _names(page, "IMG_3.jpg", "IMG_1.jpg", "IMG_2.heic")
        _press(page, "右轉", "IMG_2.heic")
        expect(_photo(page, "IMG_2.heic").locator("img")).to_have_class(re.compile("rotate-90"))
        student.look("photos")
        _drag(page, "IMG_2.heic", "IMG_3.jpg")
        _names(page, "IMG_2.heic", "IMG_3.jpg", "IMG_1.jpg")
        page.reload()
        _names(page, "IMG_2.heic", "IMG_3.jpg", "IMG_1.jpg")
        make = student.button("合成一份 PDF")
        make.focus()
        page.keyboard.press("Enter")
        _ready(student)
        student.says("3 張照片合成一份 3 頁的 PDF")
        _pictures_are_there(page)
        student.look("photos-ready")
        accept = student.button("採用這個版本")
        accept.focus()
        page.keyboard.press("Enter")
        student.says("已經採用，檔案存好了。")
        student.open(path)
        student.says("IMG_2等3張照片.pdf")


def _photo(page: Page, name: str):
    return page.locator("[data-photo]").filter(has_text=name)


def _press(page: Page, words: str, name: str) -> None:
    """Press a photo's button with the keyboard; the focus stays with it, so that it can be pressed again."""
    button = _photo(page, name).get_by_role("button", name=re.compile(f"^{words}"))
    button.focus()
    with page.expect_response(re.compile("/photo/")):
        page.keyboard.press("Enter")
    expect(button).to_be_focused()


def _names(page: Page, *names: str) -> None:
    expect(page.locator("[data-photo]")).to_contain_text(list(names))


def _drag(page: Page, name: str, onto: str) -> None:
    with page.expect_response(re.compile("/order/")):
        _photo(page, name).locator("img").drag_to(_photo(page, onto).locator("img"))


@pytest.mark.slow  # test_without_scripts.py hands a file in the same way on every run
def test_everything_works_without_scripts(school, browser, big_photo, three_photos):
    with person(browser, school.url, PHONE, scripts=False) as student:
        school.enter(student, THIRD)
        path = start_outcome(student, COURSE)
        page = student.page
        page.get_by_label("文件檔案").set_input_files(big_photo)
        student.button("上傳選好的檔案").click()
        student.says("超過", "盡量清楚")
        page.get_by_label("最小").check()
        student.button("做一個放得下的版本").click()
        _ready(student)
        student.button("採用這個版本").click()
        student.says("已經採用，檔案存好了。")
        photos = f"/uploads/photos/outcome/{path.strip('/').split('/')[-1]}/"
        student.open(photos)
        page.get_by_label("加入照片").set_input_files(three_photos)
        student.button("加入選好的照片").click()
        student.says("3 張照片，會是 3 頁")
        _photo(page, "IMG_2.heic").get_by_role("button", name=re.compile("^往前")).click()
        _names(page, "IMG_2.heic", "IMG_1.jpg", "IMG_3.jpg")
        _photo(page, "IMG_2.heic").get_by_role("button", name=re.compile("^左轉")).click()
        _photo(page, "IMG_3.jpg").get_by_role("button", name=re.compile("^移除")).click()
        student.says("2 張照片，會是 2 頁")
        student.button("合成一份 PDF").click()
        _ready(student)
        student.button("採用這個版本").click()
        student.says("已經採用，檔案存好了。")
