"""The keys of every site in one sealed file that stands apart from the backup and opens with a passphrase."""

import getpass
import io
import os
import secrets
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from licheng_exchange import NotCanonical, canonical, parse_canonical

from licheng.backup.place import BackupFailed
from licheng.foundations.durable import write_durably

MAGIC = b"licheng-keys-1\n"
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**17, 8, 1  # 128 MB and about half a second for every guess (RFC 7914)
SHORTEST_PASSPHRASE = 12  # own bound, as for people's passwords
LARGEST_FILE_BYTES = 64 << 20


def add_passphrase_option(parser: object) -> None:
    """The option that both sides take; without it the passphrase is asked for on the terminal."""
    parser.add_argument(  # type: ignore[attr-defined]
        "--passphrase-file", type=Path, help="file whose first line opens the keys; else you are asked"
    )


def passphrase_from(file: Path | None, *, twice: bool) -> str:
    """The passphrase from a file's first line, or typed.

    Raises BackupFailed when it is too short, differs the second time, or nobody can be asked.
    """
    if file is not None:
        try:
            said = file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as failure:
            raise BackupFailed(
                f"通關密語檔讀不到：{failure}。 The passphrase file cannot be read."
            ) from failure
    elif not sys.stdin.isatty():
        raise BackupFailed("請給 --passphrase-file。 Give --passphrase-file.")
    else:
        said = getpass.getpass("金鑰的通關密語 Passphrase for the keys: ")
        if twice and getpass.getpass("再輸入一次 Again: ") != said:
            raise BackupFailed("兩次輸入不同。 The two differ.")
    if len(said) < SHORTEST_PASSPHRASE:
        raise BackupFailed(f"通關密語至少 {SHORTEST_PASSPHRASE} 個字。 The passphrase is too short.")
    return said


def refuse_inside(keys_to: Path, place: Path) -> None:
    """Raise BackupFailed when the keys would stand with what they open."""
    keys, kept = keys_to.resolve(), place.resolve()
    if keys == kept or kept in keys.parents or keys in kept.parents:
        raise BackupFailed(
            "金鑰不能和備份放在一起，請換一個資料夾。 Keys must not stand in the backup's folder."
        )


def seal_keys(folders: Mapping[str, Path], path: Path, passphrase: str) -> None:
    """Write the key folders, by site name, into one sealed file, durably; links are followed.

    Raises BackupFailed when a site has no key or all are more than can be opened again, OSError when the
    device fails.
    """
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", dereference=True) as tar:
        for name, folder in sorted(folders.items()):
            tar.add(folder, arcname=name)
            if not any(one.isfile() and one.name.startswith(f"{name}/") for one in tar.getmembers()):
                raise BackupFailed(f"{folder} 裡沒有金鑰。 There is no key in {folder}.")
    if packed.tell() > LARGEST_FILE_BYTES - 2**20:
        raise BackupFailed("金鑰資料夾太大。 The key folders are too large.")
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    head = {"n": SCRYPT_N, "nonce": nonce.hex(), "p": SCRYPT_P, "r": SCRYPT_R, "salt": salt.hex()}
    clear = MAGIC + canonical(head) + b"\n"
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, packed.getvalue(), clear)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(path, clear + sealed)


def open_keys(path: Path, passphrase: str) -> dict[str, bytes]:
    """Every file of a sealed key file by its path; nothing is written.

    Raises BackupFailed for a wrong passphrase or a changed file: the two cannot be told apart.
    """
    try:
        data = path.read_bytes()[:LARGEST_FILE_BYTES]
        magic, clear_head, sealed = data.split(b"\n", 2)
        head = parse_canonical(clear_head)
        if magic + b"\n" != MAGIC or (head["n"], head["r"], head["p"]) != (SCRYPT_N, SCRYPT_R, SCRYPT_P):
            raise BackupFailed(f"{path.name} 不是這個版本的金鑰檔。 Not a key file of this version.")
        salt, nonce = bytes.fromhex(head["salt"]), bytes.fromhex(head["nonce"])
        packed = AESGCM(_key(passphrase, salt)).decrypt(nonce, sealed, MAGIC + clear_head + b"\n")
    except InvalidTag as wrong:
        said = "通關密語不對，或金鑰檔已損壞。 The passphrase is wrong, or the key file is damaged."
        raise BackupFailed(said) from wrong
    except (OSError, ValueError, KeyError, TypeError, NotCanonical) as failure:
        raise BackupFailed(f"金鑰檔讀不到：{failure}。 The key file cannot be read.") from failure
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        return {one.name: _content(tar, one) for one in tar.getmembers() if one.isfile()}


def write_keys(files: Mapping[str, bytes], site: str, folder: Path) -> None:
    """Write one site's keys into its folder, readable by their owner only."""
    for name, content in files.items():
        first, _slash, rest = name.partition("/")
        if first != site or ".." in rest.split("/") or rest.startswith("/"):
            continue
        path = folder / rest
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P).derive(passphrase.encode())


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return file.read() if file is not None else b""
