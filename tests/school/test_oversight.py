"""Reading the audit: who may, what is found, how it is paged, and that taking it along is itself an act."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.audit.queries import PER_PAGE, Wanted
from licheng.foundations.errors import NotAllowed, StepUpNeeded
from licheng.foundations.limits.counted import HOUR
from licheng.foundations.limits.operations import Limit, consume
from licheng.foundations.machines.models import MachineToken
from licheng.school.oversight.operations import export_acts
from licheng.school.oversight.queries import acts_page, own_acts_page
from licheng.school.people.models import Role
from tests.factories import PersonFactory, SchoolFactory, actor, fresh, fresh_actor

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


@pytest.fixture(autouse=True)
def at_school(settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"


@pytest.fixture
def group():
    return PersonFactory(roles=[Role.WORKING_GROUP])


def act(person, action="outcome.certified", **more):
    return AuditEntry.objects.create(
        actor_label=f"person:{person.pk}", person_id=person.pk, school_id=person.school_id,
        action=action, subject_type="outcomes.outcome", subject_id="1", data=more,
    )  # fmt: skip


def found(who, **wanted):
    return [line.entry_id for line in acts_page(actor(who), Wanted(**wanted), "").lines]


def test_machines_act_by_the_name_that_the_school_gave_them(group):
    here, elsewhere = (
        MachineToken.objects.create(
            name=name, holder=holder, scopes=[], prefix="lck_x", sha256=digit * 64, made_by="x",
            expires_at=timezone.now(),
        )
        for name, holder, digit in (("教務系統", group.school.code, "a"), ("別校的系統", "999999", "b"))
    )  # fmt: skip
    for key in (here.pk, elsewhere.pk):
        AuditEntry.objects.create(
            actor_label=f"machine:{key}", school_id=group.school_id, action="roster.received",
            subject_type="rosters.rosterimport", subject_id="1", data={},
        )  # fmt: skip

    told = {line.who for line in acts_page(actor(group), Wanted(), "").lines}

    assert told == {"介接程式「教務系統」", f"系統（machine:{elsewhere.pk}）"}


def test_a_number_that_no_act_is_about_does_not_come_into_the_address(group, client):
    act(group)
    AuditEntry.objects.create(
        actor_label="person:9", school_id=PersonFactory().school_id, action="outcome.certified",
        subject_type="outcomes.outcome", subject_id="7", data={},
    )  # fmt: skip
    client.force_login(group.user)

    found = client.post(reverse("oversight:acts"), {"subject_id": "1"})
    refused = [client.post(reverse("oversight:acts"), {"subject_id": said}) for said in ("A123456789", "7")]

    assert found.headers["Location"] == f"{reverse('oversight:acts')}?subject_id=1"
    assert [answer.status_code for answer in refused] == [422, 422]


def test_acts_of_the_own_school_are_found_by_each_condition(group):
    teacher = PersonFactory(school=group.school)
    certified, written = act(teacher), act(group, "setting.changed")
    act(PersonFactory())

    assert found(group) == [written.pk, certified.pk]
    assert found(group, person_id=teacher.pk) == [certified.pk]
    assert found(group, action="setting.changed") == [written.pk]
    assert found(group, subject_type="outcomes.outcome", subject_id="2") == []
    today = timezone.localdate()
    assert found(group, since=today, until=today) == [written.pk, certified.pk]
    assert found(group, until=today - timedelta(days=1)) == []


def test_an_act_is_told_in_words(group):
    act(group, "setting.changed", name="cap")

    (line,) = acts_page(actor(group), Wanted(), "").lines

    assert line.who == f"{group.name}（{group.account}）"
    assert (line.what, line.subject, line.facts) == ("更改本校設定", "課程學習成果 1", ("name: cap",))


def test_every_act_is_on_exactly_one_page(group):
    made = [act(group).pk for _ in range(2 * PER_PAGE + 1)]

    seen, before = [], ""
    while True:
        page = acts_page(actor(group), Wanted(), before)
        seen += [line.entry_id for line in page.lines]
        if not page.older:
            break
        before = page.older.partition("before=")[2]

    assert seen == made[::-1]


@pytest.mark.parametrize("role", [Role.TEACHER, Role.REGISTRAR, Role.ADMINISTRATOR])
def test_others_are_refused(role):
    with pytest.raises(NotAllowed):
        acts_page(actor(PersonFactory(roles=[role])), Wanted(), "")


def test_everybody_sees_own_acts_only(group):
    student = PersonFactory(school=group.school, is_student=True)
    own = act(student)
    act(group)

    assert [line.entry_id for line in own_acts_page(actor(student), "").lines] == [own.pk]


def test_taking_acts_along_wants_a_fresh_proof_and_is_written_down(group):
    act(group, words="=cmd()")
    with pytest.raises(StepUpNeeded):
        export_acts(actor=actor(group), wanted=Wanted())

    text = export_acts(actor=fresh_actor(group), wanted=Wanted(action="outcome.certified"))

    _head, row = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    noted = AuditEntry.objects.get(action="audit.exported")
    assert noted.data == {"rows": 1, "asked": {"action": "outcome.certified"}}


def test_the_page_finds_by_account_without_an_account_in_the_address(group):
    teacher = PersonFactory(school=group.school)
    act(teacher)
    client = Client()
    client.force_login(group.user)

    answer = client.post(reverse("oversight:acts"), {"account": teacher.account})

    assert answer.url == f"{reverse('oversight:acts')}?person_id={teacher.pk}"
    assert teacher.account not in answer.url.removesuffix(str(teacher.pk))
    with CaptureQueriesContext(connection) as asked:
        page = client.get(answer.url)
    assert teacher.name in page.content.decode()
    assert len(asked) <= MOST_QUERIES
    refused = client.post(reverse("oversight:acts"), {"account": "nobody"})
    assert refused.status_code == 422


def test_an_account_of_another_school_is_nobody(group):
    there = PersonFactory(school=SchoolFactory())
    client = Client()
    client.force_login(group.user)

    assert client.post(reverse("oversight:acts"), {"account": there.account}).status_code == 422


def test_the_export_is_a_file(group):
    client = Client()
    client.force_login(group.user)

    answer = fresh(client).post(reverse("oversight:export"))

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_taking_acts_along_and_writing_to_a_class_are_counted(group):
    registrar, client = PersonFactory(school=group.school, roles=[Role.REGISTRAR]), Client()
    for who, action, name, args in (
        (group, "audit.export", "oversight:export", []),
        (registrar, "people.class_mail", "people:class_mail", [1]),
    ):
        spent = Limit(10**6, HOUR)
        for _time in range(120):
            consume(action=action, who=f"person:{who.pk}", limit=spent)
        client.force_login(who.user)

        assert client.post(reverse(name, args=args)).status_code == 429


@pytest.mark.parametrize("before", ["0", "x", "9" * 30, "-1"])
def test_a_place_that_does_not_exist_is_the_first_page(group, before):
    entry = act(group)

    page = acts_page(actor(group), Wanted(), before)

    assert ([line.entry_id for line in page.lines], page.is_first) == ([entry.pk], True)


def test_an_address_that_makes_no_sense_asks_for_nothing():
    said = {"person_id": "1 OR 1", "since": "yesterday", "action": "x" * 999}

    assert Wanted.from_query(said) == Wanted(action="x" * 60)


def test_the_ends_of_time_and_letters_that_no_word_has_can_be_asked_for(group):
    entry = act(group)
    said = {"since": "0001-01-01", "until": "9999-12-31", "action": "a\0b", "subject_id": "\0"}

    page = acts_page(actor(group), Wanted.from_query(said), "")

    assert [line.entry_id for line in page.lines] == [entry.pk]


def searched(client, **asked):
    client.get(reverse("oversight:acts"), asked)
    return list(
        AuditEntry.objects.filter(action="audit.searched").order_by("pk").values_list("data", flat=True)
    )


def test_a_search_for_a_person_is_written_down_once_and_paging_is_not(group):
    teacher, other = (PersonFactory(school=group.school) for _ in range(2))
    middle = [act(teacher).pk for _ in range(2 * PER_PAGE)][PER_PAGE]
    client = Client()
    client.force_login(group.user)
    named = {"person": str(teacher.pk)}

    assert searched(client) == searched(client, action="outcome.certified") == []
    assert searched(client, person_id=teacher.pk) == [named]
    assert searched(client, person_id=teacher.pk, before=middle) == [named]
    assert searched(client, person_id=other.pk, before=middle) == [named, {"person": str(other.pk)}]
    found = searched(client, subject_type="people.person", subject_id=teacher.pk)
    assert found[2:] == [{"of_person": str(teacher.pk)}]
    entry = AuditEntry.objects.filter(action="audit.searched").latest("pk")
    assert (entry.person_id, entry.subject_type) == (group.pk, "people.school")


def test_whoever_may_not_search_leaves_no_search_behind(group):
    client = Client()
    client.force_login(PersonFactory(school=group.school, roles=[Role.TEACHER]).user)

    assert searched(client, person_id=group.pk) == []
