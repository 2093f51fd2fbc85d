"""The examples under deploy/ are for the sites there are, name settings that are read, and agree about ports."""

import os
import re
import subprocess
import sys

import pytest

from licheng.config.sites import SITES
from licheng.embedded.sites import PREFERRED_PORTS
from tests import codebase
from tests.codebase import ROOT, SRC

DEPLOY = ROOT / "deploy"
OF_THE_WEB_SERVER = {"GRANIAN_PORT", "GRANIAN_WORKERS"}
WHAT_IS_WRONG = """
import django; django.setup()
from licheng.foundations.status.checks import set_up_in_earnest
print([error.id for error in set_up_in_earnest()])
"""


def said_in(name):
    lines = (DEPLOY / "env" / f"{name}.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def settings_that_are_read():
    names = codebase.settings_read((SRC / "config" / "settings.py").read_text())
    return {*names, *(f"{name}_FILE" for name in names)}


@pytest.mark.parametrize("site", SITES)
def test_every_site_has_an_example_of_settings_that_are_read(site):
    said = said_in(site)

    assert said["LICHENG_SITE"] == site
    assert said["GRANIAN_PORT"] == str(PREFERRED_PORTS[site])
    assert set(said) - settings_that_are_read() == OF_THE_WEB_SERVER
    assert "LICHENG_OWNER_DATABASE_URL" not in said  # web and worker need not know it


def test_the_owner_stands_in_a_file_of_its_own():
    assert set(said_in("owner")) == {"LICHENG_OWNER_DATABASE_URL"}


def test_the_proxy_leads_every_address_to_its_site():
    text = (DEPLOY / "nginx" / "licheng.conf").read_text()
    led = dict(re.findall(r"^    (\S+\.\S+)\s+(\d+);$", text, re.MULTILINE))
    wanted = {}
    for site in SITES:
        said = said_in(site)
        for name in ("LICHENG_PUBLIC_URL", "LICHENG_FILES_URL"):
            if name in said:
                wanted[said[name].removeprefix("https://")] = said["GRANIAN_PORT"]

    assert led == wanted
    for names in re.findall(r"server_name ([^;]+);", text):
        assert set(names.split()) == set(wanted)


def test_the_proxy_writes_no_address_down():
    """Links to a new password and threads of the help desk open by their address alone."""
    servers = (DEPLOY / "nginx" / "licheng.conf").read_text().split("\nserver {")[1:]

    assert [re.findall(r"access_log\s+([^;]+);", text) for text in servers] == [["off"], ["off"]]
    assert [re.findall(r"error_log\s+\S+\s+(\w+);", text) for text in servers] == [["crit"], ["crit"]]


def test_units_belong_to_no_single_site():
    units = {path.name: path.read_text() for path in (DEPLOY / "systemd").iterdir()}

    assert {name.partition("@")[0] for name in units} == {
        f"licheng-{one}" for one in ("guard", "web", "worker", "backup", "restore-drill")
    }
    for name, text in units.items():
        assert "@." in name
        assert "%i" in text
        assert not re.search(r"\b(school|archive|courseplans)\.env", text)


@pytest.mark.slow
@pytest.mark.parametrize("site", SITES)
def test_the_examples_start_in_earnest(site, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("Zk3v9Qm1x7Rt5Yw2Lp8Nc4Hb6Jd0Fg_Sa-Ue9Io3Kr7Mz1Xv5Bq")
    own = {"LICHENG_HOME": str(tmp_path), "LICHENG_SECRET_KEY_FILE": str(secret)}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    paths = {"PYTHONPATH": os.pathsep.join(sys.path), "DJANGO_SETTINGS_MODULE": "licheng.config.settings"}

    done = subprocess.run(
        [sys.executable, "-c", WHAT_IS_WRONG],
        env={**kept, **paths, **said_in(site), **own},
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.strip() == "[]"
