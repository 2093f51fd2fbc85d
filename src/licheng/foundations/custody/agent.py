"""`licheng copy-agent`: one copy of the files on a host of its own, over HTTP. It needs no Django.

It hashes what it stored itself and signs what it says. Putting and reading is one right, removing is another,
so that whoever takes over the web server cannot delete. Source: reliability report §6.2, step 4.
"""

import argparse
import base64
import ctypes
import json
import os
import secrets
import signal
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from granian import Granian
from granian.constants import Interfaces

from licheng.foundations.custody.answering import Agent
from licheng.foundations.custody.folder import FolderCopy
from licheng.foundations.custody.signed import private_key
from licheng.foundations.durable import write_durably

PLACES = "LICHENG_COPY_AGENT"  # handed from the command to the serving process, not a setting
THREADS = 8  # own bound: puts and readings at the same time
LIMIT_MB = 512  # own bound: the largest file of a site may be smaller
PARENT_DEATH = 1  # PR_SET_PDEATHSIG; Source: prctl(2)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the agent takes."""
    parser.add_argument("--root", type=Path, help="the folder of the copy, on a file system of its own")
    parser.add_argument("--host", default="127.0.0.1", help="the address it listens on")
    parser.add_argument("--port", type=int, default=8300)
    parser.add_argument("--name", default="b", help="the copy's name on the site: a, b, …")
    parser.add_argument("--key", type=Path, help="file with its signing key")
    parser.add_argument("--token", type=Path, help="file with the token for putting and reading")
    parser.add_argument(
        "--removal-token", type=Path, help="file with the token for removing; without it nobody can"
    )
    parser.add_argument("--limit-mb", type=int, default=LIMIT_MB, help="the largest file")
    parser.add_argument("--certificate", type=Path, help="TLS certificate chain (PEM)")
    parser.add_argument("--certificate-key", type=Path, help="its key (PEM)")
    parser.add_argument(
        "--make-keys", type=Path, metavar="DIR", help="make key and tokens in this folder, and stop"
    )


def run(options: argparse.Namespace) -> int:
    """Serve until stopped, or make keys; 0 when all went well."""
    if options.make_keys:
        make_keys(options.make_keys, options.name)
        return 0
    missing = [name for name in ("root", "key", "token") if getattr(options, name) is None]
    if missing:
        sys.stderr.write(f"copy-agent needs --{', --'.join(missing)} (or --make-keys DIR)\n")
        return 2
    kept = ("root", "name", "key", "token", "removal_token", "limit_mb")
    os.environ[PLACES] = json.dumps({name: getattr(options, name) for name in kept}, default=_absolute)
    application()  # a key or token that cannot be read is said now, not at the first question
    Granian(
        f"{__name__}:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        ssl_cert=options.certificate,
        ssl_key=options.certificate_key,
        factory=True,
    ).serve()
    return 0


def application() -> Agent:
    """The agent as its command described it; it does not outlive the command."""
    places = json.loads(os.environ[PLACES])
    if os.getppid() != 1:
        ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGKILL)
    removal = places["removal_token"]
    return Agent(
        copy=FolderCopy(places["name"], Path(places["root"])),
        key=private_key(Path(places["key"])),
        token=_token(Path(places["token"])),
        removal_token=_token(Path(removal)) if removal else None,
        limit_bytes=places["limit_mb"] * 2**20,
    )


def make_keys(folder: Path, name: str) -> None:
    """Make what agent and site share, once: NAME.key stays with the agent, the others go to the site too.

    Raises FileExistsError rather than replacing a key.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Ed25519PrivateKey.generate()
    made = {
        f"{name}.key": base64.b64encode(key.private_bytes_raw()),
        f"{name}.pub": base64.b64encode(key.public_key().public_bytes_raw()),
        f"{name}.token": secrets.token_urlsafe(32).encode(),
        f"{name}.removal-token": secrets.token_urlsafe(32).encode(),
    }
    if there := [file for file in made if (folder / file).exists()]:
        raise FileExistsError(f"{folder} holds {', '.join(there)} already")
    for file, content in made.items():
        write_durably(folder / file, content + b"\n")
        (folder / file).chmod(0o600)


def _token(path: Path) -> str:
    token = path.read_text(encoding="ascii").strip()
    if not token:
        raise ValueError(f"{path} holds no token")
    return token


def _absolute(path: Path) -> str:
    return str(path.resolve())
