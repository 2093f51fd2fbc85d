"""Verifying a receipt offline: signature, proofs, ledger entries and the student's own files."""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from licheng_exchange._canonical import canonical, digest
from licheng_exchange._notes import NoteError, VerifyingKey, decode_base64
from licheng_exchange._problems import Problem
from licheng_exchange._proofs import TlogProof, verify_tlog_proof
from licheng_exchange._receipts import (
    ReceiptError,
    leaf_files,
    parse_leaf,
    parse_receipt,
    subject_of,
    title_of,
)
from licheng_exchange._tree import ProofError

RECEIPT_NAME = "receipt.json"


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    """What the receipt shows of one item."""

    item: str
    title: str
    ok: bool
    files_checked: tuple[str, ...]
    files_not_given: tuple[str, ...]
    reasons: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ReceiptVerdict:
    """Whether the receipt and every given file hold, item by item, and every reason why not."""

    ok: bool
    items: tuple[ItemVerdict, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """Whether a proof shows that a school acknowledged exactly this file."""

    ok: bool
    leaf: dict[str, Any] | None
    problems: tuple[Problem, ...]


def refused_receipt(problem: Problem) -> ReceiptVerdict:
    """The verdict over a receipt that could not be read at all."""
    return ReceiptVerdict(ok=False, items=(), problems=(problem,))


def verify_receipt(
    receipt_bytes: bytes, vkeys: Iterable[VerifyingKey], files: Mapping[str, tuple[str, int]]
) -> ReceiptVerdict:
    """Check a receipt against published keys and the student's files, given as name to (sha256, size)."""
    try:
        document = parse_receipt(receipt_bytes)
    except ReceiptError as error:
        return refused_receipt(
            Problem(RECEIPT_NAME, "receipt-format", f"收據內容已被更動或不完整：{error}", f"{error}")
        )
    keys, receipt = tuple(vkeys), document["receipt"]
    strange = tuple(_file_problems(receipt, files))
    changed = {problem.file for problem in strange if problem.rule == "file-changed"}
    given = set(files.values())
    items = tuple(_item_verdict(one, receipt, keys, given, changed) for one in receipt["items"])
    reasons = [reason for item in items for reason in item.reasons]
    problems = (*_signature_problems(document, keys), *strange, *reasons)
    return ReceiptVerdict(ok=not problems, items=items, problems=problems)


def _signature_problems(document: Mapping[str, Any], keys: Iterable[VerifyingKey]) -> Iterator[Problem]:
    cited, archive = document["signature"]["key"], document["receipt"]["archive"]
    key = next((one for one in keys if one.label == cited), None)
    if key is None or key.name.partition("/")[0] != archive.partition("/")[0]:
        yield Problem(
            RECEIPT_NAME,
            "receipt-key-unknown",
            f"收據由 {cited} 簽署，但公布的金鑰中沒有典藏單位 {archive} 的這把金鑰。",
            f"The receipt is signed by {cited}, which is not among the published keys of {archive}.",
        )
        return
    try:
        good = key.verify(decode_base64(document["signature"]["ed25519"]), canonical(document["receipt"]))
    except NoteError:
        good = False
    if not good:
        yield Problem(
            RECEIPT_NAME,
            "receipt-signature",
            "收據的簽章不符：收據內容在簽署後被更動過。",
            "The signature does not fit: the receipt was altered after it was signed.",
        )


def _recorded(receipt: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [file for item in receipt["items"] for file in item["record"]["files"]]


def _file_problems(receipt: Mapping[str, Any], files: Mapping[str, tuple[str, int]]) -> Iterator[Problem]:
    recorded = _recorded(receipt)
    contents = {(file["sha256"], file["size"]) for file in recorded}
    names = {file["name"] for file in recorded}
    for name, content in files.items():
        if content in contents:
            continue
        if name in names:
            yield Problem(
                name,
                "file-changed",
                f"「{name}」的內容與收據記載的不同：這不是當時提交的那個檔案。",
                f"The content of “{name}” differs from the receipt: it is not the file that was submitted.",
            )
        else:
            yield Problem(
                name,
                "file-not-in-receipt",
                f"收據沒有記載「{name}」：請確認放入的是提交時的檔案。",
                f"The receipt does not list “{name}”: use the file that was submitted.",
            )


def _item_verdict(
    item: Mapping[str, Any],
    receipt: Mapping[str, Any],
    keys: tuple[VerifyingKey, ...],
    given: set[tuple[str, int]],
    changed: set[str],
) -> ItemVerdict:
    record = item["record"]
    reasons = tuple(_proof_problems(item, receipt, keys))
    held = [(file["name"], (file["sha256"], file["size"]) in given) for file in record["files"]]
    checked = tuple(name for name, is_given in held if is_given)
    missing = tuple(name for name, is_given in held if not is_given)
    return ItemVerdict(
        item=record["item"],
        title=title_of(record),
        ok=not reasons and not changed.intersection(missing),
        files_checked=checked,
        files_not_given=missing,
        reasons=reasons,
    )


def _proof_problems(
    item: Mapping[str, Any], receipt: Mapping[str, Any], keys: tuple[VerifyingKey, ...]
) -> Iterator[Problem]:
    place = f"{RECEIPT_NAME}: {title_of(item['record'])}"
    try:
        proof = TlogProof.parse(item["proof"])
        entry = proof.extra or b""
        verify_tlog_proof(proof, entry, keys, receipt["archive"])
        leaf = parse_leaf(entry)
    except ProofError as error:
        yield Problem(place, "proof-refused", f"帳本證明不成立：{error}", f"The proof does not hold: {error}")
        return
    except ReceiptError as error:
        yield Problem(place, "leaf-format", f"帳本登錄的格式不符：{error}", f"The leaf is malformed: {error}")
        return
    yield from _leaf_problems(place, leaf, item["record"], receipt)


def _leaf_problems(
    place: str, leaf: Mapping[str, Any], record: Mapping[str, Any], receipt: Mapping[str, Any]
) -> Iterator[Problem]:
    if leaf["type"] != "deposited":
        yield Problem(
            place, "leaf-type", "這筆登錄不是典藏登錄。", "The ledger entry does not record a deposit."
        )
        return
    school = receipt["school"]["code"]
    subject = subject_of(receipt["subject_key"], school=school, student_no=receipt["student"]["no"])
    claims = (
        ("leaf-item", "項目編號", "item", leaf["item"] == record["item"]),
        ("leaf-record", "項目內容", "record", leaf["record"] == digest(record)),
        ("leaf-files", "檔案清單", "files", leaf["files"] == leaf_files(record)),
        ("leaf-school", "學校", "school", leaf["school"] == school),
        ("leaf-package", "提交包", "package", leaf["package"] == receipt["package"]),
        ("leaf-subject", "學生", "student", hmac.compare_digest(leaf["subject"], subject)),
    )
    for rule, said_zh, said_en, holds in claims:
        if not holds:
            yield Problem(
                place,
                rule,
                f"收據的{said_zh}與帳本登錄的不同。",
                f"The receipt's {said_en} differs from the ledger entry.",
            )


def verify_stored(
    proof_text: str,
    file: tuple[str, int],
    vkeys: Iterable[VerifyingKey],
    *,
    origin: str | None = None,
) -> StoredVerdict:
    """Check the `.tlog-proof` of one stored upload against the file's (sha256, size)."""
    try:
        proof = TlogProof.parse(proof_text)
        entry = proof.extra or b""
        verify_tlog_proof(proof, entry, vkeys, origin)
        leaf = parse_leaf(entry)
    except (ProofError, ReceiptError) as error:
        problem = Problem(
            "proof", "proof-refused", f"證明不成立：{error}", f"The proof does not hold: {error}"
        )
        return StoredVerdict(ok=False, leaf=None, problems=(problem,))
    problems = tuple(_stored_problems(leaf, file))
    return StoredVerdict(ok=not problems, leaf=leaf, problems=problems)


def _stored_problems(leaf: Mapping[str, Any], file: tuple[str, int]) -> Iterator[Problem]:
    if leaf["type"] != "stored":
        yield Problem(
            "proof", "leaf-type", "這筆登錄不是上傳收存登錄。", "The entry does not acknowledge an upload."
        )
    elif (leaf["sha256"], leaf["size"]) != file:
        yield Problem(
            "file",
            "file-changed",
            "檔案內容與收存登錄不同：這不是當時上傳的那個檔案。",
            "The file differs from the acknowledged upload: it is not the file that was uploaded.",
        )
