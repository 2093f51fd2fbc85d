"""A site in the drill's own process: settings, keys, folders and a fresh database of the shared cluster."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import django
import psycopg
from psycopg import sql

from licheng.embedded.postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[3]
NAME = os.environ.get("LICHENG_TEST_DB", "drill")

# A set-up that is not the embedded one, as strong as the checks want it.
SERVED = {
    "LICHENG_EMBEDDED": "0",
    "LICHENG_BEHIND_PROXY": "1",
    "LICHENG_PUBLIC_URL": "https://drill.licheng.invalid",
    "LICHENG_FILES_URL": "https://files.drill.licheng.invalid",
    "LICHENG_SECRET_KEY": "for-drills-only-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
}


def settings_of(home, database_url, copies=None, **more):
    """The environment of a site's process."""
    roots = copies or [home / "copy-a", home / "copy-b"]
    return {
        "DJANGO_SETTINGS_MODULE": "licheng.config.settings",
        "LICHENG_SITE": "all",
        "LICHENG_EMBEDDED": "1",
        "LICHENG_HOME": str(home),
        "LICHENG_SECRET_KEY": "for-drills-only-0123456789-0123456789-0123456789",
        "LICHENG_COPIES": ",".join(str(root) for root in roots),
        "LICHENG_RESERVE_MB": "0",
        "DATABASE_URL": database_url,
        **{name: str(value) for name, value in more.items()},
    }


def migrated(cluster, name):
    """A database of a running cluster with every table; its address."""
    cluster.ensure_database(name)
    home = cluster.root / f"home-{name}"
    home.mkdir(exist_ok=True)
    environment = {**os.environ, **settings_of(home, cluster.url(name))}
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0", "--skip-checks"]
    subprocess.run(command, check=True, env=environment)
    return cluster.url(name)


def fresh_database(ground, name):
    """A database of the run's shared cluster, copied from one that was migrated once; its address."""
    cluster = EmbeddedPostgres(ground.folder.parent / "postgres")
    cluster.start()
    template = f"{NAME}_template"
    with _maintenance(cluster) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone()
    if known is None:
        migrated(cluster, template)
    copied = f"{NAME}_{ground.folder.name}_{name}"
    with _maintenance(cluster) as connection:
        words = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(words.format(sql.Identifier(copied), sql.Identifier(template)))
    return cluster.url(copied)


def _maintenance(cluster):
    folder = quote(str(cluster.socket_folder), safe="")
    return psycopg.connect(f"postgresql://postgres@/postgres?host={folder}", autocommit=True)


def open_site(ground, *, copies=None, home=None, database_url=None, **more):
    """Make this process a site with keys of its own; its home folder."""
    home = home or ground.folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    environment = settings_of(home, database_url or fresh_database(ground, "site"), copies, **more)
    os.environ.update(environment)
    become_site()
    return home


def become_site():
    """Load the site that the environment describes, with its keys."""
    django.setup()
    importlib.import_module("licheng.foundations.keys").make_keys("drill.licheng.invalid/ledger")


def manage(*words, environment=None):
    """Run a command of this process's site, or another, as an operator would: (exit code, what it printed)."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, **(environment or {})}
    )
    sys.stderr.write(done.stderr[-2000:])
    return done.returncode, done.stdout
