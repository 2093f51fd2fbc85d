"""`package check`: whether a sealed submission package is accepted."""

import argparse
from pathlib import Path
from typing import Any

from licheng_exchange._cli.answers import Answer, Unusable, answer_options, lines_of_problems, print_answer
from licheng_exchange._notes import NoteError, VerifyingKey
from licheng_exchange._package_check import check_package
from licheng_exchange._package_model import PackageReport
from licheng_exchange._receipt_kits import KEYS_NAME, KitError, read_bounded, read_keys

MAX_PASSWORD_BYTES = 4096


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command `package`."""
    commands = subparsers.add_parser("package", help="檢查提交包 / check a sealed package").add_subparsers(
        required=True, metavar="COMMAND"
    )
    check = commands.add_parser(
        "check",
        help="檢查提交包的每一個位元組 / check every byte of a package",
        parents=[answer_options()],
    )
    check.add_argument(
        "path", type=Path, metavar="PATH", help="ZIP 檔，或只有一個 ZIP 的資料夾 / the ZIP, or its folder"
    )
    check.add_argument("--password-file", type=Path, help="密碼檔 / file that holds the password")
    check.add_argument("--keys", type=Path, help="公布的金鑰 / published keys, one per line")
    check.set_defaults(run=run_check)


def run_check(arguments: argparse.Namespace) -> int:
    """Check a package and print the verdict; 0 accepted, 1 refused, 2 nothing could be checked."""
    return print_answer(arguments, lambda: _check(arguments))


def _check(arguments: argparse.Namespace) -> Answer:
    package = package_at(arguments.path)
    password = _password(arguments.password_file, package)
    report = check_package(package, password, _keys(arguments.keys or package.parent / KEYS_NAME))
    good_zh = f"通過：{package.name} 完整，簽章與每個檔案都相符。"
    good_en = f"Accepted: {package.name} is whole; its signature and every file hold."
    bad_zh = f"不通過：{package.name} 有 {len(report.problems)} 個問題。"
    bad_en = f"Refused: {package.name} has {len(report.problems)} problem(s)."
    return Answer(
        ok=report.ok,
        body=_body(report),
        zh=(good_zh if report.ok else bad_zh, *lines_of_problems(report.problems, "zh")),
        en=(good_en if report.ok else bad_en, *lines_of_problems(report.problems, "en")),
    )


def _body(report: PackageReport) -> dict[str, Any]:
    manifest = report.manifest or {}
    return {
        "package": manifest.get("package"),
        "school": manifest.get("school"),
        "counts": manifest.get("counts"),
        "signer": report.signer,
        "sha256": report.sha256,
        "size": report.size,
        "problems": report.problems,
    }


def package_at(path: Path) -> Path:
    """The package at a path: the file itself, or the only ZIP of a folder. Raises Unusable."""
    if path.is_file():
        return path
    found = sorted(path.glob("*.zip")) if path.is_dir() else []
    if len(found) != 1:
        raise Unusable(
            f"「{path}」不是提交包，也不是剛好有一個 ZIP 的資料夾。",
            f"“{path}” is neither a package nor a folder with exactly one ZIP.",
        )
    return found[0]


def _password(given: Path | None, package: Path) -> str:
    beside = (package.with_suffix(".password"), package.with_name("password.txt"))
    path = given or next((one for one in beside if one.is_file()), None)
    if path is None:
        raise Unusable(
            "找不到密碼：請用 --password-file 指定密碼檔。",
            "No password found: name its file with --password-file.",
        )
    try:
        return read_bounded(path, MAX_PASSWORD_BYTES).decode("utf-8").rstrip("\r\n")
    except (KitError, UnicodeDecodeError) as error:
        raise Unusable("密碼檔無法讀取。", "The password file cannot be read.") from error


def _keys(path: Path) -> tuple[VerifyingKey, ...]:
    try:
        return read_keys(path)
    except KitError as error:
        raise Unusable(
            f"找不到金鑰檔「{path.name}」：請用 --keys 指定。",
            f"No keys file “{path.name}” found: name it with --keys.",
        ) from error
    except NoteError as error:
        raise Unusable(f"金鑰檔格式不符：{error}", f"The keys file is malformed: {error}") from error
