"""A student on a bad line: what she chose arrives the same to the byte, however often line, tab or server break."""

import base64
import hashlib
import re
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.e2e.browser import PHONE, person
from tests.e2e.students import WORKS, choose, start_outcome

STUDENT, COURSE = "1152005", "自然科學"
FILM_BYTES = 10 * 2**20 - 4096
PART_BYTES = 2**20
CUTS = 5
HEARD = """() => {
  window.heard = [];
  for (const region of document.querySelectorAll("[data-upload-state]"))
    new MutationObserver(() => window.heard.push(region.textContent)).observe(region, {childList: true});
}"""
DROP = """(area, files) => {
  const dropped = new DataTransfer();
  for (const [name, type, text] of files)
    dropped.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name, {type}));
  area.dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true}));
}"""


class Line:
    """The phone's line: lets a number of parts through and holds the next one until it is told what becomes of it."""

    def __init__(self, context):
        self.may_pass, self.passed, self.held = 0, 0, []
        context.route(re.compile(r"/uploads/([0-9a-f-]{36}/)?$"), self._decide)

    def _decide(self, route: Route) -> None:
        if route.request.method in {"HEAD", "DELETE"}:
            route.continue_()
        elif self.may_pass > 0:
            self.may_pass -= 1
            self.passed += 1
            route.continue_()
        else:
            self.held.append(route)

    def let(self, parts: int) -> None:
        self.may_pass = parts

    def stalled(self, page: Page) -> Route:
        """The part that is held, once everything that may pass has passed."""
        for _turn in range(500):
            if self.held:
                return self.held.pop()
            page.wait_for_timeout(20)
        raise AssertionError("no part was held")


def film_of(size: int) -> bytes:
    """The sample film with a `free` box behind it, so that it has exactly this size."""
    film = (WORKS / "project.mp4").read_bytes()
    rest = size - len(film)
    return film + rest.to_bytes(4, "big") + b"free" + b"\0" * (rest - 8)


def large_pdf(size: int) -> bytes:
    """The sample document with a comment before its end, so that it has exactly this size."""
    document = (WORKS / "reading_notes.pdf").read_bytes()
    at = document.rfind(b"startxref")
    return document[:at] + b"%" + b"0" * (size - len(document) - 2) + b"\n" + document[at:]


def restart_web(school) -> None:
    """The web server is ended and started again, as an update does."""
    processes, site = school.here.processes, school.here.school
    name = f"{site.name}-web"
    entry = next(one for one in processes.running if one[0] == name)
    entry[1].terminate()
    entry[1].wait(10)
    processes.running.remove(entry)
    processes.start(name, site, site.web_command())
    processes.wait_ready(site)


def quiet(student) -> None:
    """What the browser notes of a broken line is what this test does to it."""
    broken = re.compile(r"net::ERR_|status of 50\d")
    student.complaints[:] = [said for said in student.complaints if not broken.search(said)]


def test_ten_megabytes_cut_five_times_arrive_the_same(school, browser, tmp_path):
    film = tmp_path / "專題影片.mp4"
    film.write_bytes(film_of(FILM_BYTES))
    with person(browser, school.url, PHONE) as student:
        school.enter(student, STUDENT)
        path = start_outcome(student, COURSE)
        line = Line(student.context)
        _line_breaks(student, line, film)
        _tab_is_lost(student, line, film, path)
        _server_restarts(student, line, school)
        _is_stored_the_same(student, line, film, path)


def _media(page: Page):
    return page.locator("[data-upload][data-role=media]")


def _line_breaks(student, line, film: Path) -> None:
    page, area = student.page, _media(student.page)
    page.evaluate(HEARD)
    line.let(2)
    choose(student, area, film)
    held = line.stalled(page)
    expect(area.locator("[data-upload-amount]")).to_contain_text("共 10 MB")
    student.look("upload-sending")
    _paused_by_keyboard(page, area, held)
    line.let(1)
    page.keyboard.press("Enter")
    line.stalled(page).abort("connectionreset")  # the first cut
    line.let(1)
    held = line.stalled(page)
    student.context.set_offline(True)  # the second
    held.abort("internetdisconnected")
    expect(area.get_by_role("status")).to_have_text(re.compile("連線中斷，恢復後會自動接著傳"))
    quiet(student)
    line.let(2)
    student.context.set_offline(False)
    line.stalled(page)
    heard = page.evaluate("window.heard")
    assert f"上傳中：{film.name}，25%" in heard
    assert f"上傳中：{film.name}，50%" in heard


def _paused_by_keyboard(page: Page, area, held: Route) -> None:
    """Pausing gives the focus to going on; the part on its way is dropped."""
    area.get_by_role("button", name="暫停").focus()
    page.keyboard.press("Enter")
    expect(area.get_by_role("button", name="繼續")).to_be_focused()
    expect(area.get_by_role("status")).to_have_text("已暫停，按「繼續」就接著傳")
    held.abort()


def _tab_is_lost(student, line, film: Path, path: str) -> None:
    page = student.page
    page.reload()  # the third
    expect(page.get_by_text("再選一次同一個檔案就會接著傳")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(film.name)
    quiet(student)
    student.look("upload-left")
    line.let(1)
    choose(student, _media(page), film)
    line.stalled(page)
    page.close()  # the fourth
    student.page = student.context.new_page()
    student.page.on("filechooser", lambda _chooser: None)
    student.open(f"{path}edit/")
    line.let(1)
    choose(student, _media(student.page), film)
    expect(_media(student.page).locator("[data-upload-amount]")).to_contain_text(re.compile(r"已傳 [789]"))


def _server_restarts(student, line, school) -> None:
    held = line.stalled(student.page)
    restart_web(school)  # the fifth
    held.abort("connectionrefused")
    line.let(100)


def _is_stored_the_same(student, line, film: Path, path: str) -> None:
    area = _media(student.page)
    expect(area.locator("[data-upload-name]")).to_have_text(film.name, timeout=20_000)
    expect(area.get_by_role("status")).to_have_text(f"已上傳並存好：{film.name}")
    receipt = area.get_by_role("link", name="收據").get_attribute("href")
    assert student.context.request.get(f"{student.url}{receipt}").text().startswith("c2sp.org/tlog-proof@")
    kept = student.context.request.get(f"{student.url}{path}media/file/").body()
    assert hashlib.sha256(kept).hexdigest() == hashlib.sha256(film.read_bytes()).hexdigest()
    parts = -(-FILM_BYTES // PART_BYTES)
    assert line.passed <= parts + CUTS, "it began anew instead of going on"
    quiet(student)


def test_over_the_limit_is_offered_to_be_fitted_and_two_files_find_their_places(school, browser, tmp_path):
    large = tmp_path / "報告.pdf"
    large.write_bytes(large_pdf(5 * 2**20))
    with person(browser, school.url, PHONE) as student:
        sign_in_again(student, school)
        start_outcome(student, COURSE)
        page = student.page
        area = page.locator("[data-upload][data-role=document]")
        choose(student, area, large)
        expect(area.get_by_role("link", name="縮小檔案")).to_be_visible()
        expect(area.get_by_role("status")).to_have_text(
            f"{large.name} 超過上限，還沒有交出去。請按「縮小檔案」。"
        )
        student.look("upload-too-large")
        both = [
            ("心得.pdf", "application/pdf", (WORKS / "reading_notes.pdf").read_bytes()),
            ("專題.mp4", "video/mp4", (WORKS / "project.mp4").read_bytes()),
        ]
        files = [(name, kind, base64.b64encode(data).decode()) for name, kind, data in both]
        area.evaluate(DROP, files)
        expect(area.locator("[data-upload-name]")).to_have_text("心得.pdf")
        expect(_media(page).locator("[data-upload-name]")).to_have_text("專題.mp4")
        area.get_by_role("button", name="移除").click()
        expect(area.get_by_role("status")).to_have_text("已移除檔案")


def sign_in_again(student, school) -> None:
    """The student of the first test, in her session."""
    school.enter(student, STUDENT)


def test_without_javascript_over_the_limit_leads_to_the_same_offer(school, browser, tmp_path):
    large = tmp_path / "報告.pdf"
    large.write_bytes(large_pdf(5 * 2**20))
    with person(browser, school.url, PHONE, scripts=False) as student:
        sign_in_again(student, school)
        path = start_outcome(student, COURSE)
        student.page.get_by_label("文件檔案").set_input_files(large)
        student.button("上傳選好的檔案").click()
        expect(student.page).to_have_url(re.compile(r"/uploads/[0-9a-f-]{36}/fit/$"))
        student.open(f"{path}edit/")
        student.link("看上次沒傳完的檔案").click()
        student.says(large.name, "超過上限")
        student.button(f"放棄：{large.name}").click()
        student.says("沒有沒傳完的檔案")
