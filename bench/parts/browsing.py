"""Signed-in people of the benches' schools and the pages they ask for, as the gateway of a web server would.

Imported once Django is set up.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from parts.schools import BUSY, USUAL_CLASS

from licheng.foundations import fence
from licheng.foundations.accounts import factors, gate
from licheng.school.outcomes.models import Outcome
from licheng.school.people.models import ClassGroup, Person, Role

TOKEN = "A" * 32

type Request = Callable[[], None]


@dataclass(frozen=True)
class Asked:
    """A page with so many rows, or read out of so many; `goal`: the goals name it."""

    page: str
    size: int
    request: Request
    has_goal: bool = False


class Browser:
    """One person's browser."""

    def __init__(self, application: Any, host: str, person: Person) -> None:
        browser = Client()
        browser.force_login(person.user, settings.AUTHENTICATION_BACKENDS[-1])
        session = browser.session
        session[gate.EMAIL_SETTLED] = True
        session[factors.MARK] = factors.Mark(version=person.user.factors_version, state="shown")
        session.save()
        self.key, self.login = session.session_key, person.user.login
        self.application = application
        self.environ = {
            "HTTP_HOST": host,
            "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={self.key}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
            "HTTP_ACCEPT": "text/html",
            "HTTP_SEC_FETCH_SITE": "none",
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": host.partition(":")[2],
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
        }

    def page(self, path: str) -> Request:
        """Ask for a page and take all of it; anything but a page ends the bench."""
        asked = self.environ | {"PATH_INFO": path, "QUERY_STRING": ""}

        def request() -> None:
            said: list[str] = []
            with Path(os.devnull).open("rb") as nothing:
                answer = self.application(
                    asked | {"wsgi.input": nothing}, lambda status, _headers: said.append(status)
                )
                size = sum(map(len, answer))
                answer.close()
            if said != ["200 OK"] or not size:
                raise SystemExit(f"{path}: {said}")

        return request


class Pages:
    """The pages of one school, by those who read them, with as many rows as its classes have students."""

    def __init__(self, application: Any, host: str, code: str) -> None:
        self.application, self.host = application, host
        people = Person.objects.select_related("user")
        with fence.everywhere():
            groups = ClassGroup.objects.filter(school__code=code).order_by("-pk")
            self.groups = {group.students.count(): group for group in groups}  # the first of each size
            self.teachers = {
                size: people.get(pk=group.homeroom_teacher_id) for size, group in self.groups.items()
            }
            ours = {"student__class_group": self.groups[USUAL_CLASS]}
            self.students = {
                count: people.get(student__seat_no=seat, **ours) for seat, count in enumerate(BUSY, start=1)
            }
            self.office = people.get(school__code=code, roles__role=Role.REGISTRAR)

    def of_size(self, sizes: tuple[int, ...]) -> Iterator[Asked]:
        """Each page with each of these sizes, as far as the school has classes of them."""
        for count in sizes:
            if count in self.students:
                page = self.browser(self.students[count]).page("/")
                yield Asked("student home", count, page, count == USUAL_CLASS)
            if count in self.groups:
                yield from self._of_class(count)
        yield Asked("staff home, office too", USUAL_CLASS, self.browser(self.office).page("/"), has_goal=True)

    def _of_class(self, size: int) -> Iterator[Asked]:
        browser, outcome = self.browser(self.teachers[size]), self.waiting(size)
        for page, path in (
            ("certification queue", "/outcomes/queue/"),
            ("review form", f"/outcomes/{outcome.pk}/review/"),
            ("class's records", f"/records/classes/{self.groups[size].pk}/"),
            ("course's records", f"/records/courses/{outcome.enrolment.offering_id}/"),
            ("staff home", "/"),
        ):
            yield Asked(page, size, browser.page(path), size == USUAL_CLASS)

    def browser(self, person: Person) -> Browser:
        """A browser in which this person has signed in."""
        return Browser(self.application, self.host, person)

    def waiting(self, size: int) -> Outcome:
        """One of the outcomes that wait for the teacher of that class, in the middle of them."""
        with fence.everywhere():
            rows = Outcome.objects.filter(student__student__class_group=self.groups[size], state="waiting")
            return list(rows.select_related("enrolment").order_by("sent_at", "pk"))[size // 2]
