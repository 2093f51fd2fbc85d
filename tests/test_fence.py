"""The second fence: as the application's role, rows of another school are not there, whoever forgets to filter."""

import contextlib
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import close_old_connections, connection, transaction
from django.db.utils import ProgrammingError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from psycopg import sql

from licheng.config.web import PeopleOnly
from licheng.foundations import fence
from licheng.foundations.fence import policies
from licheng.foundations.fence.building import WrongRole, build
from licheng.foundations.fence.policies import Unfenced, condition_of, fenced_tables
from licheng.school.people.models import ClassGroup, Person, School
from tests.addresses import addresses, keys_of
from tests.environment import POSTGRES
from tests.factories import PersonFactory, SchoolFactory
from tests.world import complete_school

SCHOOL_ADDRESSES = [
    one for one in addresses("licheng.config.urls_school") if not one.name.startswith("school-api:")
]
ROLE = "licheng_test_application"


def make_role():
    """The application's role of test databases; another run may be making it now."""
    there_already = (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation)
    with (
        psycopg.connect(POSTGRES.url("postgres"), autocommit=True) as line,
        contextlib.suppress(*there_already),
    ):
        line.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(ROLE)))


@contextlib.contextmanager
def as_application():
    """What the test asks meanwhile, it asks as the application, which stands nowhere."""
    make_role()
    build(ROLE)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(ROLE)))
    try:
        fence.leave()
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@pytest.fixture
def application(db):
    with as_application():
        yield


def schools_seen(model):
    return set(model.objects.values_list("school_id", flat=True))


def test_every_table_is_behind_the_fence_or_in_the_list(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relrowsecurity"
        )
        held = {name for (name,) in cursor.fetchall()}

    wanted = {fenced.table for fenced in fenced_tables()}
    keyed = {
        model._meta.db_table
        for model in apps.get_models()
        if any(
            field.name == "school" and field.related_model._meta.label == "people.School"
            for field in model._meta.fields
            if field.is_relation
        )
    }
    assert held == wanted
    assert keyed <= held


def test_a_table_that_nobody_decided_about_is_told(monkeypatch):
    monkeypatch.setattr(
        policies, "OPEN", {name: why for name, why in policies.OPEN.items() if name != "calendar"}
    )

    with pytest.raises(Unfenced, match=r"calendar\.Window"):
        fenced_tables()


def test_the_same_again_changes_nothing(db):
    assert build() == 0


def test_a_table_that_is_no_longer_read_by_all_is_behind_the_fence_whole(db, monkeypatch):
    monkeypatch.setattr(policies, "READ_BY_ALL", {})

    assert build() == 1

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_policy WHERE polname = 'school_fence_reading'")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("role", ["postgres", "licheng_nobody"])
def test_a_role_that_the_fence_does_not_hold_is_refused(db, role):
    with pytest.raises(WrongRole):
        build(role)


def test_nowhere_there_is_nothing(db):
    person = PersonFactory()

    with as_application():
        assert not Person.objects.exists()
        with fence.inside(person.school_id):
            assert Person.objects.get() == person
        assert not Person.objects.exists()
        with fence.everywhere():
            assert Person.objects.exists()


def test_a_query_without_a_school_finds_own_rows_only(db):
    here, there = PersonFactory(), PersonFactory()

    with as_application(), fence.inside(here.school_id):
        assert list(Person.objects.all()) == [here]
        assert Person.objects.filter(pk=there.pk).update(name="別校") == 0
        assert Person.objects.filter(pk=there.pk).delete()[0] == 0

    there.refresh_from_db()
    assert there.name != "別校"


def test_a_row_of_another_school_cannot_be_written(db):
    here, there = SchoolFactory(), SchoolFactory()
    own = ClassGroup.objects.create(school=here, school_year=115, grade=1, name="一班")

    with as_application(), fence.inside(here.pk):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            ClassGroup.objects.create(school=there, school_year=115, grade=1, name="一班")
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            ClassGroup.objects.filter(pk=own.pk).update(school=there)


def test_schools_are_read_by_everybody_and_written_by_themselves(db):
    here, there = SchoolFactory(), SchoolFactory()

    with as_application():
        assert School.objects.count() == 2
        assert School.objects.update(name="沒有人的") == 0
        with fence.inside(here.pk):
            assert School.objects.update(name="自己的") == 1
            assert School.objects.filter(pk=there.pk).delete()[0] == 0
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                School.objects.filter(pk=here.pk).update(id=there.pk + 1)


def test_the_setting_comes_back_after_an_error(db):
    person = PersonFactory()

    with as_application(), fence.inside(person.school_id):
        with pytest.raises(ZeroDivisionError), fence.everywhere():
            raise ZeroDivisionError
        assert schools_seen(Person) == {person.school_id}


def answers(client):
    """What every address answers to a GET, each by itself."""
    keys = keys_of(client.world, 0)
    found = {}
    for address in SCHOOL_ADDRESSES:
        for url in address.filled(keys)[:1]:
            with transaction.atomic():
                response = client.get(url)
                found[address.name] = response.status_code
                if response.streaming:
                    list(response.streaming_content)
                transaction.set_rollback(True)
    return found


# The sites of the browser's tests work as the application too; the walks of who is signed in are for make drills.
@pytest.mark.parametrize(
    "role",
    [pytest.param("owner", marks=pytest.mark.slow), pytest.param("registrar", marks=pytest.mark.slow), ""],
    ids=["owner", "registrar", "stranger"],
)
def test_pages_answer_as_the_application_as_they_do_without_a_fence(db, settings, role):
    """Every page, of somebody with own rows, of an office, and of a stranger: nothing is missing behind the fence."""
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    Path(settings.ARCHIVE_KEYS).write_text("", encoding="utf-8")
    client = Client(headers={"Accept": "application/json"})
    client.world = complete_school()
    if role:
        client.force_login(client.world.cast[role].user)
    without = answers(client)

    with as_application():
        fenced = answers(client)

    assert fenced == without


def test_a_view_that_forgets_to_filter_shows_own_rows_only(db, settings):
    here, there = PersonFactory(), PersonFactory()
    client = Client()
    client.force_login(here.user)
    request = RequestFactory().get("/")
    request.session, request.user = client.session, here.user

    def forgetful(_request):
        return HttpResponse(",".join(str(pk) for pk in Person.objects.values_list("pk", flat=True)))

    with as_application():
        answer = PeopleOnly(forgetful)(request)
        request.user = there.user
        other = PeopleOnly(forgetful)(request)
        request.user = AnonymousUser()
        stranger = PeopleOnly(forgetful)(request)

    assert answer.content.decode() == str(here.pk)
    assert other.content.decode() == str(there.pk)  # the same connection keeps nothing of the request before
    assert stranger.content == b""


def test_an_error_in_a_request_leaves_nothing_to_the_next(db):
    here = PersonFactory()
    request = RequestFactory().get("/")
    request.user = here.user

    def broken(_request):
        raise ZeroDivisionError

    with as_application():
        with pytest.raises(ZeroDivisionError):
            PeopleOnly(broken)(request)
        request.user = AnonymousUser()
        stranger = PeopleOnly(lambda _request: HttpResponse(str(Person.objects.count())))(request)

    assert stranger.content == b"0"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at_once", [fence.leave, lambda: fence.enter(1)])
def test_a_connection_that_died_between_two_requests_is_made_anew(at_once):
    school = SchoolFactory()
    close_old_connections()  # as the end of a request does
    with psycopg.connect(POSTGRES.url("postgres"), autocommit=True) as line:
        line.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])

    at_once()
    fence.enter(school.pk)

    assert School.objects.get().pk == school.pk


@pytest.mark.django_db(transaction=True)
def test_a_direct_connection_as_the_application_sees_one_school():
    """With committed rows in every table, past Django: psycopg, the application's role, nothing else."""
    here, there = complete_school(), complete_school()
    make_role()
    build(ROLE)
    url = POSTGRES.url(connection.settings_dict["NAME"]).replace("//postgres@", f"//{ROLE}@")
    keyed = [model._meta.db_table for model in apps.get_models() if condition_of(model) and has_school(model)]
    with psycopg.connect(url, autocommit=True) as line:
        for table in (fenced.table for fenced in fenced_tables() if not fenced.is_read_by_all):
            if table.startswith("audit_"):  # acts of no school belong to nobody
                continue
            count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            assert line.execute(count).fetchone() == (0,), table
        line.execute("SELECT set_config('licheng.school', %s, false)", [str(here.school.pk)])
        seen = set()
        for table in keyed:
            words = sql.SQL("SELECT DISTINCT school_id FROM {} WHERE school_id IS NOT NULL")
            rows = {school for (school,) in line.execute(words.format(sql.Identifier(table))).fetchall()}
            assert rows <= {here.school.pk}, table
            seen |= {table} if rows else set()
        assert len(seen) > 15  # tables in which something could have leaked
        held = (
            "INSERT INTO people_classgroup (school_id, school_year, grade, name) VALUES (%s, 115, 3, '九班')"
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            line.execute(held, [there.school.pk])
        added = "INSERT INTO audit_auditanchor (chain, sequence, at) VALUES (%s, 1, now())"
        line.execute(added, [here.school.pk])
        not_granted = ("DELETE FROM audit_auditentry", "UPDATE audit_audithead SET sequence = 1")
        of_anchors = ("UPDATE audit_auditanchor SET sequence = 9", "DELETE FROM audit_auditanchor")
        for refused in (*not_granted, *of_anchors, "TRUNCATE audit_auditanchor", "TRUNCATE people_person"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
                line.execute(refused)


def has_school(model):
    return any(field.column == "school_id" for field in model._meta.fields)
