"""`receipt verify` and `ledger verify`: checking offline what the archive acknowledged."""

import argparse
from pathlib import Path

from licheng_exchange._cli.answers import Answer, Unusable, answer_options, lines_of_problems, print_answer
from licheng_exchange._ledgers import folder_fetch, verify_ledger
from licheng_exchange._notes import NoteError
from licheng_exchange._receipt_checks import RECEIPT_NAME, ReceiptVerdict, verify_stored
from licheng_exchange._receipt_kits import (
    KEYS_NAME,
    MAX_RECEIPT_BYTES,
    KitError,
    file_digest,
    read_bounded,
    read_keys,
    verify_kit,
    verify_paths,
)

PROOF_SUFFIX = ".tlog-proof"


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands `receipt` and `ledger`."""
    receipt = subparsers.add_parser("receipt", help="驗證收據 / verify a receipt").add_subparsers(
        required=True, metavar="COMMAND"
    )
    verify = receipt.add_parser(
        "verify",
        help="離線驗證收據與你的檔案 / verify a receipt and your files, offline",
        parents=[answer_options()],
    )
    verify.add_argument(
        "path",
        type=Path,
        metavar="PATH",
        help="收據資料夾、receipt.json 或 .tlog-proof / kit folder, receipt.json or an upload's .tlog-proof",
    )
    verify.add_argument("--keys", type=Path, help="公布的金鑰 / published keys, one per line")
    verify.add_argument(
        "--file", type=Path, action="append", default=[], help="你的檔案，可重複 / your file, repeatable"
    )
    verify.set_defaults(run=run_receipt)
    ledger = subparsers.add_parser("ledger", help="驗證帳本 / verify a ledger").add_subparsers(
        required=True, metavar="COMMAND"
    )
    clone = ledger.add_parser(
        "verify",
        help="由登錄重算根雜湊 / recompute the root from the entries",
        parents=[answer_options()],
    )
    clone.add_argument("path", type=Path, metavar="DIR", help="帳本資料夾 / folder of the ledger's files")
    clone.add_argument("--keys", type=Path, help="公布的金鑰 / published keys, one per line")
    clone.add_argument("--origin", help="帳本名稱 / the ledger's name")
    clone.set_defaults(run=run_ledger)


def run_receipt(arguments: argparse.Namespace) -> int:
    """Verify a receipt and print the verdict; 0 it holds, 1 it does not, 2 nothing could be verified."""
    return print_answer(arguments, lambda: _receipt(arguments))


def run_ledger(arguments: argparse.Namespace) -> int:
    """Verify a ledger's files and print the verdict; 0 they hold, 1 they do not, 2 unusable call."""
    return print_answer(arguments, lambda: _ledger(arguments))


def _receipt(arguments: argparse.Namespace) -> Answer:
    if arguments.path.suffix == PROOF_SUFFIX:
        return _stored(arguments)
    try:
        verdict = _receipt_verdict(arguments)
    except KitError as error:
        raise Unusable(error.text_zh, error.text_en) from error
    return Answer(
        ok=verdict.ok,
        body={"items": verdict.items, "problems": verdict.problems},
        zh=(
            _headline(verdict, "zh"),
            *_item_lines(verdict, "zh"),
            *lines_of_problems(verdict.problems, "zh"),
        ),
        en=(
            _headline(verdict, "en"),
            *_item_lines(verdict, "en"),
            *lines_of_problems(verdict.problems, "en"),
        ),
    )


def _stored(arguments: argparse.Namespace) -> Answer:
    """The receipt of one upload, from the school's log: a proof, the published keys, and the one file."""
    proof, keys = arguments.path, arguments.keys or arguments.path.parent / KEYS_NAME
    if len(arguments.file) != 1:
        raise Unusable("請用 --file 指定當時上傳的那一個檔案。", "Name the one uploaded file with --file.")
    try:
        text = read_bounded(proof, MAX_RECEIPT_BYTES).decode("utf-8", errors="replace")
        verdict = verify_stored(text, file_digest(arguments.file[0]), read_keys(keys))
    except KitError as error:
        raise Unusable(error.text_zh, error.text_en) from error
    except NoteError as error:
        raise Unusable(f"金鑰檔無法使用：{error}", f"The keys file cannot be used: {error}") from error
    at = verdict.leaf["time"] if verdict.leaf else ""
    return Answer(
        ok=verdict.ok,
        body={"leaf": verdict.leaf, "problems": verdict.problems},
        zh=(
            f"上傳收據成立：學校於 {at} 收存了這個檔案。" if verdict.ok else "上傳收據不成立：",
            *lines_of_problems(verdict.problems, "zh"),
        ),
        en=(
            f"The upload's receipt holds: the school stored this very file at {at}."
            if verdict.ok
            else "The upload's receipt does not hold:",
            *lines_of_problems(verdict.problems, "en"),
        ),
    )


def _headline(verdict: ReceiptVerdict, lang: str) -> str:
    checked, count = sum(len(item.files_checked) for item in verdict.items), len(verdict.items)
    if not verdict.ok:
        return "收據不成立：" if lang == "zh" else "The receipt does not hold:"
    if lang == "zh":
        files = f"核對了 {checked} 個檔案" if checked else "但沒有核對任何檔案，請以 --file 指定你的檔案"
        return f"收據成立：{count} 個項目，{files}。"
    files = f"{checked} file(s) checked" if checked else "but no file was checked, name yours with --file"
    return f"The receipt holds: {count} item(s), {files}."


def _receipt_verdict(arguments: argparse.Namespace) -> ReceiptVerdict:
    path: Path = arguments.path
    if path.is_dir() and not arguments.keys and not arguments.file:
        return verify_kit(path)
    receipt = path / RECEIPT_NAME if path.is_dir() else path
    return verify_paths(receipt, arguments.keys or receipt.parent / KEYS_NAME, arguments.file)


def _item_lines(verdict: ReceiptVerdict, lang: str) -> list[str]:
    lines = []
    for item in verdict.items:
        mark = "✓" if item.ok else "✗"
        given, missing = "、".join(item.files_checked) or "–", "、".join(item.files_not_given)
        said = (
            (f"核對：{given}", f"；未放入：{missing}")
            if lang == "zh"
            else (f"checked: {given}", f"; not given: {missing}")
        )
        lines.append(f"  {mark} {item.title} ({item.item}) {said[0]}{said[1] if missing else ''}")
    return lines


def _ledger(arguments: argparse.Namespace) -> Answer:
    folder: Path = arguments.path
    if not (folder / "checkpoint").is_file():
        raise Unusable(
            f"「{folder}」裡沒有 checkpoint，不是帳本資料夾。",
            f"“{folder}” has no checkpoint: it is not the folder of a ledger.",
        )
    try:
        vkeys = read_keys(arguments.keys or folder / KEYS_NAME)
    except (KitError, NoteError) as error:
        raise Unusable(f"金鑰檔無法使用：{error}", f"The keys file cannot be used: {error}") from error
    verdict = verify_ledger(folder_fetch(folder), vkeys, origin=arguments.origin)
    head = verdict.checkpoint
    size, origin = (head.size, head.origin) if head else (None, None)
    return Answer(
        ok=verdict.ok,
        body={
            "origin": origin,
            "size": size,
            "root": head.root.hex() if head else None,
            "problems": verdict.problems,
        },
        zh=(
            f"帳本成立：{origin},{size} 筆登錄，重算的根雜湊與簽章相符。" if verdict.ok else "帳本不成立：",
            *lines_of_problems(verdict.problems, "zh"),
        ),
        en=(
            f"The ledger holds: {origin}, {size} entries; the recomputed root is the signed one."
            if verdict.ok
            else "The ledger does not hold:",
            *lines_of_problems(verdict.problems, "en"),
        ),
    )
