"""A site whose second copy is behind an agent, and how it reaches that agent."""

import hashlib
import io
import subprocess

import pytest

from licheng.foundations.custody import witness
from licheng.foundations.custody.copies import copies, good_path, put_everywhere
from licheng.foundations.custody.folder import FolderCopy
from licheng.foundations.custody.remote import AgentCopy
from licheng.foundations.custody.volumes import VolumeIdentity
from tests.foundations.agents import RunningAgent

DATA = "學習歷程".encode() * 50_000
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def alone(tmp_path):
    """An agent of one test, which may be killed."""
    agent = RunningAgent(tmp_path / "far" / "copy", tmp_path / "far" / "keys")
    FolderCopy("b", agent.root).set_identity(VolumeIdentity.new().opened_again())
    agent.start()
    yield agent
    agent.kill()


@pytest.fixture
def site(alone, settings):
    """A site whose second copy is on another host."""
    settings.COPY_ROOTS = (settings.COPY_ROOTS[0], alone.url)
    settings.COPY_AGENTS = alone.keys
    FolderCopy("a", settings.COPY_ROOTS[0]).set_identity(VolumeIdentity.new().opened_again())
    for copy in copies():
        witness.remember(copy.name, copy.identity(), boot=witness.boot_now())
    return alone


def test_a_file_is_kept_here_and_there_and_read_from_there_when_here_fails(site, settings):
    said = put_everywhere(io.BytesIO(DATA), SHA)
    assert [one.epoch for one in said] == [1, 1]
    copies()[0].path(SHA).unlink()

    path = good_path(SHA)

    assert path.read_bytes() == DATA
    assert path.parent == settings.UPLOADS_ROOT
    inode = path.stat().st_ino
    assert good_path(SHA).stat().st_ino == inode  # fetched once
    path.chmod(0o600)
    path.write_bytes(b"rotten")
    assert good_path(SHA).read_bytes() == DATA


def test_nothing_is_acknowledged_while_the_other_host_is_away(site):
    site.kill()

    with pytest.raises(OSError, match="does not answer"):
        put_everywhere(io.BytesIO(DATA), SHA)


@pytest.mark.django_db
def test_the_guard_opens_and_closes_a_site_with_an_agent(site):
    from django.core.management import CommandError, call_command

    from licheng.foundations.custody.guard import NotOpened, require_open
    from licheng.foundations.custody.operations import note_kept

    call_command("guard", "--adopt-new-volume", "a", "--adopt-new-volume", "b", stdout=io.StringIO())
    note_kept(sha256=SHA, size_bytes=len(DATA), stored=put_everywhere(io.BytesIO(DATA), SHA))
    call_command("guard", stdout=io.StringIO())
    require_open()
    FolderCopy("b", site.root).remove(SHA)

    with pytest.raises(CommandError) as closed:
        call_command("guard", stdout=io.StringIO())
    assert closed.value.returncode == 3
    with pytest.raises(NotOpened):
        require_open()
    site.kill()
    with pytest.raises(CommandError) as closed:
        call_command("guard", stdout=io.StringIO())
    assert closed.value.returncode == 3


def test_an_agent_elsewhere_speaks_tls_and_only_its_pinned_authority_is_believed(tmp_path):
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-subj", "/CN=copy", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run([*made, "-out", chain, "-keyout", key], check=True, capture_output=True)
    subprocess.run(
        ["openssl", "pkcs8", "-topk8", "-nocrypt", "-in", key, "-out", tmp_path / "key8.pem"], check=True
    )
    agent = RunningAgent(
        tmp_path / "copy", tmp_path / "far", certificate=chain, certificate_key=tmp_path / "key8.pem"
    ).start()
    try:
        copy = AgentCopy("b", agent.url, agent.keys)
        with pytest.raises(OSError, match="does not answer"):
            copy.put(io.BytesIO(DATA), SHA)
        (agent.keys / "b.ca").write_bytes(chain.read_bytes())
        stored = copy.put(io.BytesIO(DATA), SHA)
    finally:
        agent.kill()

    assert stored.sha256 == SHA
