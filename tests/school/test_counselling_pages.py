"""Pages of counselling: what each reader sees, what a form does without scripts, and how many queries it takes."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from licheng.school.counselling.models import Consultation, Manner
from licheng.school.counselling.states import ConsultationState as S
from licheng.school.people.models import Look, LookedAt, Role
from tests.factories import PersonFactory, StudentFactory
from tests.pages import faults_in
from tests.relations_world import grant, guardian
from tests.school.counselling_cases import as_, class_of, consultation, posted, school_with_counsellor

pytestmark = pytest.mark.django_db


@pytest.fixture
def met(settings):
    """A counsellor and two students of one class."""
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    return school_with_counsellor()


def url(name, row=None, *more):
    return reverse(f"counselling:{name}", args=[row.pk, *more] if row else [])


def text(answer):
    return answer.content.decode()


def looks():
    rows = Look.objects.filter(what=LookedAt.CONSULTATION)
    return set(rows.values_list("student_id", "viewer_id", "capacity"))


@pytest.mark.parametrize("count", [3, 300])
@pytest.mark.parametrize("page", ["list", "calendar"])
def test_lists_take_the_same_queries_however_long(met, page, count, django_assert_max_num_queries):
    counsellor, students = met
    rows = Consultation.objects.bulk_create(
        Consultation(
            school=counsellor.school, counsellor=counsellor, school_year=115, semester=1, topic=f"主題{number}",
            held_on=timezone.localdate(), place="諮詢室", manner=Manner.INDIVIDUAL, content="談", state=S.HELD,
        )
        for number in range(count)
    )  # fmt: skip
    named = Consultation.students.through
    named.objects.bulk_create(named(consultation=row, person=students[n % 2]) for n, row in enumerate(rows))
    client = as_(counsellor)

    with django_assert_max_num_queries(12):
        answer = client.get(url(page))

    assert answer.status_code == 200
    assert text(answer).count("主題") >= min(count, 30)


def test_a_form_without_scripts_lists_a_class_and_keeps_what_was_typed(met):
    counsellor, (first, second) = met
    (third,) = class_of(counsellor.school, 1)
    client, group = as_(counsellor), first.student.class_group_id

    listed = client.post(
        url("plan"), {**posted(third, topic="先打好的主題"), "class_id": group, "list_class": "1"}
    )
    whole = client.post(url("plan"), {**posted(), "class_id": group, "add_class": "1"})

    assert (listed.status_code, Consultation.objects.count()) == (200, 0)
    assert all(person.name in text(listed) for person in (first, second, third))
    assert 'value="先打好的主題"' in text(listed)
    assert ticked(listed) == {third.pk}
    assert ticked(whole) == {first.pk, second.pk}
    assert Look.objects.filter(what=LookedAt.CLASS_LIST, viewer=counsellor).count() == 3
    assert faults_in(text(listed)) == []


def ticked(answer):
    boxes = re.findall(r'<input type="checkbox" name="students" value="(\d+)"[^>]*checked', text(answer))
    return {int(value) for value in boxes}


def test_plan_hold_cancel_and_restore_by_their_buttons(met):
    counsellor, (student, _other) = met
    client = as_(counsellor)

    client.post(url("plan"), {**posted(student), "keep": "1"})
    row = Consultation.objects.get()
    cancelled = client.post(url("cancel", row), follow=True)
    restored = client.post(url("restore", row), follow=True)
    held = client.post(url("edit", row), {**posted(student, content="談過了"), "held": "1"}, follow=True)

    row.refresh_from_db()
    assert (row.state, row.content, list(row.students.all())) == (S.HELD, "談過了", [student])
    assert "已取消這次約定" in text(cancelled)
    assert "已恢復這次約定" in text(restored)
    assert held.redirect_chain == [(url("detail", row), 302)]


def test_unticking_a_student_takes_her_out_and_nobody_else(met):
    counsellor, (first, second) = met
    assigned = PersonFactory(school=counsellor.school)
    grant(assigned, Role.COUNSELLOR, students=[first.student, second.student])
    (left,) = class_of(counsellor.school, 1)
    row = consultation(assigned, first, second, left, state=S.PLANNED)

    as_(assigned).post(url("edit", row), {**posted(first), "manner": Manner.GROUP.value, "keep": "1"})
    none = as_(assigned).post(url("plan"), {**posted(), "keep": "1"})

    assert set(row.students.all()) == {first, left}
    assert (none.status_code, "請至少選一位學生" in text(none)) == (422, True)


def test_a_form_says_what_is_missing_and_keeps_nothing(met):
    counsellor, (student, _other) = met

    answer = as_(counsellor).post(url("plan"), {**posted(student, content=""), "held": "1"})

    assert (answer.status_code, Consultation.objects.count()) == (422, 0)
    assert "請填寫這一欄" in text(answer)


@pytest.mark.parametrize("value", ["9" * 30, "x", "-1", "１"])
def test_made_up_keys_are_refused_in_words(met, value):
    counsellor, _students = met

    answer = as_(counsellor).post(
        url("plan"), {**posted(), "students": [value], "class_id": value, "keep": "1"}
    )

    assert (answer.status_code, Consultation.objects.count()) == (422, 0)


def test_students_read_their_own_once_held_and_not_who_else_was_there(met):
    counsellor, (first, second) = met
    held = consultation(counsellor, first, second, content="<b>大家</b>一起談", topic='選課與升學"><b>x')
    planned = consultation(counsellor, first, state=S.PLANNED, topic="還沒談")
    client = as_(first)

    listed, shown = text(client.get(url("list"))), text(client.get(url("detail", held)))

    assert ("選課與升學" in listed, "還沒談" in listed) == (True, False)
    assert client.get(url("detail", planned)).status_code == 404
    assert ("&lt;b&gt;大家&lt;/b&gt;一起談" in shown, "<b>" in shown + listed) == (True, False)
    assert (first.name in shown, second.name in shown, "另有 1 位學生" in shown) == (True, False, True)
    assert client.get(url("edit", held)).status_code == 403
    assert as_(StudentFactory(school=first.school)).get(url("detail", held)).status_code == 404
    assert looks() == set()


def test_the_homeroom_teacher_reads_her_own_class_and_guardians_nothing(met):
    counsellor, (first, _second) = met
    homeroom = PersonFactory(school=first.school, roles=[Role.HOMEROOM])
    first.student.class_group.homeroom_teacher = homeroom
    first.student.class_group.save()
    (elsewhere,) = class_of(first.school, 1)
    row, hidden = consultation(counsellor, first, elsewhere), consultation(counsellor, elsewhere)
    client = as_(homeroom)

    shown = text(client.get(url("detail", row)))

    assert (first.name in shown, elsewhere.name in shown) == (True, False)
    assert client.get(url("detail", hidden)).status_code == 404
    assert looks() == {(first.pk, homeroom.pk, "homeroom")}
    assert as_(guardian(first)).get(url("detail", row)).status_code == 404


def test_the_registrar_reads_all_and_colleagues_none(met):
    counsellor, (first, second) = met
    row = consultation(counsellor, first, second)
    registrar = PersonFactory(school=first.school, roles=[Role.REGISTRAR])
    colleague = PersonFactory(school=first.school)
    grant(colleague, Role.COUNSELLOR, group=first.student.class_group)

    assert as_(registrar).get(url("detail", row)).status_code == 200
    assert as_(counsellor).get(url("detail", row)).status_code == 200
    assert as_(colleague).get(url("detail", row)).status_code == 404
    assert looks() == {
        (one.pk, who.pk, capacity)
        for one in (first, second)
        for who, capacity in ((registrar, "registrar"), (counsellor, "counsellor"))
    }


def test_who_may_read_a_group_is_told_without_the_names_of_students_out_of_sight(met):
    counsellor, (first, second) = met
    both = consultation(counsellor, first, second)

    own, all_of_it = (text(as_(reader).get(url("who", both))) for reader in (first, counsellor))

    known = [(counsellor.name in page, first.name in page, second.name in page) for page in (own, all_of_it)]
    assert known == [(True, True, False), (True, True, True)]
    assert ("不列姓名" in own, "不列姓名" in all_of_it) == (True, False)
    assert url("who", both) in text(as_(first).get(url("detail", both)))
    assert as_(guardian(first)).get(url("who", both)).status_code == 404


def test_the_month_holds_its_days_and_goes_to_its_neighbours(met):
    counsellor, (student, _other) = met
    today = timezone.localdate()
    consultation(counsellor, student, topic="眼前這次", state=S.PLANNED)
    consultation(counsellor, student, topic="明年的", held_on=today + timedelta(days=365), state=S.PLANNED)
    client = as_(counsellor)

    page = text(client.get(url("calendar")))
    other = text(client.get(url("calendar"), {"month": f"{today.year + 1}-{today.month:02d}"}))

    assert ("眼前這次" in page, "明年的" in page) == (True, False)
    assert ("眼前這次" in other, "明年的" in other) == (False, True)
    for odd in ("2026-13", "0000-01", "9999-12", "'", "2100-12", "2019-01"):
        assert client.get(url("calendar"), {"month": odd}).status_code == 200
    assert as_(student).get(url("calendar")).status_code == 403
    assert as_(student).get(url("ics")).status_code == 403


def test_the_calendar_file_says_when_and_where_and_names_nobody(met, settings):
    counsellor, (student, _other) = met
    settings.PUBLIC_URL = "https://portfolio.school.test"
    row = consultation(
        counsellor, student, state=S.PLANNED, topic="選課；A,B\\與\u3000\ue000\x07" + "很長" * 24, place="二樓\n諮詢室", content="祕密",
    )  # fmt: skip
    cancelled = consultation(counsellor, student, state=S.CANCELLED, starts_at=None)

    answer = as_(counsellor).get(url("ics"))

    said = answer.content
    lines = said.split(b"\r\n")
    whole = said.replace(b"\r\n ", b"").decode()
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert (lines[0], lines[-2:]) == (b"BEGIN:VCALENDAR", [b"END:VCALENDAR", b""])
    assert max(map(len, lines)) <= 75
    assert f"UID:{row.pk}@portfolio.school.test\r\n" in whole
    assert f"DTSTART:{row.held_on:%Y%m%d}T043000Z" in whole
    assert "選課；A\\,B\\\\與\u3000\ue000很長" in whole  # wide spaces and rare characters stay
    assert f"DTSTART;VALUE=DATE:{cancelled.held_on:%Y%m%d}" in whole
    assert "STATUS:CANCELLED" in whole
    assert (student.name in whole, student.account in whole, "祕密" in whole) == (False, False, False)
