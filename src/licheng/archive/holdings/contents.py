"""The rules for the bytes of a file: what it really is, whether it opens, how large its kind may be."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from licheng_exchange import Problem

from licheng.archive.holdings.rules import DOCUMENT_ROLES, Use, policy_of, problem
from licheng.foundations.files.inspection import Verdict, inspect


def content_problems(
    path: Path, *, listed: Mapping[str, Any], uses: Iterable[Use], manifest: Mapping[str, Any]
) -> Iterator[Problem]:
    """What is wrong with one file for each item that uses it; `listed` is its line in the manifest."""
    for use in uses:
        policy = policy_of(manifest, use.item)
        if policy is None:  # named already among the problems of the manifest
            continue
        is_document = use.file["role"] in DOCUMENT_ROLES
        limit = policy.document_bytes if is_document else policy.media_bytes
        if listed["size"] > limit:
            yield problem(
                use,
                "file-too-large",
                f"檔案有 {listed['size']:,} 位元組，超過上限 {limit:,} 位元組。",
                f"It has {listed['size']:,} bytes; {limit:,} are allowed.",
            )
        allowed = policy.document_types if is_document else policy.media_types
        yield from _type_problems(path, listed, use, allowed)


def _type_problems(
    path: Path, listed: Mapping[str, Any], use: Use, allowed: frozenset[str]
) -> Iterator[Problem]:
    inspected = inspect(path, use.file["name"], allowed=allowed)
    refusals = [reason for reason in inspected.reasons if reason.verdict == Verdict.REJECT]
    for reason in refusals:
        yield problem(use, reason.code, reason.text_zh, reason.text_en)
    if refusals:
        return
    if inspected.media_type != listed["type"]:
        yield problem(
            use,
            "type-differs",
            f"清單寫的類型是 {listed['type']}，內容是 {inspected.media_type}。",
            f"The manifest says {listed['type']}; the content is {inspected.media_type}.",
        )
