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
from licheng.embedded.visitor import Shown, Visitor, WalkFailed

COUNTED = (
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
NOW = re.compile(r"(\S+)\s*（目前）")


@dataclass(slots=True)
class Walk:
    """One run: when it began, what it counted, how to sign in afterwards."""

    began: float
    counts: dict[str, float] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    sign_ins: list[str] = field(default_factory=list)
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
    first_passwords: dict[str, str]
    sessions: dict[str, Visitor] = field(default_factory=dict)
    outcomes: dict[str, list[str]] = field(default_factory=dict)
    activities: dict[str, list[str]] = field(default_factory=dict)

    @property
    def students(self) -> list[dict[str, Any]]:
        """The acting students."""
        found: list[dict[str, Any]] = self.cast["students"]
        return found

    def person(self, account: str, name: str, role: str) -> Visitor:
        """A signed-in person; signs in and replaces the first password when it is the first time."""
        if account not in self.sessions:
            self.sessions[account] = self._signed_in(account, name, role)
        return self.sessions[account]

    def staff(self, key: str, role: str) -> Visitor:
        """A member of staff of the cast."""
        return self.person(self.cast[key]["account"], self.cast[key]["name"], role)

    def student(self, number: int) -> tuple[dict[str, Any], Visitor]:
        """An acting student, by place in the cast."""
        entry = self.students[number]
        return entry, self.person(entry["student_no"], entry["name"], "學生")

    def _signed_in(self, account: str, name: str, role: str) -> Visitor:
        visitor = Visitor(name, self.here.school.url)
        own = f"walk-{account}-portfolio"
        with self.walk.step(
            f"{name}（{role}）登入，換成自己的密碼", f"{account} signs in, sets an own password"
        ):
            page = visitor.open("/people/sign-in/")
            form = page.form_to("/people/sign-in/")
            page = visitor.send(
                page, form, school=self.code, account=account, password=self.first_passwords[account]
            )
            form = page.form_to("/password/")
            page = visitor.send(page, form, old=self.first_passwords[account], new=own, again=own)
            expect(page, "密碼已更換")
        self.walk.sign_ins.append(
            f"{self.here.school.url}  學校 {self.code}  帳號 {account}  密碼 {own}  （{role} {name}）"
        )
        return visitor


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
