"""What a site in earnest refuses to be started with, each refusal by its own number."""

import pytest

from licheng.foundations.status.checks import set_up_in_earnest

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
