"""What a walk-through remembers and prints: steps in plain words, counts, sign-ins."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from licheng.embedded.installation import Installation
from licheng.embedded.sites import Site
from licheng.embedded.visitor import Shown, Visitor, WalkFailed
from licheng.embedded.walkthrough.entering import Newcomer, enrol

COUNTED = (
    "courses_published",
    "students",
    "outcomes",
    "certified",
    "returned",
    "selected",
    "submitted",
    "received",
    "confirmed",
    "disputed",
    "receipts_verified",
)
STUDENT = "學生"
WORDS = ("amber", "birch", "coral", "dusky", "ember", "fern", "grey", "hazel", "ivory", "jade")
NOW = re.compile(r"(\S+)\s*（目前）")


@dataclass(slots=True)
class Walk:
    """One run: when it began, what it counted, how to sign in afterwards."""

    began: float
    counts: dict[str, float] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    sign_ins: list[str] = field(default_factory=list)
    operator: Visitor | None = None
    officers: dict[str, Visitor] = field(default_factory=dict)  # of the course-plan platform, by authority
    apps: dict[str, str] = field(default_factory=dict)  # login → secret, for `licheng code`
    batches: list[tuple[str, UUID]] = field(default_factory=list)
    kits: list[tuple[int, bytes]] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Print a line at once."""
        print(line, flush=True)

    @contextmanager
    def step(self, zh: str, en: str, change: str = "") -> Iterator[None]:
        """One thing somebody does; printed with its state change and seconds once it has held."""
        began = time.monotonic()
        yield
        moved = f"　{change}" if change else ""
        self.say(f"✓ {zh}{moved}　· {en}  ({time.monotonic() - began:.2f} s)")

    def note_sign_in(self, site: Site, who: Newcomer, visitor: Visitor, role: str) -> None:
        """Keep how to sign in afterwards; printed at the end for whoever tries the sample country."""
        school = f"  學校 {who.school}" if who.school else ""
        line = f"{site.url}{school}  帳號 {who.account}  密碼 {who.password}  （{role}）"
        if visitor.app is not None:
            self.apps[who.login] = visitor.app.secret
            line += f"  第二步：.venv/bin/licheng code {who.login}"
        self.sign_ins.append(line)

    def finish(self) -> None:
        """Note how long everything took."""
        self.counts["seconds"] = round(time.monotonic() - self.began, 1)
        self.say(f"\n全部步驟都成立。 Every step held.  ({self.counts['seconds']} s)")


@dataclass(slots=True)
class SchoolStory:
    """One school's part: its cast, files, open sessions and the items each student made."""

    walk: Walk
    here: Installation
    code: str
    cast: dict[str, Any]
    rosters: Path
    works: Path
    codes: dict[str, str]
    sessions: dict[str, Visitor] = field(default_factory=dict)
    outcomes: dict[str, list[str]] = field(default_factory=dict)
    activities: dict[str, list[str]] = field(default_factory=dict)

    @property
    def students(self) -> list[dict[str, Any]]:
        """The acting students."""
        found: list[dict[str, Any]] = self.cast["students"]
        return found

    def person(self, account: str, name: str, role: str) -> Visitor:
        """A signed-in person; enrols with her code when it is the first time."""
        if account not in self.sessions:
            self.sessions[account] = self._signed_in(account, name, role)
        return self.sessions[account]

    def staff(self, key: str, role: str) -> Visitor:
        """A member of staff of the cast."""
        return self.person(self.cast[key]["account"], self.cast[key]["name"], role)

    def student(self, number: int) -> tuple[dict[str, Any], Visitor]:
        """An acting student, by place in the cast."""
        entry = self.students[number]
        return entry, self.person(entry["student_no"], entry["name"], STUDENT)

    def _signed_in(self, account: str, name: str, role: str) -> Visitor:
        is_student = role == STUDENT
        has_email = account != self.students[-1]["student_no"]
        who = Newcomer(
            name=name,
            account=account,
            code=self.codes[account],
            password=sample_password(len(self.walk.sign_ins)),
            email=f"{account}.{self.code}@sample.invalid".lower() if has_email else "",
            school=self.code,
            has_app=not is_student,
        )
        said = "用啟用碼設定密碼，確認電子郵件" if has_email else "用啟用碼設定密碼，表明沒有電子郵件"
        said += "" if is_student else "，設定驗證應用程式"
        with self.walk.step(f"{name}（{role}）{said}", f"{account} enrols with a code"):
            visitor = enrol(self.here.school, who)
        self.walk.note_sign_in(self.here.school, who, visitor, f"{role} {name}")
        return visitor


def sample_password(number: int) -> str:
    """A password of the sample country, printed for everyone; another one for each person."""
    return f"{WORDS[number % len(WORDS)]} otter sings at dawn {number + 11}"


def expect(page: Shown, *words: str) -> None:
    """Raise WalkFailed unless the page says all of the words."""
    for word in words:
        if word not in page.text:
            raise WalkFailed(f"{page.url} does not say 「{word}」; it says: {page.text[:500]}")


def state_of(page: Shown) -> str:
    """The state word that the page's stepper marks as the current one."""
    found = NOW.search(page.text)
    if found is None:
        raise WalkFailed(f"{page.url} shows no current state: {page.text[:500]}")
    return found[1]


def expect_state(page: Shown, state: str) -> None:
    """Raise WalkFailed unless the item is in this state."""
    if state_of(page) != state:
        raise WalkFailed(f"{page.url} is 「{state_of(page)}」, expected 「{state}」")


def id_in(url: str) -> str:
    """The item's id in an address."""
    found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", url)
    if found is None:
        raise WalkFailed(f"{url} names no item")
    return found[0]
