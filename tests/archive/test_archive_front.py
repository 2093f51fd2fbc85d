"""What strangers find at the archive's address, and that whoever was signed out is still sent to sign in."""

import pytest
from django.test import Client


@pytest.fixture
def archive(db, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_archive"
    settings.ACTOR_OF = "licheng.archive.intake.actors.actor_of"
    settings.NAVIGATION = "licheng.archive.navigation.navigation"
    settings.ENTER_SCHOOL = ""
    return Client()


def test_strangers_are_told_what_this_is_in_no_query(archive, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = archive.get("/")

    assert answer.status_code == 200
    assert "學生、老師和學校不在這裡登入" in answer.content.decode()


def test_a_board_that_asks_for_itself_after_signing_out_goes_to_sign_in(archive):
    answer = archive.get("/", headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"].startswith("/sign-in/")
