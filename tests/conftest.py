"""Real PostgreSQL, real files and keys in a folder of the run; only clocks, mail and other sites are faked."""

import shutil

import pytest


@pytest.fixture(scope="session")
def keys_of_the_run(tmp_path_factory):
    """Keys as `licheng_keys` makes them, made once; every test gets a copy that is its own to change."""
    from django.test import override_settings

    from licheng.foundations import keys

    folder = tmp_path_factory.mktemp("keys")
    with override_settings(KEYS_ROOT=folder):
        keys.make_keys("test.licheng.invalid/ledger")
    return folder


@pytest.fixture(autouse=True, scope="session")
def quick_and_plain():
    """Passwords hashed at no cost, pages without collected files, no room held back: the same for every test."""
    from django.conf import settings
    from django.test import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        RESERVE_BYTES=0,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES={**settings.STORAGES, "staticfiles": plain},
    ):
        yield


@pytest.fixture(autouse=True)
def places(tmp_path, keys_of_the_run):
    """Copies, ledger and keys of their own for every test; of these settings Django need not be told.

    They are no test's to undo, as those of its `monkeypatch` would be.
    """
    from django.conf import settings
    from django.core.cache import cache
    from django.utils import translation

    from licheng.foundations import keys

    translation.activate(settings.LANGUAGE_CODE)  # a page in English leaves its language to the next test

    with pytest.MonkeyPatch.context() as patched:
        for name, place in places_in(tmp_path).items():
            patched.setattr(settings, name, place)
        keys._content.cache_clear()
        cache.clear()
        shutil.copytree(keys_of_the_run, settings.KEYS_ROOT)
        yield tmp_path


def places_in(home):
    """The settings that name a place, below one folder."""
    return {
        "HOME": home,
        "MAIL_ROOT": home / "mail",
        "COPY_ROOTS": (home / "copy-a", home / "copy-b"),
        "COPY_AGENTS": home / "keys" / "agents",
        "WITNESS_ROOT": home / "witness",
        "UPLOADS_ROOT": home / "uploads",
        "DERIVED_ROOT": home / "derived",
        "LEDGER_ROOT": home / "ledger",
        "PACKAGES_ROOT": home / "packages",
        "KEYS_ROOT": home / "keys",
        "ARCHIVE_KEYS": home / "keys" / "archive-keys.txt",
        "ARCHIVE_TOKENS": home / "keys" / "archive-tokens",
    }


def pytest_collection_modifyitems(items):
    """Tests on file systems of their own are for root; the Makefile leaves them out for others and says so."""
    for item in items:
        if {"disks", "small_disk"}.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("mounts")


# What migrating fills by itself: it stands as migrating left it.
FILLED_BY_MIGRATING = {"auth_permission", "django_content_type", "django_migrations"}


def emptied():
    """Empty every table that holds a row, past triggers and keys: most hold none, so that this takes milliseconds."""
    from django.db import connection, transaction

    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    tables = sorted(tables - FILLED_BY_MIGRATING)
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})"  # noqa: S608 -- our own tables' names
        for table in tables
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(asked)
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 -- as above


LEAVING_MILLISECONDS = 10_000


def end_other_sessions():
    """End what still holds the run's database, such as servers of processes that tests killed: it is dropped next."""
    from django.db import connection

    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_terminate_backend(pid, {LEAVING_MILLISECONDS}) FROM pg_stat_activity WHERE {others}"  # noqa: S608 -- constants
        )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests that commit are followed by `emptied`, which the audit's tables refuse in real life."""
    from django.test import TransactionTestCase

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: emptied())
        yield
    with django_db_blocker.unblock():
        end_other_sessions()


@pytest.fixture(autouse=True, scope="session")
def people_of_tests_are_signed_in_fully():
    """Who is put into a session by `force_login` has settled e-mail and second factor there; nobody is fresh by it.

    Such a login has no address: real sign-ins, also those of tests, have one and owe what everybody owes.
    """
    from django.contrib.auth.signals import user_logged_in

    from licheng.foundations.accounts import factors, gate

    def settle(request, user, **_more):
        if not request.path:
            gate.begin(request, user)
            factors.mark(request, user, "shown")
            request.session[gate.EMAIL_SETTLED] = True

    user_logged_in.connect(settle, weak=False)
    yield
    user_logged_in.disconnect(settle)
