"""The folder a student keeps: her files, the receipt and the published keys."""

from hashlib import sha256
from pathlib import Path

from licheng_exchange._notes import NoteError, VerifyingKey, parse_keys
from licheng_exchange._problems import Problem
from licheng_exchange._receipt_checks import (
    RECEIPT_NAME,
    ReceiptVerdict,
    refused_receipt,
    verify_receipt,
)

KEYS_NAME = "keys.txt"
MAX_KEYS_BYTES = 1 << 20
MAX_RECEIPT_BYTES = 64 << 20
CHUNK_BYTES = 1 << 20


class KitError(ValueError):
    """The folder or a file named cannot be used as it is; nothing was verified."""

    def __init__(self, text_zh: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_zh = text_zh
        self.text_en = text_en


def file_digest(path: Path) -> tuple[str, int]:
    """The (sha256, size) of a file on disk. Raises KitError if it cannot be read."""
    found, size = sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                found.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise KitError(f"無法讀取檔案「{path.name}」。", f"The file “{path.name}” cannot be read.") from error
    return found.hexdigest(), size


def read_bounded(path: Path, most: int) -> bytes:
    """The bytes of a file of at most `most` bytes. Raises KitError."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise KitError(f"找不到或無法讀取「{path.name}」。", f"“{path.name}” cannot be read.") from error
    if len(data) > most:
        raise KitError(f"「{path.name}」太大。", f"“{path.name}” is too large.")
    return data


def read_keys(path: Path) -> tuple[VerifyingKey, ...]:
    """The keys of a keys file. Raises KitError if it cannot be read and NoteError if it is not one."""
    data = read_bounded(path, MAX_KEYS_BYTES)
    try:
        return parse_keys(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NoteError("the keys file is not UTF-8") from error


def verify_paths(receipt: Path, keys: Path, files: list[Path]) -> ReceiptVerdict:
    """Verify a receipt with a keys file and the student's files.

    Raises KitError if a file cannot be read, or if two have the same name, since one would hide the other.
    """
    receipt_bytes = read_bounded(receipt, MAX_RECEIPT_BYTES)
    try:
        vkeys = read_keys(keys)
    except NoteError as error:
        return refused_receipt(
            Problem(keys.name, "keys-format", f"金鑰檔已被更動或格式不符：{error}", f"{error}")
        )
    if len({path.name for path in files}) != len(files):
        raise KitError("有兩個檔案同名，請分開驗證。", "Two files have the same name: verify them apart.")
    return verify_receipt(receipt_bytes, vkeys, {path.name: file_digest(path) for path in files})


def verify_kit(folder: Path) -> ReceiptVerdict:
    """Verify a folder of `receipt.json`, `keys.txt` and at least one file of the student.

    Raises KitError if the folder is not such a kit.
    """
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise KitError(
            f"無法讀取資料夾「{folder.name}」。", f"The folder “{folder.name}” cannot be read."
        ) from error
    if any(not path.is_file() for path in found):
        raise KitError("收據資料夾裡只能有檔案。", "A receipt folder holds files only.")
    files = [path for path in found if path.name not in {RECEIPT_NAME, KEYS_NAME}]
    verdict = verify_paths(folder / RECEIPT_NAME, folder / KEYS_NAME, files)
    if not files and verdict.ok:
        raise KitError(
            "資料夾裡沒有你的檔案：請把提交時的檔案放進來再驗證。",
            "The folder holds none of your files: put the submitted file into it and verify again.",
        )
    return verdict
