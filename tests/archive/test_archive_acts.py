"""The archive's audit as its operators read it: whose acts, by which name, and that looking is written down."""

import pytest
from django.urls import reverse

from licheng.archive.intake.models import RegisteredSchool
from licheng.archive.intake.operations import search_acts
from licheng.foundations.accounts.models import User
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.audit.queries import PER_PAGE, Wanted
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from tests.archive.packages import SCHOOL_CODE

pytestmark = pytest.mark.django_db


def act(label, key, action="deposit.announced", **where):
    return AuditEntry.objects.create(
        actor_label=label,
        person_id=key,
        action=action,
        subject_type="intake.deposit",
        subject_id="d1",
        **where,
    )


def shown(operator, **asked):
    answer = operator.get(reverse("acts"), asked)
    return answer, answer.content.decode()


def test_operator_and_school_with_the_same_key_are_told_apart(
    operator, registration, django_assert_max_num_queries
):
    user = User.objects.get(login="op1")
    school = RegisteredSchool.objects.get(code=SCHOOL_CODE)
    RegisteredSchool.objects.filter(pk=school.pk).update(id=user.pk)
    act(f"operator:{user.pk}", user.pk, "operator.added")
    act(f"school:{SCHOOL_CODE}", user.pk)
    act("operator:999", 999, school_id=1)  # an act of a school site is none of the archive's

    with django_assert_max_num_queries(12):
        _answer, everything = shown(operator)
    _answer, of_operator = shown(operator, label=f"operator:{user.pk}")
    _answer, of_school = shown(operator, label=f"school:{SCHOOL_CODE}")

    assert "李操作（op1）" in everything
    assert "operator:999" not in everything
    assert ("deposit" in of_operator, "示範高中</td>" in of_operator) == (True, False)
    assert f"{SCHOOL_CODE} 示範高中</td>" in of_school
    assert "李操作（op1）</td>" not in of_school
    searched = (
        AuditEntry.objects.filter(action="audit.searched").order_by("pk").values_list("data", flat=True)
    )
    assert list(searched) == [{"label": f"operator:{user.pk}"}, {"label": f"school:{SCHOOL_CODE}"}]


def test_pages_go_on_by_key_and_keep_what_is_looked_for(operator):
    made = [act("clock:custody", None).pk for _ in range(PER_PAGE + 1)]

    _answer, first = shown(operator, action="deposit.announced")
    _answer, second = shown(operator, action="deposit.announced", before=str(made[1]))

    assert f"?action=deposit.announced&amp;before={made[1]}" in first
    assert (first.count("系統（clock:custody）"), second.count("系統（clock:custody）")) == (PER_PAGE, 1)


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "2026-02-30"},
        {"label": "operator:1 OR 1"},
        {"since": "2026-03-01", "until": "2026-02-01"},
        {"subject_id": "A123456789"},
    ],
)
def test_what_makes_no_sense_is_said_in_the_form(operator, asked):
    assert operator.post(reverse("acts"), asked).status_code == 422


def test_what_is_looked_for_is_posted_and_numbers_without_acts_stay_out_of_the_address(operator):
    made = act("operator:1", 1)

    found = operator.post(reverse("acts"), {"label": "", "subject_id": " d1 ", "action": made.action})
    of_nobody = operator.post(reverse("acts"), {"subject_id": "A123456789"})

    assert found.headers["Location"] == f"{reverse('acts')}?action={made.action}&subject_id=d1"
    assert of_nobody.status_code == 422
    assert "不是姓名、學號或身分證號" in of_nobody.content.decode()


def test_a_key_alone_looks_for_nobody(operator):
    """Who acted is looked for by label, which is written down."""
    act("operator:999", 999)

    _answer, page = shown(operator, person_id="999")

    assert "operator:999" in page
    assert not AuditEntry.objects.filter(action="audit.searched").exists()


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "٣"])
def test_a_place_that_does_not_exist_is_the_first_page(operator, before):
    assert shown(operator, before=before)[0].status_code == 200


def test_a_schools_system_is_told_that_there_is_nothing(registration):
    school = RegisteredSchool.objects.get(code=SCHOOL_CODE)

    with pytest.raises(NotFound):
        search_acts(
            actor=Actor(school.pk, None, f"school:{SCHOOL_CODE}", frozenset({"depositor"})),
            wanted=Wanted(),
            before="",
        )


def test_strangers_are_sent_to_sign_in(client, db):
    assert client.get(reverse("acts")).status_code == 302
