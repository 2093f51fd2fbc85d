"""Loaded before anything reads settings (`-p tests.environment`): one PostgreSQL and one folder for the run."""

import os
import sys
import tempfile
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "packages" / "exchange" / "src")]

from licheng.embedded.postgres import EmbeddedPostgres  # noqa: E402 -- the line above makes it importable

# Browser tests run beside the others and have a cluster of their own, so that nobody stops the other's.
POSTGRES = EmbeddedPostgres(ROOT / "var" / "test" / os.environ.get("LICHENG_TEST_CLUSTER", "postgres"))
STARTED_HERE = "PYTEST_XDIST_WORKER" not in os.environ and not POSTGRES.is_running()
if STARTED_HERE:
    POSTGRES.start()
    # Nothing in this cluster outlives its run, so it need not outlive a power cut nor be tidied; sites and drills have their own.
    with psycopg.connect(POSTGRES.url("postgres"), autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum", "summarize_wal"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")

HOME = Path(tempfile.mkdtemp(prefix="licheng-test-"))
(HOME / "static").mkdir()
os.environ.update(
    LICHENG_SITE="all",
    LICHENG_EMBEDDED="1",
    LICHENG_HOME=str(HOME),
    LICHENG_SECRET_KEY="for-tests-only-0123456789-0123456789-0123456789-01234",
    DATABASE_URL=POSTGRES.url(os.environ.get("LICHENG_TEST_DB", "licheng_all")),
    DJANGO_SETTINGS_MODULE="licheng.config.settings",
    DJANGO_ALLOW_ASYNC_UNSAFE="1",  # the browser driver runs an event loop in the test's thread
)


def pytest_unconfigure() -> None:
    """Stop the PostgreSQL that this run started."""
    if STARTED_HERE and "LICHENG_KEEP_POSTGRES" not in os.environ:
        POSTGRES.stop()
