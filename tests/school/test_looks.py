"""Who looked at a student's data: written in the request that shows it, read by the student."""

import csv
import io
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.accounts.models import User
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotAllowed
from licheng.foundations.ledger.models import LedgerEntry
from licheng.foundations.limits.models import Tally
from licheng.school.governance.models import Extension
from licheng.school.people.models import Look, LookedAt, Person
from licheng.school.people.operations import note_look, note_looks, note_overview
from licheng.school.people.queries.looks import capacity_in_words, looks_page
from tests.addresses import addresses, keys_of
from tests.factories import SEMESTER, YEAR, PersonFactory, StudentFactory, actor
from tests.relations_world import deputy, grant, guardian, staff_session
from tests.test_tenancy import answer
from tests.world import make_world

SCHOOL = "licheng.config.urls_school"
OK = 200
PERSONAL = {
    "outcome_id",
    "activity_id",
    "class_id",
    "person_id",
    "batch_id",
    "receipt_id",
    "enrolment_id",
    "import_id",
}
PERSONAL |= {"guardian_link_id", "session_id", "offering_id", "consultation_id"}
# Addresses with an id that show nothing of a student to somebody else, each with its reason.
SHOW_NOTHING = {
    "activities:edit": "the student's own form; nobody else opens it",
    "activities:previews": "addresses of pictures; each picture is noted when it is given",
    "outcomes:edit": "as activities:edit",
    "outcomes:previews": "as activities:previews",
    "outcomes:start": "a button",
    "people:class_mail": "lists nobody here, as everybody has enrolled; asked for below",
    "people:class_codes": "says that no codes are there; codes made just now are asked for below",
    "people:class_guardian_codes": "as people:class_codes",
    "people:person_code": "as people:class_codes",
    "people:end_guardian_link": "says whose link ends; nothing of the student's record",
    "people:id_number": "the number is masked until a reason is sent, and that is noted",
    "people:recover": "asks how identity was checked; name and account alone",
    "people:session": "what was looked at, by whom; no record",
    "activities:who": "who may see, not what there is",
    "outcomes:who": "as activities:who",
    "people:who": "as activities:who",
    "receipts:who": "as activities:who",
    "records:who": "as activities:who",
    **dict.fromkeys(("records:class_who", "records:course_who"), "as activities:who"),
    **dict.fromkeys(("selection:who", "submission:who", "rosters:who"), "as activities:who"),
    "people:session_who": "as activities:who",
    "receipts:kit": "the student's own; nobody else is given it",
    "receipts:receipt_file": "as receipts:kit",
    "rosters:import_detail": "what the office's own file says and changes; the import is in the audit",
    "rosters:issues": "as rosters:import_detail",
    "rosters:undo": "names a few rows in a sentence that stand in the way; in the audit",
    "rosters:sheet_xlsx": "the file as it was sent, handed back to the office that sent it; in the audit",
    "rosters:sheet_csv": "as rosters:sheet_xlsx",
    "counselling:edit": "the counsellor's own form; whom it lists is asked for below",
    "counselling:previews": "as activities:previews",
    "counselling:who": "as activities:who",
    "ward": "for the guardian; asked for below as one",
}


@pytest.fixture
def here(db, settings):
    settings.ROOT_URLCONF = SCHOOL
    return make_world().here


@pytest.fixture
def student(db):
    return StudentFactory()


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


def looks():
    return sorted(Look.objects.values_list("student_id", "viewer_id", "capacity", "what", "item_id", "times"))


def test_a_look_is_one_row_a_day_and_a_minute_is_one_look(student):
    teacher = PersonFactory(school=student.school, roles=["teacher"])
    now = timezone.localtime().replace(hour=9, minute=0)
    for seconds in (0, 30, 90, 100, 200):
        with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
            note_look(actor=actor(teacher), student_id=student.pk, what=LookedAt.OUTCOME, item_id="7")
    with time_machine.travel(now + timedelta(days=1), tick=False):
        note_look(actor=actor(teacher), student_id=student.pk, what=LookedAt.OUTCOME, item_id="7")

    assert looks() == [
        (student.pk, teacher.pk, "teacher", "outcome", "7", 1),
        (student.pk, teacher.pk, "teacher", "outcome", "7", 3),
    ]


def test_own_looks_clocks_staff_and_other_schools_are_not_written(student):
    stranger, colleague = PersonFactory(), PersonFactory(school=student.school)

    note_look(actor=actor(student), student_id=student.pk, what=LookedAt.PERSON)
    note_look(actor=Actor.system("clock", student.school_id), student_id=student.pk, what=LookedAt.PERSON)
    note_look(actor=actor(stranger), student_id=student.pk, what=LookedAt.PERSON)
    note_look(
        actor=actor(colleague), student_id=PersonFactory(school=student.school).pk, what=LookedAt.PERSON
    )
    note_looks(actor=actor(colleague), student_ids=[], what=LookedAt.PERSON)

    assert looks() == []


def test_capacity_is_the_relation_then_the_role(student):
    school, group = student.school, student.student.class_group
    homeroom = PersonFactory(school=school, roles=["homeroom", "registrar"])
    group.homeroom_teacher = homeroom
    group.save()
    stand_in = PersonFactory(school=school, roles=["teacher"])
    grant(stand_in, "homeroom", group=group)
    administrator = PersonFactory(school=school, roles=["administrator"])
    staff_session(administrator)
    several = PersonFactory(school=school, roles=["receipt_officer", "registrar", "teacher"])
    people = [homeroom, stand_in, administrator, several, guardian(student), guardian(student, is_over=True)]

    for person in people:
        note_look(actor=actor(person), student_id=student.pk, what=LookedAt.RECEIPT)
    machine = Actor(None, school.pk, "machine:3", name="成績系統", scopes=frozenset({"students:read"}))
    note_look(actor=machine, student_id=student.pk, what=LookedAt.CLASS_LIST)

    found = {look.viewer_id: look.capacity for look in Look.objects.all()}
    assert [found[person.pk] for person in people] == [
        "homeroom", "homeroom-deputy", "staff-session", "receipt_officer", "guardian", "staff",
    ]  # fmt: skip
    assert Look.objects.get(viewer=None).machine == "machine:3"
    assert found[None] == "machine"
    words = {capacity_in_words(capacity) for capacity in found.values()}
    assert words == {
        "導師",
        "代理導師",
        "系統管理員（管理工作階段）",
        "收訖管理員",
        "家長",
        "教職員",
        "學校的系統",
    }


def test_lists_and_overviews_are_one_statement(student, django_assert_num_queries):
    registrar = actor(PersonFactory(school=student.school, roles=["registrar"]))
    students = [student.pk, *(StudentFactory(school=student.school).pk for _one in range(3))]

    with django_assert_num_queries(1):
        note_looks(actor=registrar, student_ids=students, what=LookedAt.CLASS_LIST)
    with django_assert_num_queries(1):
        note_overview(actor=registrar, student_id=student.pk, kinds=[LookedAt.PERSON, LookedAt.OUTCOME])

    assert Look.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_two_lists_at_once_do_not_wait_for_each_other():
    students = [StudentFactory() for _one in range(2)]
    students[1].school_id = students[0].school_id
    Person.objects.filter(pk=students[1].pk).update(school=students[0].school)
    registrar = actor(PersonFactory(school=students[0].school, roles=["registrar"]))
    failed = []

    def note(ids):
        try:
            for _time in range(10):
                note_looks(actor=registrar, student_ids=ids, what=LookedAt.CLASS_LIST)
        except Exception as failure:  # noqa: BLE001 -- told by the test
            failed.append(failure)
        finally:
            connection.close()

    ids = [one.pk for one in students]
    threads = [threading.Thread(target=note, args=[order]) for order in (ids, ids[::-1], ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert Look.objects.count() == 2


def everybody_in_one(made):
    """Somebody who is let in wherever a member of staff is, so that one walk sees every page."""
    offices = ["registrar", "outcome_submitter", "activity_submitter", "receipt_officer", "administrator"]
    person = PersonFactory(school=made.school, roles=[*offices, "teacher", "homeroom"])
    made.own["Offering"].teachers.add(person)
    staff_session(person)
    return person


def test_every_page_with_a_students_data_writes_a_look_and_nothing_personal_gets_out(here, settings, caplog):
    """What answers 200 to somebody else leaves a row, but for the list above; logs and tables name nobody."""
    Path(settings.ARCHIVE_KEYS).write_text("", encoding="utf-8")
    clients = [client_of(everybody_in_one(here)), client_of(here.cast["linked_guardian"])]
    keys = keys_of(here, list(here.outcomes).index("certified"))
    asked = [
        one for one in addresses(SCHOOL) if PERSONAL & set(one.parameters) and "school-api" not in one.name
    ]
    silent, urls = set(), []
    caplog.set_level("DEBUG")  # from here on: what makes the rows of the test speaks of them too
    for address in asked:
        for url in address.filled(keys):
            urls.append(url)
            for client in clients:
                Look.objects.all().delete()
                if answer(client, "GET", url) == OK and not Look.objects.exists():
                    silent.add(address.name)

    assert silent - set(SHOW_NOTHING) == set()
    assert set(SHOW_NOTHING) <= {one.name for one in asked}
    words = personal_words(here)
    assert [word for word in words if word in caplog.text] == []
    assert [word for word in words if word in "\n".join(urls)] == []
    assert [word for word in words if word in names_on_disk(settings)] == []
    assert [word for word in words if word in rows_of_machinery()] == []


def personal_words(made):
    """What tells who somebody is: of students, staff and guardians of this school."""
    people = list(made.cast.values())
    numbers = [one.student.id_number for one in people if one.is_student]
    return {
        *numbers,
        *(one.name for one in people),
        "2010-03-15",
        *(one.email for one in people if one.email),
    }


def names_on_disk(settings):
    """Every name of a file below the home of the site."""
    return "\n".join(str(path.relative_to(settings.HOME)) for path in Path(settings.HOME).rglob("*"))


def rows_of_machinery():
    """Leaves of the ledger, tallies, sessions in clear, tasks and their arguments, as text."""
    said = [
        bytes(leaf).decode(errors="replace") for leaf in LedgerEntry.objects.values_list("leaf", flat=True)
    ]
    said += [str(row) for row in Tally.objects.values_list()]
    said += [str(row.get_decoded()) for row in Session.objects.all()]
    for model in (*apps.get_app_config("django_ox").get_models(), *apps.get_app_config("axes").get_models()):
        said += [str(row) for row in model._default_manager.values()]
    return "\n".join(said)


def test_lists_without_an_id_write_looks_too(here):
    for role, name in (
        ("teacher", "outcomes:queue"),
        ("homeroom", "home"),
        ("receipt_officer", "receipts:office"),
        ("outcome_submitter", "submission:precheck"),
    ):
        Look.objects.all().delete()

        assert client_of(here.cast[role]).get(reverse(name)).status_code == 200

        assert here.cast["owner"].pk in set(Look.objects.values_list("student", flat=True)), name


def test_codes_lists_to_mail_and_extensions_write_looks_too(here):
    owner, registrar = here.cast["owner"], here.cast["registrar"]
    User.objects.filter(pk=owner.user_id).update(password="!")  # has not enrolled
    Extension.objects.create(
        school=here.school, kind="upload", school_year=YEAR, semester=SEMESTER, person=owner,
        closes_at=timezone.now(), reason="住院", granted_by=registrar,
    )  # fmt: skip
    client, group = client_of(registrar), here.own["ClassGroup"].pk
    for method, name, args in (
        ("get", "governance:extensions", []),
        ("get", "people:class_mail", [group]),
        ("post", "people:class_codes", [group]),
        ("post", "people:person_code", [owner.pk]),
        ("post", "people:guardian_code", [owner.pk]),
        ("post", "people:class_guardian_codes", [group]),
    ):
        Look.objects.all().delete()

        assert getattr(client, method)(reverse(name, args=args), follow=True).status_code == 200, name

        assert owner.pk in set(Look.objects.values_list("student", flat=True)), name


def test_a_refused_page_writes_no_look(here):
    client = client_of(here.cast["classmate"])

    client.get(reverse("people:student", args=[here.cast["owner"].pk]))
    client.get(reverse("outcomes:detail", args=[here.own["Outcome"].pk]))

    assert looks() == []


def test_the_student_reads_who_looked_and_takes_it_along(here, django_assert_max_num_queries):
    owner, outcome = here.cast["owner"], here.outcomes["waiting"]
    client_of(here.cast["teacher"]).get(reverse("outcomes:review", args=[outcome.pk]))
    client_of(here.cast["registrar"]).get(reverse("people:student", args=[owner.pk]))
    client = client_of(owner)
    client.get(reverse("home"))

    with django_assert_max_num_queries(12):
        page = client.get(reverse("people:looks"))
    only = client.get(reverse("people:looks"), {"what": "outcome", "page": "99"}).content.decode()
    exported = client.get(reverse("people:looks_csv"))

    text = page.content.decode()
    assert here.cast["teacher"].name in text
    assert "任課教師" in text
    assert "註冊組" in text
    assert reverse("outcomes:detail", args=[outcome.pk]) in text
    assert here.cast["registrar"].name not in only
    rows = list(csv.reader(io.StringIO(exported.content.decode().removeprefix("\ufeff"))))
    assert [row[3] for row in rows[1:]] == ["基本資料", "課程學習成果"]
    assert owner.account not in exported["Content-Disposition"]


def test_names_that_look_like_formulas_are_harmless_in_the_file(student, client, settings):
    settings.ROOT_URLCONF = SCHOOL
    viewer = PersonFactory(school=student.school, roles=["registrar"], name="=HYPERLINK(1)")
    note_look(actor=actor(viewer), student_id=student.pk, what=LookedAt.PERSON)
    client.force_login(student.user)

    text = client.get(reverse("people:looks_csv")).content.decode()

    assert "=HYPERLINK" in text
    assert ",=HYPERLINK" not in text


def test_only_the_student_reads_the_list(here):
    for role in ("teacher", "registrar", "linked_guardian", "administrator"):
        with pytest.raises(NotAllowed):
            looks_page(here.actor(role), what="", page="1")


def test_long_lists_have_pages(student):
    viewer = PersonFactory(school=student.school, roles=["registrar"])
    for number in range(60):
        note_look(actor=actor(viewer), student_id=student.pk, what=LookedAt.OUTCOME, item_id=number)

    page = looks_page(actor(student), what="", page="2")

    assert (page.page.paginator.num_pages, sum(len(day.lines) for day in page.days)) == (2, 10)


def test_a_deputy_certifier_looks_as_a_teacher(here):
    deputy_person = PersonFactory(school=here.school)
    deputy(deputy_person, here.own["Offering"])

    client_of(deputy_person).get(reverse("outcomes:detail", args=[here.outcomes["waiting"].pk]))

    assert Look.objects.get(viewer=deputy_person).capacity == "teacher"
