"""A semester of a whole school in the page itself: 3,000 students and 150,000 marks, by Chromium.

Run: python bench/whole_school.py [FOLDER]. Starts the school's site with its worker and PostgreSQL on this
machine, brings the school in, and then times what a registrar waits for, as CSV and as XLSX: from choosing
the file to its preview, from her word to all of it written, from undoing to all of it gone. Memory is that of
the site and of the worker with every process that they start, the largest of what was seen each half second.
Pictures of the pages stay in FOLDER (var/bench/whole-school) at the widths of a phone and of a desk.
"""

import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "packages" / "exchange" / "src")]

import xlsxwriter  # noqa: E402
from parts.semester import CODE, STUDENTS, course_code, mark_lines, national_id  # noqa: E402
from parts.site import school_site  # noqa: E402
from playwright.sync_api import Page, expect  # noqa: E402

from licheng.embedded.authenticator import Authenticator  # noqa: E402
from licheng.embedded.processes import Processes  # noqa: E402
from licheng.embedded.walkthrough.entering import Newcomer, enrol  # noqa: E402
from tests.e2e.browser import DESK, PHONE, Person, chromium, enter, person  # noqa: E402

CLASSES, COURSES = 75, 50
MARKS = STUDENTS * COURSES  # a mark of every student in every course
WRONG = 300  # marks of the faulty file that no rule lets in
WAIT_MS = 600_000
SAMPLED_SECONDS = 0.5
PASSWORD = "nine herons by the pond at dawn"  # noqa: S105 -- of nobody
STUDENT_HEAD = "身分證號,出生日期,學號,姓名,性別,年級,班級,座號"


def class_of(student: int) -> tuple[int, str]:
    """Grade and name of a student's class."""
    number = student % CLASSES
    return 1 + number % 3, f"商{number:02d}"


def course_lines() -> Iterator[str]:
    """The code file."""
    for number in range(COURSES):
        yield f"{course_code(number)}, 科目{number}, 300000"


def class_lines() -> Iterator[str]:
    """The classes."""
    yield "學年度,年級,班級"
    for grade, name in sorted({class_of(student) for student in range(STUDENTS)}):
        yield f"115,{grade},{name}"


def student_lines() -> Iterator[str]:
    """The students."""
    yield STUDENT_HEAD
    for number in range(STUDENTS):
        grade, name = class_of(number)
        who = f"{national_id(number)},0991118,{1_000_000 + number},學生{number}"
        yield f"{who},{1 + number % 2},{grade},{name},{1 + number // CLASSES:02d}"


def write_csv(path: Path, lines: Iterator[str]) -> Path:
    """A file as Excel in Taiwan saves it."""
    path.write_text("\r\n".join(lines), encoding="cp950")
    return path


def write_xlsx(path: Path, lines: Iterator[str]) -> Path:
    """A workbook of text cells."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("學期成績")
        for number, line in enumerate(lines):
            for place, cell in enumerate(line.split(",")):
                sheet.write_string(number, place, cell)
    return path


@dataclass
class Memory:
    """The most memory that each process of ours and its offspring took together. Units: bytes."""

    processes: Processes
    most: dict[str, int] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Look until it is over."""
        while not self.ended.wait(SAMPLED_SECONDS):
            for name, process in self.processes.running:
                taken = sum(_memory_of(pid) for pid in _offspring(process.pid))
                self.most[name] = max(self.most.get(name, 0), taken)


def _offspring(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += _words(task)
    return found


def _words(path: Path) -> list[int]:
    try:
        return [int(word) for word in path.read_text(encoding="ascii").split()]
    except OSError:  # it ended meanwhile
        return []


def _memory_of(pid: int) -> int:
    """Its own memory, and its share of what it has in common with others."""
    try:
        found = re.search(
            r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text("ascii"), re.MULTILINE
        )
    except OSError:  # it ended meanwhile
        return 0
    return int(found[1]) * 1024 if found else 0


@dataclass
class Registrar:
    """Who brings the rosters in, with a watch in her hand."""

    desk: Person
    pictures: Path
    app: Authenticator
    taken: dict[str, float] = field(default_factory=dict)

    @property
    def page(self) -> Page:
        """Her browser's page."""
        return self.desk.page

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Keep how long something took."""
        begun = time.perf_counter()
        yield
        self.taken[what] = time.perf_counter() - begun
        print(f"{what:48} {self.taken[what]:7.1f} s", flush=True)

    def picture(self, name: str) -> None:
        """The page as it stands, on a phone and at a desk."""
        for size in (PHONE, DESK):
            self.page.set_viewport_size(size)
            self.page.screenshot(path=self.pictures / f"{name}-{size['width']}.png", full_page=True)

    def prove(self) -> None:
        """Show who she is again, which undoing asks for and remembers for some minutes."""
        self.desk.open("/account/step-up/")
        self.page.locator("input[name=code]").fill(self.app.code())
        self.desk.button("用驗證碼確認").click()
        self.page.wait_for_url(re.compile(r"^(?!.*step-up)"))

    def wait_for(self, words: str) -> None:
        """Until the page says it."""
        expect(self.page.get_by_role("main")).to_contain_text(words, timeout=WAIT_MS)

    def choose(self, path: Path, *, picture: str = "") -> None:
        """Hand a file in; a picture of it under way where one is wanted."""
        self.desk.open("/rosters/")
        self.page.get_by_label("名冊檔案").set_input_files(path)
        self.desk.button("檢查並預覽").click()
        if picture:
            self.wait_for("讀取檔案並逐列檢查")
            self.picture(picture)

    def bring_in(self, path: Path) -> None:
        """A file through preview and word."""
        self.choose(path)
        self.wait_for("還沒有匯入。")
        self.desk.button("確認匯入").click()
        self.wait_for("已匯入")

    def whole(self, path: Path) -> None:
        """The marks of the school: previewed, written, undone, each timed."""
        form = path.suffix[1:].upper()
        self.prove()
        with self.timed(f"{form}: from choosing the file to its preview"):
            self.choose(path, picture=f"progress-{form}")
            self.wait_for("還沒有匯入。")
        self.picture(f"preview-{form}")
        with self.timed(f"{form}: from the word to all of it written"):
            self.desk.button("確認匯入").click()
            self.wait_for("已匯入")
        self.picture(f"applied-{form}")
        with self.timed(f"{form}: whether it can be undone"):
            self.page.get_by_role("link", name="復原這次匯入").click()
            self.wait_for("可以復原")
        with self.timed(f"{form}: from undoing to all of it gone"):
            self.desk.button("復原這次匯入").click(timeout=WAIT_MS)
            self.wait_for("這次匯入已經復原")

    def faulty(self, path: Path) -> None:
        """A file that does not come in: why, and the same file with its reasons."""
        with self.timed("faulty CSV: from choosing the file to its reasons"):
            self.choose(path)
            self.wait_for("資料沒有任何變動")
        self.picture("errors")
        for form in ("XLSX", "CSV"):
            with self.timed(f"faulty CSV: the file with its reasons, as {form}"):
                with self.page.expect_download(timeout=WAIT_MS) as coming:
                    self.page.get_by_role("link", name=f"加註原因的名冊（{form}）").click()
                coming.value.save_as(self.pictures / f"reasons.{form.lower()}")


def main() -> int:
    """Start the site, bring the school in, time it."""
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "var" / "bench" / "whole-school"
    pictures.mkdir(parents=True, exist_ok=True)
    root = ROOT / "var" / "bench" / f"whole-school-{os.getpid()}"
    with school_site(root, with_worker=True) as (site, processes, _postgres), chromium() as browser:
        command = ["add_school", "--code", CODE, "--name", "商業學校", "--kind", "V"]
        command += [
            "--authority-code",
            "k12ea",
            "--authority-name",
            "國教署",
            "--year",
            "115",
            "--semester",
            "1",
        ]
        code = processes.run(site, *command, "--administrator", "office").split()[-1]
        who = Newcomer("註冊組長", "office", code, PASSWORD, "office@example.invalid", CODE, has_app=True)
        visitor = enrol(site, who)
        with person(browser, site.url, DESK) as desk:
            enter(desk, visitor)
            desk.page.set_default_timeout(WAIT_MS)
            registrar = Registrar(desk, pictures, visitor.app)
            for name, lines in (
                ("codes", course_lines),
                ("classes", class_lines),
                ("students", student_lines),
            ):
                with registrar.timed(f"{name} brought in"):
                    registrar.bring_in(write_csv(pictures / f"{name}.csv", lines()))
            memory = Memory(processes)
            watcher = threading.Thread(target=memory.watch, daemon=True)
            watcher.start()
            registrar.whole(write_csv(pictures / "marks.csv", mark_lines(MARKS)))
            registrar.whole(write_xlsx(pictures / "marks.xlsx", mark_lines(MARKS)))
            registrar.faulty(write_csv(pictures / "faulty.csv", mark_lines(MARKS, wrong=WRONG)))
            memory.ended.set()
            watcher.join()
        visitor.close()
    for name, most in memory.most.items():
        print(f"{name}, most memory at once {most / 2**20:7.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
