"""Every address of the platform with an id, as every officer, with rows of a school that is not theirs: 404."""

import pytest
from django.test import Client

from licheng.courseplans.plans.models import Correction
from licheng.courseplans.plans.states import PlanState
from tests.addresses import addresses
from tests.courseplans.plans_world import courses
from tests.test_tenancy import PUBLIC, bare, leaks, reached_by_strangers

pytestmark = pytest.mark.django_db

SITE = "licheng.config.urls_courseplans"
API = "plans-api:"
PAGES = [one for one in addresses(SITE) if not one.name.startswith(API)]
OWN_ACCOUNT = {"factor_id", "device_id"}  # tests/test_tenancy.py asks for another's
WITH_ID = [one for one in PAGES if one.has_id and not OWN_ACCOUNT.intersection(one.parameters)]
# `home` shows the search to strangers; everything of `publishing` is public.
PUBLIC_HERE = PUBLIC | {"home"} | {one.name for one in PAGES if one.name.startswith("publishing:")}
NOBODY_OF_PLANS = ("near_editor", "near_reviewer", "far_editor", "far_reviewer", "far_authority", "operator")


def rows_of(plan):
    made = courses(plan, 2)
    correction = Correction.objects.create(plan=plan, old_code="1" * 23, new_code="2" * 23, reason="改名")
    return {
        "plan_id": [plan.pk],
        "group_id": [made[0].group_id],
        "course_id": [made[0].pk],
        "correction_id": [correction.pk],
        "officer_id": [0],
    }


def signed_in(world, who):
    client = Client(headers={"Accept": "application/json"})
    client.force_login(world.officers[who].user)
    return client


@pytest.mark.parametrize("who", NOBODY_OF_PLANS)
def test_plans_of_another_school_are_not_there(world, monkeypatch, who):
    monkeypatch.setattr("licheng.config.web._plain", bare)
    rows = rows_of(world.plan(PlanState.AT_AUTHORITY))

    assert leaks(signed_in(world, who), WITH_ID, rows) == []


def test_the_authority_sees_nothing_of_a_draft(world, monkeypatch):
    monkeypatch.setattr("licheng.config.web._plain", bare)

    assert leaks(signed_in(world, "authority"), WITH_ID, rows_of(world.plan())) == []


def test_a_leak_would_be_found(world):
    rows = rows_of(world.plan())
    pages = [one for one in WITH_ID if one.name == "plans:plan"]

    assert leaks(signed_in(world, "editor"), pages, rows) != []


def test_a_row_of_another_plan_of_ones_own_is_not_there_under_this_one(world, monkeypatch):
    monkeypatch.setattr("licheng.config.web._plain", bare)
    here, other = rows_of(world.plan()), rows_of(world.plan(year=116))
    mixed = here | {name: other[name] for name in ("group_id", "course_id", "correction_id")}
    inner = [one for one in WITH_ID if len(one.parameters) > 1]

    assert leaks(signed_in(world, "editor"), inner, mixed) == []


def test_strangers_reach_public_addresses_only(world):
    plan = world.plan(PlanState.FILED)
    rows = rows_of(plan) | {"factor_id": [1], "device_id": [1], "token": ["A" * 43], "download": ["txt"]}
    rows |= {"school_code": [plan.plan_school.code], "entry_year": [115], "group_code": ["H111010"]}
    rows |= {"course_code": [plan.courses.first().code]}

    assert reached_by_strangers(PAGES, rows) == PUBLIC_HERE
