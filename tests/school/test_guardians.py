"""Guardians: linked by a code from the student or the school, read-only, seen by the student, ended by any of them."""

import re
import threading

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.accounts.models import User
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor, allows
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, TooMany
from licheng.school.people.errors import AlreadyLinked, GuardianCodeRefused, TooManyGuardianCodes
from licheng.school.people.models import GuardianCode, GuardianLink, Look, Person, Role
from licheng.school.people.operations import (
    add_ward,
    end_guardian_link,
    make_class_guardian_codes,
    make_guardian_code,
    open_guardian_account,
    withdraw_guardian_code,
)
from licheng.school.people.permissions import SEE_PERSON
from tests.factories import ClassGroupFactory, PersonFactory, SchoolFactory, StudentFactory, actor
from tests.relations_world import guardian as linked
from tests.world import SchoolWorld, make_world

PASSWORD = "一句只有家長自己知道的話"
NOT_FOUND, REFUSED, FORBIDDEN = 404, 422, 403


@pytest.fixture
def here(db, settings):
    """A school with everybody whom a link concerns, and nothing else: quick to make."""
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    school = SchoolFactory()
    made = SchoolWorld(school)
    roles = (Role.TEACHER, Role.HOMEROOM, Role.REGISTRAR, Role.ADMINISTRATOR)
    made.cast |= {role.value: PersonFactory(school=school, roles=[role]) for role in roles}
    group = ClassGroupFactory(school=school, homeroom_teacher=made.cast["homeroom"])
    for name in ("owner", "classmate"):
        made.cast[name] = StudentFactory(school=school, profile__class_group=group)
    made.cast["linked_guardian"] = linked(made.cast["owner"])
    made.cast["other_guardian"] = linked(made.cast["classmate"])
    made.own["GuardianLink"] = GuardianLink.objects.get(guardian=made.cast["linked_guardian"])
    return made


@pytest.fixture
def full(db, settings):
    """A school with one of everything."""
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    return make_world().here


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


def code_for(student):
    GuardianCode.objects.filter(student=student).delete()
    return make_guardian_code(actor=actor(student), student_id=student.pk)


def joined(school, code, **more):
    given = {"relation": "母親", "name": "王媽媽", "email": "mother@example.tw", "password": PASSWORD}
    given |= {"address": "192.0.2.1"} | more
    return open_guardian_account(actor=Actor.system("guardian", school.pk), school=school, code=code, **given)


def test_a_code_opens_one_account_that_sees_the_student(here, django_capture_on_commit_callbacks):
    owner = here.cast["owner"]
    code = code_for(owner)

    guardian = joined(here.school, code)

    assert re.fullmatch("g[a-z2-9]{8}", guardian.account)
    assert (guardian.is_guardian, guardian.is_student) == (True, False)
    assert guardian.user.check_password(PASSWORD)
    link = GuardianLink.objects.get(guardian=guardian)
    assert (link.student_id, link.relation, link.ended_at) == (owner.pk, "母親", None)
    assert AuditEntry.objects.filter(action="guardian.linked", subject_id=str(link.pk)).count() == 1
    assert code not in str(list(GuardianCode.objects.values()))


def test_the_new_account_comes_by_letter_without_what_opens_it(here, django_capture_on_commit_callbacks):
    code = code_for(here.cast["owner"])

    with django_capture_on_commit_callbacks(execute=True):
        guardian = joined(here.school, code)
    with django_capture_on_commit_callbacks(execute=True):
        joined(here.school, code_for(here.cast["owner"]), email="")

    (letter,) = (one for one in mail.outbox if one.to != [here.cast["owner"].email])
    assert letter.to == ["mother@example.tw"]
    assert all(told in letter.body for told in (here.school.code, guardian.account, reverse("sign_in")))
    secrets = (PASSWORD, code, here.cast["owner"].name, here.cast["owner"].account, "王媽媽")
    assert [secret for secret in secrets if secret in letter.body + letter.subject] == []


@pytest.mark.parametrize("change", ["used", "withdrawn", "expired", "left", "wrong", "other school"])
def test_every_code_that_does_not_open_gets_one_answer(here, change):
    owner, school = here.cast["owner"], here.school
    code = code_for(owner)
    rows = GuardianCode.objects.filter(student=owner)
    now = timezone.now()
    if change == "used":
        joined(school, code)
    elif change == "withdrawn":
        withdraw_guardian_code(actor=actor(owner), code_id=rows.get().pk)
    elif change == "expired":
        rows.update(expires_at=now)
    elif change == "left":
        Person.objects.filter(pk=owner.pk).update(left_on=timezone.localdate())
    elif change == "wrong":
        code = code[:-1] + ("a" if code[-1] != "a" else "b")
    else:
        school = SchoolFactory()
    before = User.objects.count()

    with pytest.raises(GuardianCodeRefused):
        joined(school, code)

    assert User.objects.count() == before


def test_case_width_and_hyphens_of_a_code_do_not_matter(here):
    code = code_for(here.cast["owner"])

    assert joined(here.school, f" {code.upper().replace('-', ' ')} ").is_guardian


def test_a_refused_password_leaves_the_code_good(here):
    code = code_for(here.cast["owner"])

    with pytest.raises(Invalid):
        joined(here.school, code, password="short")

    assert joined(here.school, code).is_guardian


def test_many_addresses_together_cannot_guess_a_code_whose_beginning_is_known(here, full):
    code, other = code_for(here.cast["owner"]), code_for(here.cast["classmate"])
    for attempt in range(10):
        with pytest.raises(GuardianCodeRefused):
            joined(here.school, f"{code[:4]}-wrong-{attempt:04d}", address=f"192.0.2.{attempt}")

    with pytest.raises(TooMany):
        joined(here.school, code, address="198.51.100.1")
    assert joined(here.school, other, address="192.0.2.1").is_guardian
    with pytest.raises(GuardianCodeRefused):  # counted at that school alone
        joined(full.school, f"{code[:4]}-wrong-wrong", address="198.51.100.1")


def test_a_guardian_who_guesses_is_counted_wherever_she_is(here):
    guesser, code = actor(here.cast["linked_guardian"]), code_for(here.cast["classmate"])
    for attempt in range(10):
        with pytest.raises(GuardianCodeRefused):
            add_ward(actor=guesser, code=f"w{attempt:03d}", relation="母親", address=f"192.0.2.{attempt}")

    with pytest.raises(TooMany):
        add_ward(actor=guesser, code=code, relation="母親", address="198.51.100.1")


def test_wrong_codes_are_counted_by_address(here):
    code = code_for(here.cast["owner"])
    for attempt in range(30):
        with pytest.raises(GuardianCodeRefused):
            joined(here.school, f"w{attempt:03d}-wrong-wron-gwro")

    with pytest.raises(TooMany):
        joined(here.school, code)

    assert joined(here.school, code, address="192.0.2.2").is_guardian


def test_a_student_has_four_open_codes_at_most(here):
    student = StudentFactory(school=here.school)
    for _one in range(4):
        make_guardian_code(actor=actor(student), student_id=student.pk)

    with pytest.raises(TooManyGuardianCodes):
        make_guardian_code(actor=actor(student), student_id=student.pk)


@pytest.mark.parametrize("role", ["classmate", "teacher", "homeroom", "linked_guardian", "administrator"])
def test_only_the_student_and_the_registrar_make_codes(here, role):
    with pytest.raises((NotFound, NotAllowed)):
        make_guardian_code(actor=here.actor(role), student_id=here.cast["owner"].pk)


def test_the_registrar_finds_a_guardian_who_has_to_be_let_in_again(here):
    registrar, guardian = client_of(here.cast["registrar"]), here.cast["linked_guardian"]
    guardian.user.set_password(PASSWORD)
    guardian.user.save()
    address = reverse("people:student", args=[guardian.pk])

    links = registrar.get(reverse("people:guardians", args=[here.cast["owner"].pk])).content.decode()
    page = registrar.get(address).content.decode()

    assert f'href="{address}"' in links
    assert "家長" in page
    assert "教職員" not in page
    assert reverse("people:recover", args=[guardian.pk]) in page


def test_the_registrar_prints_codes_for_a_class(here):
    owner = here.cast["owner"]
    registrar = client_of(here.cast["registrar"])

    page = registrar.post(
        reverse("people:class_guardian_codes", args=[owner.student.class_group_id]), follow=True
    )

    codes = re.findall(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", page.content.decode())
    assert len(codes) == 2
    assert joined(here.school, codes[0]).is_guardian


def test_administrators_print_no_codes(here):
    with pytest.raises(NotAllowed):
        make_class_guardian_codes(
            actor=here.actor("administrator"), class_id=here.cast["owner"].student.class_group_id
        )


def test_a_guardian_adds_a_second_child_but_not_the_same_twice(here):
    owner, classmate = here.cast["owner"], here.cast["classmate"]
    guardian = joined(here.school, code_for(owner))
    again, second = code_for(owner), code_for(classmate)

    with pytest.raises(AlreadyLinked):
        add_ward(actor=actor(guardian), code=again, relation="母親", address="192.0.2.1")
    add_ward(actor=actor(guardian), code=second, relation="母親", address="192.0.2.1")

    assert set(guardian.wards.values_list("student", flat=True)) == {owner.pk, classmate.pk}
    with pytest.raises(NotAllowed):
        add_ward(actor=here.actor("teacher"), code=again, relation="母親", address="192.0.2.1")


@pytest.mark.parametrize("role", ["owner", "linked_guardian", "registrar"])
def test_each_side_ends_a_link_at_once(here, role):
    link, guardian = here.own["GuardianLink"], client_of(here.cast["linked_guardian"])
    ward = reverse("ward", args=[link.student_id])
    assert guardian.get(ward).status_code == 200

    ended = end_guardian_link(actor=here.actor(role), link_id=link.pk, reason="監護權改變")

    assert (ended.ended_by_id, bool(ended.ended_at)) == (here.cast[role].pk, True)
    assert guardian.get(ward).status_code == NOT_FOUND
    with pytest.raises(NotFound):
        end_guardian_link(actor=here.actor(role), link_id=link.pk, reason="監護權改變")


def test_the_school_says_why_it_ends_a_link(here):
    with pytest.raises(Invalid):
        end_guardian_link(actor=here.actor("registrar"), link_id=here.own["GuardianLink"].pk, reason=" ")


def test_a_link_shows_nothing_once_the_student_has_left(here):
    guardian, owner = here.actor("linked_guardian"), here.cast["owner"]
    assert allows(guardian, SEE_PERSON, owner)

    Person.objects.filter(pk=owner.pk).update(left_on=timezone.localdate())

    assert not allows(guardian, SEE_PERSON, owner)


@pytest.mark.parametrize("role", ["classmate", "teacher", "other_guardian", "administrator"])
def test_nobody_else_ends_a_link(here, role):
    with pytest.raises(NotFound):
        end_guardian_link(actor=here.actor(role), link_id=here.own["GuardianLink"].pk, reason="x")


def test_the_whole_way_on_pages(full, django_capture_on_commit_callbacks):
    owner = full.cast["owner"]
    GuardianCode.objects.all().delete()
    student, visitor = client_of(owner), Client()
    shown = student.post(reverse("people:guardian_code", args=[owner.pk]), follow=True).content.decode()
    code = re.search(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", shown)[0]
    assert code not in student.get(reverse("people:own_guardians")).content.decode()
    form = {"school": full.school.code, "code": code, "relation": "母親", "name": "王媽媽", "new": PASSWORD}
    form |= {"email": "mother@example.tw", "again": PASSWORD}

    wrong = visitor.post(reverse("guardian_join"), form | {"code": "zzzz"})
    answer = visitor.post(reverse("guardian_join"), form)

    guardian = Person.objects.get(name="王媽媽")
    assert (wrong.status_code, answer.status_code) == (REFUSED, 200)
    assert guardian.account in answer.content.decode()
    home = student.get(reverse("home")).content.decode()
    assert "王媽媽（母親）" in home
    client = client_of(guardian)
    assert owner.name in client.get(reverse("home")).content.decode()
    page = client.get(reverse("ward", args=[owner.pk]))
    assert "學生看得到您查閱的紀錄" in page.content.decode()
    seen = Look.objects.filter(viewer=guardian, student=owner)
    assert set(seen.values_list("capacity", flat=True)) == {"guardian"}
    assert {"person", "outcome", "activity", "selection", "receipt"} == set(
        seen.values_list("what", flat=True)
    )


def test_a_guardian_sees_nothing_that_is_a_draft_and_changes_nothing(full):
    client = client_of(full.cast["linked_guardian"])
    outcomes, activities = full.outcomes, full.activities

    page = client.get(reverse("ward", args=[full.cast["owner"].pk])).content.decode()

    assert str(outcomes["draft"].pk) not in page
    assert str(activities["draft"].pk) not in page
    assert str(outcomes["certified"].pk) in page
    for name, args in (
        ("outcomes:detail", [outcomes["draft"].pk]),
        ("activities:detail", [activities["draft"].pk]),
        ("people:student", [full.cast["other_student"].pk]),
        ("ward", [full.cast["other_student"].pk]),
        ("people:guardians", [full.cast["classmate"].pk]),
    ):
        assert client.get(reverse(name, args=args)).status_code == NOT_FOUND, name
    for name in ("outcomes:edit", "outcomes:delete", "outcomes:take_back", "outcomes:pass"):
        answer = client.post(reverse(name, args=[outcomes["waiting"].pk]), {"note": "x"})
        assert answer.status_code in {FORBIDDEN, NOT_FOUND, REFUSED}, name
    assert client.get(reverse("people:looks")).status_code in {FORBIDDEN, NOT_FOUND}


def test_a_page_of_a_ward_takes_few_queries(full, django_assert_max_num_queries):
    client = client_of(full.cast["linked_guardian"])
    client.get(reverse("home"))

    with django_assert_max_num_queries(12):
        client.get(reverse("ward", args=[full.cast["owner"].pk]))


def test_the_student_and_the_guardian_are_told(here, django_capture_on_commit_callbacks):
    from allauth.account.models import EmailAddress

    owner, guardian = here.cast["owner"], here.cast["linked_guardian"]
    for number, person in enumerate((owner, guardian)):
        EmailAddress.objects.create(
            user=person.user, email=f"p{number}@example.tw", verified=True, primary=True
        )

    with django_capture_on_commit_callbacks(execute=True):
        joined(here.school, code_for(owner))
    with django_capture_on_commit_callbacks(execute=True):
        end_guardian_link(actor=actor(owner), link_id=here.own["GuardianLink"].pk)

    addresses = ["p0@example.tw", "mother@example.tw", "p1@example.tw"]
    assert [letter.to for letter in mail.outbox] == [[address] for address in addresses]
    assert "王媽媽" not in mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_two_at_once_use_a_code_once(settings):
    owner = StudentFactory()
    code = make_guardian_code(actor=actor(owner), student_id=owner.pk)
    done = []

    def use(number):
        try:
            done.append(joined(owner.school, code, email=f"p{number}@example.tw").account)
        except GuardianCodeRefused:
            done.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=use, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done.count("refused") == 3
    assert GuardianLink.objects.filter(student=owner).count() == 1


@pytest.mark.parametrize(
    ("who", "name"), [("owner", "people:own_guardians"), ("owner", "home"), ("linked_guardian", "home")]
)
def test_what_a_guardian_is_to_a_student_is_said_in_the_reader_s_language(here, who, name):
    GuardianLink.objects.update(relation="監護人")
    client = client_of(here.cast[who])
    client.cookies["django_language"] = "en"

    page = client.get(reverse(name)).content.decode()

    assert ["Legal guardian" in page, "監護人" in page] == [True, False]
