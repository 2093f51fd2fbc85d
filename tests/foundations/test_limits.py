"""How often something may be asked: counted in one statement, per key, without naming anybody."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection
from django.test import Client

from licheng.foundations.errors import TooMany
from licheng.foundations.limits.models import Tally
from licheng.foundations.limits.operations import Limit, consume, forget, forget_past
from licheng.foundations.limits.queries import address_of, spent
from tests.factories import StudentFactory

THREE = Limit(3, 600)


def use(who="person:1", limit=THREE):
    return consume(action="test.act", who=who, limit=limit)


def test_the_fourth_of_three_is_refused_with_the_minutes_left(db):
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        assert [use() for _time in range(3)] == [1, 2, 3]
    with time_machine.travel("2026-11-20T10:04:10Z", tick=False), pytest.raises(TooMany) as refusal:
        use()

    assert refusal.value.data == {"wait": 6}


def test_a_new_window_starts_again_and_keys_are_apart(db):
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        for _time in range(3):
            use()
        assert use("person:2") == 1
    with time_machine.travel("2026-11-20T10:10:00Z", tick=False):
        assert spent(action="test.act", who="person:1") == 0
        assert use() == 1
        assert forget_past() == 1  # the other key's window is over


def test_a_success_forgets(db):
    use()
    assert spent(action="test.act", who="person:1") == 1

    forget(action="test.act", who="person:1")

    assert spent(action="test.act", who="person:1") == 0


def test_the_table_names_nobody(db):
    use("wang@school.example")

    assert Tally.objects.get().key != "wang@school.example"
    assert len(Tally.objects.get().key) == 64


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_both_counted():
    def once(_number):
        try:
            return use(limit=Limit(100, 600))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(once, range(20))) == list(range(1, 21))


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", "unknown"),
        ("x", "unknown"),
    ],
)
def test_an_address_is_known_by_its_network(rf, given, known):
    assert address_of(rf.get("/", REMOTE_ADDR=given)) == known


def test_a_costly_page_says_when_to_come_back(db, settings, monkeypatch):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    student = StudentFactory()
    client = Client()
    client.force_login(student.user)
    for _time in range(600):
        consume(action="uploads.start", who=f"person:{student.pk}", limit=Limit(600, 3600))

    response = client.post("/uploads/plain/", {})

    assert response.status_code == 429
    assert "分鐘再試" in response.content.decode()
