from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from licheng_exchange import PackageLimits, Problem

from licheng.archive.intake.errors import AnnouncedOtherwise, PackageTooLarge
from licheng.archive.intake.models import Deposit, RegisteredSchool
from licheng.archive.intake.packages import append_part, complete_package, package_path, too_long
from licheng.archive.intake.permissions import ANNOUNCE, DEPOSIT
from licheng.archive.intake.states import ARRIVE, CHECK, REFUSE, DepositState
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, own_row
from licheng.foundations.privacy import seal, unseal
from licheng.foundations.queueing import enqueue_on_commit
from licheng.foundations.tus import OffsetDiffers, Stream

CHECK_TASK = "licheng.archive.receipts.tasks.check_deposit"
COUNTED = ("students", "outcomes", "activities", "files")
UNDECIDED = (DepositState.ARRIVED, DepositState.CHECKING)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a school says of a package before it sends it."""

    package: UUID
    school_year: int
    sha256: str
    size_bytes: int
    password: str


def announce_deposit(*, actor: Actor, announced: Announcement) -> Deposit:
    """Note that a school will send a package; announcing the same again gives the same deposit.

    Raises NotAllowed for anyone but a school's system, PackageTooLarge, and AnnouncedOtherwise when the
    package id is known with other values.
    """
    school = own_row(RegisteredSchool.objects.all(), actor, ANNOUNCE)
    limit = PackageLimits().package_bytes
    if announced.size_bytes > limit:
        raise PackageTooLarge(size=f"{announced.size_bytes:,}", limit=f"{limit:,}")
    known = Deposit.objects.filter(pk=announced.package).first()
    known = known or _created(actor, school.pk, announced)
    if _values(known) != (school.pk, announced):
        raise AnnouncedOtherwise(package=announced.package)
    return known


def password_place(deposit_id: UUID) -> str:
    """What the sealed password of a deposit is bound to."""
    return f"intake_deposit.password/{deposit_id}"


def password_of(deposit: Deposit) -> str:
    """The package's password in clear."""
    return unseal(bytes(deposit.password_sealed), place=password_place(deposit.pk))


def _created(actor: Actor, school_id: int, announced: Announcement) -> Deposit:
    try:
        with transaction.atomic():
            deposit = Deposit.objects.create(
                id=announced.package,
                school_id=school_id,
                school_year=announced.school_year,
                package_sha256=announced.sha256,
                package_bytes=announced.size_bytes,
                password_sealed=seal(announced.password, place=password_place(announced.package)),
            )
            record(actor=actor, action="deposit.announced", subject=deposit, sha256=announced.sha256)
    except IntegrityError:  # the same announcement arrived twice at once: the other one is as good
        return Deposit.objects.get(pk=announced.package)
    return deposit


def _values(deposit: Deposit) -> tuple[int, Announcement]:
    said = Announcement(
        deposit.pk, deposit.school_year, deposit.package_sha256, deposit.package_bytes, password_of(deposit)
    )
    return deposit.school_id, said


def take_part(*, actor: Actor, deposit_id: UUID, offset: int, length: int, stream: Stream) -> Deposit:
    """Keep a part of the announced package durably; with the last one the deposit arrives and is checked.

    `offset` and `length` are bytes. Must be called outside a transaction. Sending the end again mends a check
    that was lost: a deposit that still waits for its verdict is queued again.
    Raises NotFound, OffsetDiffers, UploadBusy, PackageDiffers or PackageNotKept.
    """
    deposit = found(Deposit.objects.all(), actor, DEPOSIT, deposit_id)
    size = deposit.package_bytes
    if offset + length > size:
        raise too_long(size, offset + length)
    if deposit.state == DepositState.ANNOUNCED:
        if not package_path(deposit.pk).exists():
            kept = append_part(stream, deposit_id=deposit.pk, offset=offset, size_bytes=size)
            if kept < size:
                return deposit
            complete_package(deposit_id=deposit.pk, sha256=deposit.package_sha256)
    elif offset != size:
        raise OffsetDiffers(sent=f"{offset:,}", kept=f"{size:,}")
    return _arrived(actor, deposit_id)


@transaction.atomic
def _arrived(actor: Actor, deposit_id: UUID) -> Deposit:
    # nosemgrep: unscoped-lookup -- found() stood before this in the same request
    deposit = Deposit.objects.select_for_update().get(pk=deposit_id)
    if deposit.state == DepositState.ANNOUNCED:
        deposit.state = ARRIVE.apply(deposit.state)
        deposit.arrived_at = timezone.now()
        deposit.save(update_fields=["state", "arrived_at"])
        record(actor=actor, action="deposit.arrived", subject=deposit)
    if deposit.state in UNDECIDED:
        enqueue_on_commit(CHECK_TASK, deposit_id=str(deposit.pk))
    return deposit


@transaction.atomic
def begin_check(*, actor: Actor, deposit_id: UUID) -> Deposit:
    """Mark a deposit as being checked; one that has its verdict is left as it is."""
    deposit = locked_deposit(deposit_id)
    if deposit.state == DepositState.ARRIVED:
        deposit.state = CHECK.apply(deposit.state)
        deposit.save(update_fields=["state"])
        record(actor=actor, action="deposit.check_begun", subject=deposit)
    return deposit


@transaction.atomic
def note_counts(*, actor: Actor, deposit_id: UUID, counts: Mapping[str, int]) -> Deposit:
    """Write down how much a package holds, once its signed manifest was read."""
    deposit = locked_deposit(deposit_id)
    for name in COUNTED:
        setattr(deposit, name, counts[name])
    deposit.save(update_fields=COUNTED)
    record(actor=actor, action="deposit.counted", subject=deposit, **counts)
    return deposit


@transaction.atomic
def refuse_deposit(*, actor: Actor, deposit_id: UUID, problems: list[Problem]) -> Deposit:
    """Give a deposit back with every reason; one that has its verdict already keeps it."""
    deposit = locked_deposit(deposit_id)
    if deposit.state == DepositState.CHECKING:
        deposit.state = REFUSE.apply(deposit.state)
        deposit.problems = [_said(problem) for problem in problems]
        deposit.decided_at = timezone.now()
        deposit.save(update_fields=["state", "problems", "decided_at"])
        rules = sorted({problem.rule for problem in problems})
        record(actor=actor, action="deposit.refused", subject=deposit, rules=rules)
    return deposit


@transaction.atomic
def queue_undecided(*, actor: Actor) -> int:
    """Queue every deposit that waits for a verdict again; how many. For the hours after a lost worker."""
    waiting = list(Deposit.objects.select_for_update().filter(state__in=UNDECIDED))
    for deposit in waiting:
        enqueue_on_commit(CHECK_TASK, deposit_id=str(deposit.pk))
        record(actor=actor, action="deposit.queued_again", subject=deposit)
    return len(waiting)


def locked_deposit(deposit_id: UUID) -> Deposit:
    """The deposit and its school, locked school first: verdicts of one school happen one after the other.

    The quota of a year counts what is held, so two packages of one school must not be judged at once. The
    next one can be announced meanwhile.
    """
    # nosemgrep: unscoped-lookup -- for verdicts, which no person asks for
    school_id = Deposit.objects.values_list("school_id", flat=True).get(pk=deposit_id)
    RegisteredSchool.objects.select_for_update(no_key=True).get(pk=school_id)
    # nosemgrep: unscoped-lookup -- as above
    return Deposit.objects.select_for_update(of=("self",)).select_related("school").get(pk=deposit_id)


def _said(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "rule": problem.rule,
        "text_zh": problem.text_zh,
        "text_en": problem.text_en,
    }
