"""What is written down: one line per event, and nobody's name, number or mail address in it."""

import io
import json
import logging

import pytest
import structlog
from django.db import IntegrityError, transaction
from django.test import Client

from licheng.config.logs import RequestLog, formatter
from licheng.school.people.models import Person
from tests.factories import StudentFactory

ID_NUMBERS = ("A123456789", "AC01234567", "A800000014")


@pytest.fixture
def lines():
    """Everything logged from here on, as the site writes it."""
    written = io.StringIO()
    options = formatter("json")
    handler = logging.StreamHandler(written)
    handler.setFormatter(options.pop("()")(**options))
    root = logging.getLogger()
    root.addHandler(handler)
    before = root.level
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.mark.parametrize("number", ID_NUMBERS)
def test_numbers_and_addresses_are_taken_out_of_messages_and_tracebacks(lines, number):
    try:
        raise ValueError(f"row of {number} <wang@school.example>")
    except ValueError:
        logging.getLogger("licheng.test").exception("import of %s failed for %s", number, "li@school.example")

    (line,) = lines()
    assert number not in json.dumps(line)
    assert "@school" not in json.dumps(line)
    assert line["event"] == "import of […] failed for […]"
    assert "ValueError" in line["exception"]
    assert line["level"] == "error"


def test_a_row_that_the_database_refuses_leaves_no_cell_behind(db, lines):
    cells = ("1152001", "1152002", "陳\n\n大文")
    first = StudentFactory(account=cells[0])
    for account, kind in ((cells[1], None), (cells[0], True)):
        try:
            with transaction.atomic():
                Person(school=first.school, account=account, name=cells[2], is_student=kind).save()
        except IntegrityError as refusal:
            logging.getLogger("licheng.test").warning("refused: %s", refusal, exc_info=True)

    told = json.dumps(lines(), ensure_ascii=False)
    assert "is_student" in told
    assert "person_account_once_per_school" in told
    assert not {cell for cell in ("1152001", "1152002", "大文") if cell in told}


def test_a_request_is_one_line_with_its_pattern_and_nobodys_name(db, settings, lines):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    student = StudentFactory(name="王小明")
    client = Client()
    client.force_login(student.user)

    client.get("/outcomes/?q=王小明")

    line = next(line for line in lines() if line["event"] == "request")
    assert line["page"] == "outcomes/"
    assert line["status"] == 200
    assert line["actor"] == f"person:{student.pk}"
    assert len(line["request_id"]) == 16
    assert "王小明" not in json.dumps(lines(), ensure_ascii=False)


def test_no_line_per_request_where_it_is_switched_off(db, settings, lines):
    settings.LOG_REQUESTS = False

    Client().get("/healthz")

    assert [line for line in lines() if line["event"] == "request"] == []


def test_a_failed_request_leaves_no_number_behind(rf):
    def fails(_request):
        raise RuntimeError("fault")

    request = rf.get("/")
    request.META["LICHENG_REQUEST_ID"] = "0" * 16
    with pytest.raises(RuntimeError):
        RequestLog(fails)(request)

    assert structlog.contextvars.get_contextvars() == {}


def test_a_number_behind_a_chinese_word_and_what_is_no_text_are_cleaned_too(lines):
    logging.getLogger("licheng.test").warning(
        "身分證A123456789號", extra={"row": ["a123456789", "li@school.example"]}
    )

    written = json.dumps(lines(), ensure_ascii=False)
    assert "123456789" not in written
    assert "@school" not in written


def test_no_line_says_which_address_was_asked_for(db, settings, lines):
    settings.ROOT_URLCONF = "licheng.config.urls_school"

    Client().get("/help/thread/the-secret-of-a-thread/?who=wang")
    Client(enforce_csrf_checks=True).post("/help/thread/the-secret-of-a-thread/?who=wang")

    written = json.dumps(lines())
    assert "Not Found" in written
    assert "Forbidden" in written
    assert "the-secret" not in written
    assert "wang" not in written
