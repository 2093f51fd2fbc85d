"""Sign-in and the pages of people, as a browser asks for them."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.accounts.models import User
from licheng.school.people.models import Person, Role, RoleGrant
from licheng.school.people.queries.accounts import person_page
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "a long sentence of hers"


def with_password(person):
    person.user.set_password(PASSWORD)
    person.user.save()
    return person


def sign_in(client, school, account, password=PASSWORD, **more):
    return client.post(
        reverse("sign_in"), {"school": school, "account": account, "password": password, **more}
    )


def close(*people):
    """Accounts as a roster opens them."""
    for person in people:
        person.user.set_unusable_password()
        person.user.save()


@pytest.fixture
def office(client):
    person = factories.PersonFactory(account="office", roles=[Role.REGISTRAR])
    client.force_login(person.user)
    return person


def test_sign_in_page_offers_schools_and_help(client):
    factories.SchoolFactory(code="070406", name="國立彰化高商")

    page = client.get(reverse("sign_in"))

    assert page.status_code == 200
    for text in ("070406 國立彰化高商", "不能登入", "註冊組", "不會用電話"):
        assert text in page.content.decode()


def test_sign_in_page_of_a_single_school_need_not_ask_which(client):
    school = factories.SchoolFactory(code="070406")
    named = f'value="070406 {school.name}"'
    alone = client.get(reverse("sign_in")).content.decode()
    factories.SchoolFactory(code="064308")
    among_others = client.get(reverse("sign_in")).content.decode()

    assert (alone.count(named), among_others.count(named)) == (2, 1)  # the field, and what the list offers


@pytest.mark.parametrize("named", ["{code}", "{name}", "{code} {name}"])
def test_sign_in_by_school_account_and_password(client, named):
    person = with_password(factories.StudentFactory())
    other = with_password(factories.StudentFactory(account=person.account))
    school = named.format(code=person.school.code, name=person.school.name)

    answer = sign_in(client, school, person.account, next=reverse("people:student", args=[person.pk]))

    assert (answer.status_code, answer["Location"]) == (302, reverse("people:student", args=[person.pk]))
    assert int(client.session["_auth_user_id"]) == person.user_id != other.user_id


@pytest.mark.parametrize(
    "change",
    [{"school": "999999"}, {"account": "nobody"}, {"password": "wrong"}, {"school": ""}, {"account": ""}],
)
def test_sign_in_says_what_is_wrong(client, change):
    person = with_password(factories.StudentFactory())

    answer = sign_in(
        client, **{"school": person.school.code, "account": person.account, "password": PASSWORD, **change}
    )

    assert answer.status_code == 422
    assert "還不能送出" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_sign_in_does_not_follow_other_sites(client):
    person = with_password(factories.StudentFactory())

    answer = sign_in(client, person.school.code, person.account, next="https://elsewhere.invalid/")

    assert answer["Location"] == reverse("home")


def test_somebody_who_left_sees_the_form_again(client):
    person = with_password(factories.StudentFactory())
    client.force_login(person.user)
    assert client.get(reverse("sign_in")).status_code == 302
    Person.objects.filter(pk=person.pk).update(left_on="2026-06-30")

    assert client.get(reverse("people:student", args=[person.pk])).status_code == 302
    assert client.get(reverse("sign_in")).status_code == 200


@pytest.mark.parametrize("size", [3, 300])
def test_classes_page_asks_the_same_few_questions(client, office, django_assert_max_num_queries, size):
    for _n in range(size):
        factories.PersonFactory(school=office.school, roles=[Role.TEACHER])
        group = factories.ClassGroupFactory(school=office.school, homeroom_teacher=office)
    factories.StudentFactory(school=office.school, profile__class_group=group)

    with django_assert_max_num_queries(8) as asked:
        page = client.get(reverse("people:classes"))

    assert (page.status_code, len(asked)) == (200, 8)
    assert group.name in page.content.decode()


@pytest.mark.parametrize("size", [3, 300])
def test_class_page_asks_the_same_few_questions(client, office, django_assert_max_num_queries, size):
    group = factories.ClassGroupFactory(school=office.school)
    for _n in range(size):
        close(factories.StudentFactory(school=office.school, profile__class_group=group))

    with django_assert_max_num_queries(8) as asked:
        page = client.get(reverse("people:class_sheet", args=[group.pk]))

    assert (page.status_code, len(asked)) == (200, 8)
    assert f"的 {size} 位學生產生啟用碼" in page.content.decode()


CODE = re.compile(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b")
NEW = "河邊有三隻白鷺鷥在散步呢"


def enrol(client, person, code, new=NEW, **more):
    sent = {"school": person.school.code, "account": person.account, "code": code, "new": new, "again": new}
    return client.post(reverse("enrol"), {**sent, **more})


def test_class_sheet_prints_one_card_for_each_student_once(client, office):
    group = factories.ClassGroupFactory(school=office.school, name="仁班")
    students = [factories.StudentFactory(school=office.school, profile__class_group=group) for _n in range(3)]
    close(*students)
    url = reverse("people:class_sheet", args=[group.pk])

    sheet = client.post(reverse("people:class_codes", args=[group.pk]), follow=True)

    text = sheet.content.decode()
    codes = CODE.findall(text)
    assert (sheet.status_code, len(set(codes))) == (200, 3)
    assert "no-store" in sheet["Cache-Control"]
    assert all(student.name in text for student in students)
    assert text.count('<img src="data:image/svg+xml') == 3
    assert "style=" not in text
    again = client.get(url).content.decode()
    assert not any(code in again for code in codes)
    assert "其中 3 位先前發過" in again
    client.logout()
    ordered = sorted(students, key=lambda student: (student.student.seat_no, student.account))
    assert enrol(client, ordered[0], codes[0]).status_code == 302


def test_enrolment_sets_a_password_and_signs_in(client, office):
    student = factories.StudentFactory(school=office.school)
    close(student)
    code = CODE.findall(
        client.post(reverse("people:person_code", args=[student.pk]), follow=True).content.decode()
    )[0]
    client.logout()

    page = client.get(reverse("enrol"), {"school": student.school.code}).content.decode()
    refused = enrol(client, student, code, f"{student.account} and a whale")
    short = enrol(client, student, code, "short")
    different = enrol(client, student, code, again="something else entirely")
    good = enrol(client, student, code)
    replay = enrol(Client(), student, code)

    assert "至少 12 個字元" in page
    assert page.count(f'value="{student.school.code} {student.school.name}"') == 2  # the field, and the list
    assert [answer.status_code for answer in (refused, short, different, good, replay)] == [
        422,
        422,
        422,
        302,
        422,
    ]
    assert "不能含有學校代碼、帳號或姓名" in refused.content.decode()
    assert NEW not in different.content.decode()
    assert int(client.session["_auth_user_id"]) == student.user_id
    assert good["Location"] == reverse("home")
    assert User.objects.get(pk=student.user_id).check_password(NEW)


def test_enrolment_has_one_answer_for_whatever_is_wrong(client, office):
    student = factories.StudentFactory(school=office.school)
    close(student)
    client.logout()

    answers = [
        enrol(client, student, "abcd-abcd-abcd-abcd"),
        enrol(client, student, "abcd-abcd-abcd-abcd", account="nobody"),
    ]
    for _n in range(5):
        last = enrol(client, student, "abcd-abcd-abcd-abcd")

    told = {
        re.sub(r"\s+", " ", re.search('(?s)role="alert".*?</ul>', answer.content.decode())[0])
        for answer in answers
    }
    assert len(told) == 1
    assert [answer.status_code for answer in (*answers, last)] == [422, 422, 429]
    assert "_auth_user_id" not in client.session


def test_enrolment_at_the_archive_asks_for_no_school(client, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_archive"
    settings.ACTOR_OF = "licheng.archive.intake.actors.actor_of"
    settings.NAVIGATION = "licheng.archive.navigation.navigation"

    page = client.get(reverse("enrol")).content.decode()

    assert 'name="school"' not in page
    assert 'name="code"' in page


def test_class_sheet_without_anybody_waiting_says_so(client, office):
    group = factories.ClassGroupFactory(school=office.school)
    with_password(factories.StudentFactory(school=office.school, profile__class_group=group))

    answer = client.post(reverse("people:class_codes", args=[group.pk]), follow=True)

    assert "沒有產生新的啟用碼" in answer.content.decode()


def test_letters_are_listed_before_they_are_sent(client, office):
    group = factories.ClassGroupFactory(school=office.school)
    students = [factories.StudentFactory(school=office.school, profile__class_group=group) for _n in range(2)]
    close(*students)
    Person.objects.filter(pk=students[0].pk).update(email="her@example.tw")
    url = reverse("people:class_mail", args=[group.pk])

    page = client.get(url).content.decode()
    shown = re.search('name="shown" value="([0-9a-f]{64})"', page)[1]
    stale = client.post(url, {"shown": "0" * 64})
    sent = client.post(url, {"shown": shown}, follow=True)

    assert "會寄給這 1 位" in page
    assert "沒有電子郵件的 1 位" in page
    assert stale.status_code == 409
    assert "寄出 1 封啟用碼" in sent.content.decode()
    assert [letter.to for letter in mail.outbox] == [["her@example.tw"]]
    assert f"/enrol/?school={office.school.code}" in mail.outbox[0].body


def test_person_page_masks_the_id_number(client, office):
    student = with_password(factories.StudentFactory(school=office.school))

    page = client.get(reverse("people:student", args=[student.pk])).content.decode()

    assert student.student.id_number not in page
    assert f"A••••••{student.student.id_number[-3:]}" in page
    assert student.account in page
    assert "發啟用碼" not in page
    assert "確認身分，重新啟用" in page


def test_letting_somebody_in_again_asks_first_and_shows_the_code_once(client, office):
    student = with_password(factories.StudentFactory(school=office.school))
    url = reverse("people:recover", args=[student.pk])

    early = client.get(url)
    factories.fresh(client)
    page = client.get(url)
    empty = client.post(url, {})
    done = client.post(url, {"check": "student-card", "detail": "", "reason": "手機遺失"}, follow=True)
    withdrawn = client.post(reverse("people:withdraw_code", args=[student.pk]), follow=True)

    assert early.status_code in {302, 403}
    assert (page.status_code, empty.status_code, done.status_code) == (200, 422, 200)
    [code] = CODE.findall(done.content.decode())
    assert "no-store" in done["Cache-Control"]
    assert "啟用碼已作廢" in withdrawn.content.decode()
    client.logout()
    assert enrol(client, student, code).status_code == 422
    assert User.objects.get(pk=student.user_id).check_password(PASSWORD)


def test_staff_page_names_roles(client, office):
    colleague = factories.PersonFactory(school=office.school, roles=[Role.TEACHER])
    close(colleague)

    mine = client.get(reverse("people:student", args=[office.pk])).content.decode()
    page = client.get(reverse("people:student", args=[colleague.pk])).content.decode()

    assert "註冊組" in mine
    assert "產生啟用碼" not in mine
    assert "產生啟用碼" in page


def test_roles_that_begin_later_or_are_over_are_not_told_as_held(office):
    day, colleague = timezone.localdate(), factories.PersonFactory(school=office.school)
    for role, first, last in ((Role.CURRICULUM, 1, 2), (Role.TEACHER, -2, -1), (Role.DATA_QUERY, 0, 0)):
        RoleGrant.objects.create(
            school=office.school, person=colleague, role=role,
            since=day + timedelta(days=first), until=day + timedelta(days=last),
        )  # fmt: skip

    assert person_page(factories.actor(office), colleague.pk).roles == [Role.DATA_QUERY.label]


@pytest.mark.parametrize(
    ("role", "classes", "sheet", "person"),
    [
        (Role.REGISTRAR, 200, 200, 200),
        (Role.ADMINISTRATOR, 200, 200, 200),
        (Role.RECEIPT_OFFICER, 403, 403, 200),
        (Role.TEACHER, 403, 403, 404),
        (None, 403, 403, 404),
    ],
)
def test_who_sees_what(client, role, classes, sheet, person):
    group = factories.ClassGroupFactory()
    student = factories.StudentFactory(school=group.school, profile__class_group=group)
    asker = (
        factories.PersonFactory(school=group.school, roles=[role])
        if role
        else factories.StudentFactory(school=group.school)
    )
    client.force_login(asker.user)

    assert client.get(reverse("people:classes")).status_code == classes
    assert client.get(reverse("people:class_sheet", args=[group.pk])).status_code == sheet
    assert client.get(reverse("people:student", args=[student.pk])).status_code == person


def test_other_schools_pages_are_not_there(client, office):
    group = factories.ClassGroupFactory()
    student = factories.StudentFactory(school=group.school, profile__class_group=group)

    for name, key in (("class_sheet", group.pk), ("student", student.pk)):
        assert client.get(reverse(f"people:{name}", args=[key])).status_code == 404
    for method in (client.get, client.post):
        assert method(reverse("people:class_codes", args=[group.pk])).status_code == 404
    for name in ("person_code", "withdraw_code", "recover"):
        assert client.post(reverse(f"people:{name}", args=[student.pk])).status_code == 404
    assert client.get(reverse("people:class_mail", args=[group.pk])).status_code == 404


def test_strangers_are_sent_to_sign_in(client):
    for name in ("people:classes", "rosters:imports"):
        assert client.get(reverse(name))["Location"] == f"{reverse('sign_in')}?next={reverse(name)}"


def test_a_recovery_stands_on_its_owners_home_for_a_day(client, office):
    student = with_password(factories.StudentFactory(school=office.school))
    factories.fresh(client)
    seen = {"check": "student-card", "detail": "", "reason": "手機遺失"}
    card = client.post(reverse("people:recover", args=[student.pk]), seen, follow=True)
    owner = Client()
    enrol(owner, student, CODE.findall(card.content.decode())[0])
    student.user.refresh_from_db()
    owner.force_login(student.user)
    told = "用重新啟用的啟用碼設定了新密碼"

    now = owner.get(reverse("home")).content.decode()
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        owner.force_login(student.user)
        later = owner.get(reverse("home")).content.decode()

    assert (told in now, told in later) == (True, False)
    assert told not in client.get(reverse("home")).content.decode()
