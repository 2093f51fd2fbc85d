"""What a site in earnest refuses to be started with, each refusal by its own number."""

import re
import subprocess
import sys

import pytest

from licheng.foundations.status.checks import set_up_in_earnest
from tests.codebase import ROOT
from tests.environment import POSTGRES

GOOD = {
    "EMBEDDED": False,
    "SITE": "school",
    "HTTPS": True,
    "ALLOWED_HOSTS": ["portfolio.example.tw"],
    "SECRET_KEY": "Zk3v9Qm1x7Rt5Yw2Lp8Nc4Hb6Jd0Fg_Sa-Ue9Io3Kr7Mz1Xv5Bq",
    "FILES_URL": "https://files.example-files.tw",
    "OWNER_DATABASE_URL": "postgresql://owner@db/licheng",
    "AS_OWNER": True,
    "BEHIND_PROXY": True,
    "OWN_TLS": False,
}


@pytest.fixture
def earnest(settings, tmp_path):
    for name, value in GOOD.items():
        setattr(settings, name, value)
    settings.KEYS_ROOT = tmp_path / "sealed"
    settings.KEYS_ROOT.mkdir(mode=0o700)
    return settings


def found():
    return [error.id for error in set_up_in_earnest()]


def test_a_good_set_up_is_let_through(earnest):
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("HTTPS", False, "site.E001"),
        ("ALLOWED_HOSTS", ["*"], "site.E002"),
        ("SECRET_KEY", "short", "site.E003"),
        ("SECRET_KEY", "a" * 60, "site.E003"),
        ("FILES_URL", "", "site.E004"),
        ("OWNER_DATABASE_URL", "", "site.E005"),
        ("BEHIND_PROXY", False, "site.E006"),
    ],
)
def test_each_weakness_is_refused_and_only_outside_the_trial(earnest, name, value, refusal):
    setattr(earnest, name, value)
    assert found() == [refusal]

    earnest.EMBEDDED = True
    assert found() == []


def test_keys_that_others_can_read_are_refused(earnest):
    earnest.KEYS_ROOT.chmod(0o750)

    assert found() == ["site.E007"]


def test_web_and_worker_start_without_knowing_the_owner_of_the_tables(earnest):
    earnest.OWNER_DATABASE_URL, earnest.AS_OWNER = "", False

    assert found() == []


@pytest.mark.slow
@pytest.mark.parametrize("site", ["school", "archive", "courseplans"])
def test_the_framework_s_own_check_for_earnest_finds_nothing_but_one_device(tmp_path, site):
    (tmp_path / "keys").chmod(0o700)
    said = {
        "LICHENG_SITE": site,
        "LICHENG_HOME": str(tmp_path),
        "LICHENG_PUBLIC_URL": "https://portfolio.example.tw",
        "LICHENG_HOSTS": "portfolio.example.tw",
        "LICHENG_FILES_URL": GOOD["FILES_URL"],
        "LICHENG_SECRET_KEY": GOOD["SECRET_KEY"],
        "LICHENG_MAIL": "smtps://user:password@mail.example.tw:465",
        "DATABASE_URL": POSTGRES.url("postgres"),  # a check asks which PostgreSQL it is
        "LICHENG_OWNER_DATABASE_URL": POSTGRES.url("postgres"),
        "LICHENG_AS_OWNER": "1",
        "LICHENG_BEHIND_PROXY": "1",
    }
    asked = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    done = subprocess.run(asked, cwd=ROOT, env=said, capture_output=True, text=True, check=False)

    told = done.stdout + done.stderr
    assert "System check identified" in told, told
    assert set(re.findall(r"\((\w+\.\w\d+)\)", told)) <= {"custody.E002", "custody.E003"}, told
