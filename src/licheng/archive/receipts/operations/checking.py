"""The verdict on a package. Every step may be repeated; a crash anywhere is mended by running it again.

- CHECKING, nothing held: verify bytes and rules, keep the files in every copy, ONE commit of rows and leaves.
- CHECKING, items held: leaves into the signed log, then receipts and ACCEPTED in one commit.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from licheng_exchange import (
    OpenPackage,
    PackageLimits,
    PackageRefused,
    Problem,
    check_package,
    open_package,
    parse_keys,
)

from licheng.archive.holdings.contents import content_problems
from licheng.archive.holdings.operations import hold_items
from licheng.archive.holdings.queries import has_held, held_problems
from licheng.archive.holdings.rules import Use, manifest_problems, uses_of
from licheng.archive.intake.models import Deposit
from licheng.archive.intake.operations import (
    begin_check,
    locked_deposit,
    note_counts,
    password_of,
    refuse_deposit,
)
from licheng.archive.intake.packages import drop_package, package_folder, package_path
from licheng.archive.intake.states import DepositState
from licheng.archive.receipts.operations.issuing import issue_receipts
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import put_everywhere
from licheng.foundations.custody.operations import Kept, note_all_kept
from licheng.foundations.durable import temporary_file, write_all

type Manifest = Mapping[str, Any]


def check_deposit(*, actor: Actor, deposit_id: UUID) -> Deposit:
    """Take a package in whole or give it back with every reason; safe to run twice or after a kill.

    Must be called outside a transaction. Raises OSError when a copy fails: the deposit stays in checking and
    the next run goes on from there.
    """
    deposit = begin_check(actor=actor, deposit_id=deposit_id)
    if deposit.state == DepositState.CHECKING and not has_held(deposit):
        problems = take_in(actor=actor, deposit=deposit)
        if problems:
            deposit = refuse_deposit(actor=actor, deposit_id=deposit_id, problems=problems)
    if deposit.state == DepositState.CHECKING and has_held(deposit):
        deposit = issue_receipts(actor=actor, deposit=deposit)
    if deposit.state == DepositState.REFUSED:
        drop_package(deposit.pk)
    return deposit


def take_in(*, actor: Actor, deposit: Deposit) -> list[Problem]:
    """Verify every byte and rule, keep the files, hold the items; the reasons when that may not be.

    Two readings: the first names everything wrong with the bytes, the second verifies them again while they
    are kept, so nothing is believed that was read before. Raises OSError when a disk fails.
    """
    path, password = package_path(deposit.pk), password_of(deposit)
    kept: list[Kept] = []
    vkeys, limits = parse_keys(deposit.school.keys), PackageLimits()
    with path.open("rb"):  # a package that this disk lost is no fault of the school: raise, do not refuse
        report = check_package(path, password, vkeys, limits)
    if not report.ok:
        return list(report.problems)
    try:
        with open_package(path, password=password, vkeys=vkeys, limits=limits) as package:
            note_counts(actor=actor, deposit_id=deposit.pk, counts=package.manifest["counts"])
            problems = list(islice(_rule_problems(package.manifest, deposit), limits.problems))
            deque(package.rosters(), maxlen=0)
            keep = None if problems else kept
            problems += islice(_file_problems(package, keep), limits.problems)
    except PackageRefused as changed:  # other bytes than in the first reading
        return list(changed.problems)
    return problems[: limits.problems] or _hold(actor, deposit, package.manifest, kept)


def _rule_problems(manifest: Manifest, deposit: Deposit) -> Iterator[Problem]:
    yield from manifest_problems(
        manifest,
        package=str(deposit.pk),
        school_code=deposit.school.code,
        school_year=deposit.school_year,
    )
    yield from held_problems(manifest, deposit)


def _file_problems(package: OpenPackage, kept: list[Kept] | None) -> Iterator[Problem]:
    """What is wrong with the files; while nothing is, each goes into every copy and into `kept`, if given.

    A file kept before a later one is refused stays as bytes that no row speaks of: the janitor's.
    """
    listed = {file["sha256"]: file for file in package.manifest["files"]}
    uses: defaultdict[str, list[Use]] = defaultdict(list)
    for use in uses_of(package.manifest):
        uses[use.file["sha256"]].append(use)
    for sha256, pieces in package.files():
        with temporary_file(package_folder()) as (descriptor, path):
            for piece in pieces:
                write_all(descriptor, piece)
            found = list(
                content_problems(path, listed=listed[sha256], uses=uses[sha256], manifest=package.manifest)
            )
            kept = None if found else kept
            if kept is not None:
                with path.open("rb") as source:
                    kept.append(Kept(sha256, listed[sha256]["size"], put_everywhere(source, sha256)))
        yield from found


@transaction.atomic
def _hold(actor: Actor, deposit: Deposit, manifest: Manifest, kept: list[Kept]) -> list[Problem]:
    locked = locked_deposit(deposit.pk)
    if locked.state != DepositState.CHECKING or has_held(locked):
        return []  # another run of the same check came first
    # Asked again under the lock: another package of the school may have been taken in meanwhile.
    problems = list(held_problems(manifest, locked))
    if not problems:
        note_all_kept(kept=kept)
        count = hold_items(deposit=locked, manifest=manifest, at=timezone.now())
        record(actor=actor, action="deposit.held", subject=locked, items=count)
    return problems
