"""Nobody believes a copy agent that cannot prove itself, or that signs what is not so."""

import base64
import hashlib
import io
import json
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licheng.foundations.custody.agent import make_keys
from licheng.foundations.custody.remote import AgentCopy
from licheng.foundations.custody.signed import SIGNATURE_HEADER, private_key, seal_answer
from licheng.foundations.custody.volumes import Stored, VolumeIdentity
from tests.foundations.agents import LyingAgent

DATA = "學習歷程".encode() * 50_000
SHA = hashlib.sha256(DATA).hexdigest()
NOBODYS = hashlib.sha256(b"nobody has this").hexdigest()


def put(copy, data=DATA):
    return copy.put(io.BytesIO(data), hashlib.sha256(data).hexdigest())


@pytest.fixture
def keys(tmp_path):
    """The keys of an agent that somebody else has taken over, or stands in for."""
    make_keys(tmp_path / "keys", "b")
    return tmp_path / "keys"


VOLUME = VolumeIdentity(uuid.uuid4(), 3, "")
HONEST = {
    "operation": "put",
    "sha256": SHA,
    "size": len(DATA),
    "volume": str(VOLUME.uuid),
    "epoch": 3,
    "name": "b",
}


def says(key, **changed):
    """An agent that signs whatever it is told to say."""

    def answer(_method, _path, headers, _body):
        said = {"nonce": headers["Licheng-Nonce"], **HONEST, **changed}
        body, signature = seal_answer(key, {name: value for name, value in said.items() if value is not None})
        return 201, {SIGNATURE_HEADER: signature}, body

    return LyingAgent(answer)


def test_the_truth_is_believed(keys):
    with says(private_key(keys / "b.key")) as agent:
        assert put(AgentCopy("b", agent.url, keys, VOLUME)) == Stored(SHA, len(DATA), VOLUME.uuid, 3)


@pytest.mark.parametrize(
    "lie",
    [
        {"sha256": NOBODYS},
        {"sha256": None},
        {"size": len(DATA) - 1},
        {"size": "many"},
        {"volume": "00000000-0000-4000-8000-000000000001"},
        {"volume": "somewhere"},
        {"volume": None},
        {"epoch": 2},
        {"epoch": 4},
        {"epoch": None},
        {"operation": "check"},
        {"name": "c"},
        {"nonce": "0" * 32},
        {"nonce": None},
    ],
    ids=str,
)
def test_a_signed_lie_is_no_acknowledgement(keys, lie):
    with says(private_key(keys / "b.key"), **lie) as agent, pytest.raises(OSError, match="copy"):
        put(AgentCopy("b", agent.url, keys, VOLUME))


def test_another_key_is_not_believed(keys):
    with (
        says(Ed25519PrivateKey.generate()) as agent,
        pytest.raises(OSError, match="not signed by its pinned key"),
    ):
        put(AgentCopy("b", agent.url, keys, VOLUME))


def test_an_old_answer_played_again_is_not_believed(keys):
    heard = []
    key = private_key(keys / "b.key")

    def answer(_method, _path, headers, _body):
        if not heard:
            heard.append(seal_answer(key, {"nonce": headers["Licheng-Nonce"], **HONEST}))
        body, signature = heard[0]
        return 201, {SIGNATURE_HEADER: signature}, body

    with LyingAgent(answer) as agent:
        copy = AgentCopy("b", agent.url, keys, VOLUME)
        assert put(copy).sha256 == SHA
        with pytest.raises(OSError, match="another question"):
            put(copy)


@pytest.mark.parametrize(
    "answer",
    [
        (201, {}, json.dumps(HONEST).encode()),
        (201, {SIGNATURE_HEADER: "not base64!"}, json.dumps(HONEST).encode()),
        (201, {SIGNATURE_HEADER: base64.b64encode(b"0" * 64).decode()}, json.dumps(HONEST).encode()),
        (200, {}, b"<html>a proxy speaks</html>"),
        (404, {}, b"<html>not found</html>"),
        (204, {}, b""),
    ],
)
@pytest.mark.parametrize("use", [put, lambda copy: copy.state(SHA), lambda copy: copy.identity()])
def test_what_is_not_signed_is_never_an_answer(keys, answer, use):
    with LyingAgent(lambda *_asked: answer) as agent, pytest.raises(OSError, match="copy agent") as refused:
        use(AgentCopy("b", agent.url, keys, VOLUME))
    assert not isinstance(refused.value, FileNotFoundError)


def test_a_404_of_somebody_else_is_not_a_missing_file(keys):
    answer = (404, {}, b"<html>not found</html>")
    with LyingAgent(lambda *_asked: answer) as agent, pytest.raises(OSError, match="copy agent") as refused:
        AgentCopy("b", agent.url, keys, VOLUME).open(SHA)
    assert not isinstance(refused.value, FileNotFoundError)


def test_a_list_that_is_cut_short_is_no_list(keys):
    answer = (200, {}, f"{SHA}\n".encode())
    with LyingAgent(lambda *_asked: answer) as agent, pytest.raises(OSError, match="cut short"):
        list(AgentCopy("b", agent.url, keys, VOLUME).hashes())


def test_without_its_token_or_pinned_key_an_agent_is_not_asked_or_believed(keys):
    with says(private_key(keys / "b.key")) as agent:
        copy = AgentCopy("b", agent.url, keys, VOLUME)
        (keys / "b.pub").unlink()
        with pytest.raises(PermissionError):
            put(copy)
        (keys / "b.token").unlink()
        with pytest.raises(PermissionError):
            copy.open(SHA)
