"""The course-plan platform's addresses, people and frame, and its world of two authorities."""

import pytest

from licheng.config.sites import SITES
from tests.courseplans.plans_world import make_plans_world


@pytest.fixture(autouse=True)
def courseplans_site(settings):
    settings.ROOT_URLCONF = "licheng.config.urls_courseplans"
    settings.ACTOR_OF = "licheng.courseplans.offices.actors.actor_of"
    settings.MAY_ENTER = "licheng.courseplans.offices.actors.may_enter"
    settings.NAVIGATION = "licheng.courseplans.navigation.navigation"
    settings.ENTER_SCHOOL = ""
    settings.OFFICE = SITES["courseplans"].office


@pytest.fixture
def world(db):
    return make_plans_world()
