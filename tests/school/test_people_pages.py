"""Sign-in and the pages of people, as a browser asks for them."""

import re

import pytest
from django.urls import reverse

from licheng.foundations.accounts.models import User
from licheng.school.people.models import Person, Role
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "a long sentence of hers"


def with_password(person, *, first=False):
    person.user.set_password(PASSWORD)
    person.user.must_change_password = first
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
    factories.SchoolFactory(code="070406")
    assert 'value="070406"' in client.get(reverse("sign_in")).content.decode()
    factories.SchoolFactory(code="064308")

    assert 'value="070406"' not in client.get(reverse("sign_in")).content.decode()


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


def test_first_sign_in_leads_to_the_password_page_and_nowhere_else(client):
    person = with_password(factories.StudentFactory(), first=True)
    sign_in(client, person.school.code, person.account)
    mine = reverse("people:student", args=[person.pk])

    assert client.get(mine)["Location"] == reverse("password")
    page = client.get(reverse("password"))
    assert "請先設定自己的密碼" in page.content.decode()
    bad = client.post(reverse("password"), {"old": PASSWORD, "new": "short", "again": "short"})
    assert bad.status_code == 422
    good = client.post(
        reverse("password"), {"old": PASSWORD, "new": "now my own sentence", "again": "now my own sentence"}
    )
    assert good.status_code == 302
    assert client.get(mine).status_code == 200
    assert User.objects.get(pk=person.user_id).check_password("now my own sentence")


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

    with django_assert_max_num_queries(9) as asked:
        page = client.get(reverse("people:classes"))

    assert (page.status_code, len(asked)) == (200, 9)
    assert group.name in page.content.decode()


@pytest.mark.parametrize("size", [3, 300])
def test_class_page_asks_the_same_few_questions(client, office, django_assert_max_num_queries, size):
    group = factories.ClassGroupFactory(school=office.school)
    for _n in range(size):
        close(factories.StudentFactory(school=office.school, profile__class_group=group))

    with django_assert_max_num_queries(7) as asked:
        page = client.get(reverse("people:class_sheet", args=[group.pk]))

    assert (page.status_code, len(asked)) == (200, 7)
    assert f"的 {size} 位學生產生初始密碼" in page.content.decode()


def test_class_sheet_prints_one_card_for_each_student_once(client, office):
    group = factories.ClassGroupFactory(school=office.school, name="仁班")
    students = [factories.StudentFactory(school=office.school, profile__class_group=group) for _n in range(3)]
    close(*students)
    url = reverse("people:class_sheet", args=[group.pk])

    sheet = client.post(url)

    passwords = re.findall(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b", sheet.content.decode())
    assert (sheet.status_code, len(set(passwords))) == (200, 3)
    assert "no-store" in sheet["Cache-Control"]
    assert all(student.name in sheet.content.decode() for student in students)
    again = client.get(url).content.decode()
    assert not any(password in again for password in passwords)
    assert "其中 3 位先前發過" in again
    client.logout()
    assert sign_in(client, office.school.code, students[0].account, passwords[0]).status_code == 302


def test_class_sheet_without_anybody_waiting_says_so(client, office):
    group = factories.ClassGroupFactory(school=office.school)
    with_password(factories.StudentFactory(school=office.school, profile__class_group=group))

    answer = client.post(reverse("people:class_sheet", args=[group.pk]), follow=True)

    assert "沒有產生新的密碼" in answer.content.decode()


def test_person_page_masks_the_id_number_and_reissues_a_password(client, office):
    student = with_password(factories.StudentFactory(school=office.school))

    page = client.get(reverse("people:student", args=[student.pk])).content.decode()
    card = client.post(reverse("people:person_password", args=[student.pk]))

    assert student.student.id_number not in page
    assert f"A••••••{student.student.id_number[-3:]}" in page
    assert student.account in page
    assert card.status_code == 200
    assert f"{student.student.class_group.name}・{student.student.seat_no} 號" in card.content.decode()
    assert not User.objects.get(pk=student.user_id).check_password(PASSWORD)


def test_staff_page_names_roles(client, office):
    page = client.get(reverse("people:student", args=[office.pk])).content.decode()

    assert "註冊組" in page
    assert "重發初始密碼" in page


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
    assert client.post(reverse("people:class_sheet", args=[group.pk])).status_code == 404
    assert client.post(reverse("people:person_password", args=[student.pk])).status_code == 404


def test_strangers_are_sent_to_sign_in(client):
    for name in ("people:classes", "records:imports"):
        assert client.get(reverse(name))["Location"] == f"{reverse('sign_in')}?next={reverse(name)}"
