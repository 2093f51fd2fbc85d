"""The archive's addresses, people and frame, and one registered school."""

import pytest

from tests.archive.packages import SCHOOL_CODE, SCHOOL_KEY, depositor_with


@pytest.fixture(autouse=True)
def archive_site(settings, places):
    settings.STATIC_ROOT = places / "static"
    settings.STATIC_ROOT.mkdir()
    settings.ROOT_URLCONF = "licheng.config.urls_archive"
    settings.ACTOR_OF = "licheng.archive.intake.actors.actor_of"
    settings.MAY_ENTER = "licheng.archive.intake.actors.may_enter"
    settings.NAVIGATION = "licheng.archive.navigation.navigation"


@pytest.fixture
def registration(db):
    from licheng.archive.intake.operations import register_school
    from licheng.foundations.authz import Actor

    return register_school(
        actor=Actor.system("test"), code=SCHOOL_CODE, name="示範高中", keys=f"{SCHOOL_KEY.vkey}\n"
    )


@pytest.fixture
def depositor(registration):
    return depositor_with(registration.token)


@pytest.fixture
def operator(db, client):
    """A signed-in operator; gives the client."""
    from licheng.archive.intake.operations import add_operator
    from licheng.foundations.authz import Actor

    user, _code = add_operator(actor=Actor.system("test"), account="op1", name="李操作")
    client.force_login(user)
    return client
