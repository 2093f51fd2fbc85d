"""The start-up guard: a site opens only on the volumes it closed on, once they gave back what they hold.

In 2021 a restart dropped three virtual disks with 25,210 acknowledged items; sites opened on what was left.
Source: reliability report, findings 1 and 2, F7, F8, §6.5.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import batched

from django.conf import settings
from django.db.models.functions import Collate

from licheng.foundations.authz import Actor
from licheng.foundations.custody import witness
from licheng.foundations.custody.copies import Copy, declared_copies
from licheng.foundations.custody.judging import Sayings, Verdict, is_first_start, judge
from licheng.foundations.custody.models import Content, Volume
from licheng.foundations.custody.operations.comparing import differences
from licheng.foundations.custody.operations.keeping import adopt_contents
from licheng.foundations.custody.operations.opening import adopt_volume, note_volumes
from licheng.foundations.custody.operations.running import Tally
from licheng.foundations.custody.volumes import CopyState, VolumeIdentity

log = logging.getLogger(__name__)
RANDOM_FILES = 200  # Source: reliability report §6.5, as is the period
NEWEST = timedelta(hours=24)  # before the newest content, so that a long rest hides nothing
AT_ONCE = 500


class NotOpened(RuntimeError):
    """The guard has not opened the volumes since the machine started, or they are not those it opened."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A content that a copy does not give back, and the other copies that gave it back just now."""

    copy: str
    sha256: str
    state: CopyState
    elsewhere: tuple[str, ...]


@dataclass
class Report:
    """What the guard found."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    damages: list[Damage] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # copies whose adoption was refused
    tally: Tally = field(default_factory=Tally)
    is_open: bool = False

    @property
    def has_right_volumes(self) -> bool:
        """Whether every copy stands on its own volume, in the state in which it was closed."""
        return bool(self.verdicts) and set(self.verdicts.values()) == {Verdict.GOOD} and not self.refused

    def is_verified(self, copy: str) -> bool:
        """Whether this copy stands on its volume and gave back all that was asked."""
        return self.verdicts[copy] == Verdict.GOOD and all(damage.copy != copy for damage in self.damages)


def guard(*, actor: Actor, adopt: Sequence[str] = (), with_losses: bool = False) -> Report:
    """Check every copy and, if all is right, open the site; otherwise close it.

    `adopt` names copies whose present volume a person declares to be theirs; `with_losses` opens a site
    although files are lost, which it still reports. Must be called outside a transaction.
    """
    adopt_contents(actor=actor)
    report, standing = Report(), _Standing.now()
    if standing.is_first_start:
        for copy in standing.copies:
            report.verdicts[copy.name] = _verdict_of_mount(copy) or Verdict.GOOD
        _finish(report, standing, actor, with_losses=with_losses)
        return report
    for copy in standing.copies:
        report.verdicts[copy.name] = standing.verdict(copy)
    _verify(report, standing)
    _adopt(report, standing, actor, adopt)
    _finish(report, standing, actor, with_losses=with_losses)
    return report


@dataclass
class _Standing:
    """The copies, and what volume, witness and database say of each."""

    copies: tuple[Copy, ...]
    said: dict[str, Sayings | None]  # None: the copy does not answer

    @classmethod
    def now(cls) -> "_Standing":
        rows = {row.copy: VolumeIdentity(row.uuid, row.epoch, "") for row in Volume.objects.all()}
        every = declared_copies()
        return cls(every, {copy.name: _sayings(copy, rows.get(copy.name)) for copy in every})

    @property
    def is_first_start(self) -> bool:
        sayings = [said for said in self.said.values() if said]
        if len(sayings) < len(self.copies) or Content.every.exists():
            return False
        return is_first_start(sayings, is_empty=all(_is_empty(copy) for copy in self.copies))

    def verdict(self, copy: Copy) -> Verdict:
        said = self.said[copy.name]
        if said is None:
            return Verdict.UNREACHABLE
        return _verdict_of_mount(copy) or judge(said)

    def next_identity(self, copy: Copy) -> VolumeIdentity:
        """The copy's identity once opened: one more than the database knows, also after a broken opening."""
        said = self.said[copy.name]
        volume = (said.volume if said else None) or VolumeIdentity.new()
        known = said.database.epoch if said and said.database else 0
        return VolumeIdentity(volume.uuid, known + 1, volume.made_at)


def _sayings(copy: Copy, database: VolumeIdentity | None) -> Sayings | None:
    memory = witness.remembered(copy.name)
    try:
        volume = copy.identity()
    except OSError:
        log.exception("copy %s does not say which volume it is", copy.name)
        return None
    return Sayings(volume, memory.identity if memory else None, database)


def _is_empty(copy: Copy) -> bool:
    return next(iter(copy.hashes()), None) is None


def _verdict_of_mount(copy: Copy) -> Verdict | None:
    """A copy on the machine's own root, or on a file system that forgets, is none.

    A trial may have it, and so may a site that takes no files.
    """
    if settings.EMBEDDED or not settings.TAKES_FILES:
        return None
    try:
        mount = copy.mount()
    except OSError:
        log.exception("copy %s does not say what it stands on", copy.name)
        return Verdict.UNREACHABLE
    return None if mount.is_own else Verdict.NOT_ITS_OWN


def _verify(report: Report, standing: _Standing) -> None:
    """Compare all names, and hash a sample and everything new, in every copy that answers."""
    chosen = _chosen()
    for copy in standing.copies:
        if report.verdicts[copy.name] in {Verdict.UNREACHABLE, Verdict.NOT_ITS_OWN}:
            continue
        try:
            bad = {**dict(_missing(copy)), **dict(_changed(copy, chosen, report.tally))}
        except OSError:
            log.exception("copy %s failed while it was checked", copy.name)
            report.verdicts[copy.name] = Verdict.UNREACHABLE
            continue
        for sha256, state in sorted(bad.items()):
            elsewhere = _elsewhere(standing.copies, copy, sha256)
            report.damages.append(Damage(copy.name, sha256, state, elsewhere))


def _chosen() -> list[str]:
    """Contents that every copy must hash: some at random, and all that came in last."""
    newest = Content.objects.order_by("-kept_at").values_list("kept_at", flat=True).first()
    if newest is None:
        return []
    some = Content.objects.order_by("?").values_list("pk", flat=True)[:RANDOM_FILES]
    new = Content.objects.filter(kept_at__gte=newest - NEWEST).values_list("pk", flat=True)
    return sorted({*some, *new})


def _missing(copy: Copy) -> Iterator[tuple[str, CopyState]]:
    """Every name that the database knows and the copy does not list, asked for once more."""
    names = Content.objects.annotate(name=Collate("pk", "C")).order_by("name").values_list("pk", flat=True)
    for sha256, is_ours in differences(names.iterator(chunk_size=AT_ONCE), lambda: iter(copy.hashes())):
        if is_ours and (state := copy.state(sha256)) != CopyState.GOOD:
            yield sha256, state


def _changed(copy: Copy, chosen: list[str], tally: Tally) -> Iterator[tuple[str, CopyState]]:
    for sha256 in chosen:
        state = copy.state(sha256)
        tally.figures["read"] += 1
        if state != CopyState.GOOD:
            yield sha256, state


def _elsewhere(every: Sequence[Copy], damaged: Copy, sha256: str) -> tuple[str, ...]:
    """The other copies that give the bytes back now."""
    good = []
    for copy in every:
        try:
            if copy.name != damaged.name and copy.holds(sha256):
                good.append(copy.name)
        except OSError:
            log.exception("copy %s failed while it was asked for %s", copy.name, sha256)
    return tuple(good)


def _adopt(report: Report, standing: _Standing, actor: Actor, names: Sequence[str]) -> None:
    """Take the present volume of a copy for its own, if another copy is right or it holds all itself."""
    whole = {copy.name for copy in standing.copies if all(one.copy != copy.name for one in report.damages)}
    for copy in standing.copies:
        if copy.name not in names or report.verdicts[copy.name] == Verdict.GOOD:
            continue
        others = [other.name for other in standing.copies if other.name != copy.name]
        is_safe = copy.name in whole or any(report.is_verified(name) for name in others)
        if not (report.verdicts[copy.name].is_adoptable and is_safe):
            report.refused.append(copy.name)
            continue
        identity = VolumeIdentity.new()
        # Known, but not opened: healing may write there, the site may not.
        copy.set_identity(identity)
        witness.remember(copy.name, identity, boot="")
        adopt_volume(actor=actor, copy=copy.name, identity=identity)
        standing.said[copy.name] = Sayings(identity, identity, identity)
        report.verdicts[copy.name] = Verdict.GOOD
        report.adopted.append(copy.name)


def _finish(report: Report, standing: _Standing, actor: Actor, *, with_losses: bool) -> None:
    """Open the site, or see to it that nothing starts on these volumes."""
    if report.has_right_volumes and (with_losses or not report.damages):
        try:
            _open(standing, actor)
            report.is_open = True
        except OSError:
            log.exception("a volume could not be opened")
            report.tally.figures["failed"] += 1
    if not report.is_open:
        _close(standing)
    _count(report, standing)


def _open(standing: _Standing, actor: Actor) -> None:
    """One more opening: on the volumes, then at the witness, then in the database."""
    opened = {copy.name: standing.next_identity(copy) for copy in standing.copies}
    for copy in standing.copies:
        copy.set_identity(opened[copy.name])
        copy.keep_reserve(settings.RESERVE_BYTES)
    for name, identity in opened.items():
        witness.remember(name, identity, boot=witness.boot_now())
    note_volumes(actor=actor, volumes=opened)


def _close(standing: _Standing) -> None:
    """Have the witness forget that the volumes were opened, so that neither pages nor worker start."""
    for copy in standing.copies:
        if memory := witness.remembered(copy.name):
            witness.remember(copy.name, memory.identity, boot="")


def _count(report: Report, standing: _Standing) -> None:
    figures = report.tally.figures
    figures["copies"], figures["contents"] = len(standing.copies), Content.objects.count()
    for verdict in report.verdicts.values():
        figures["refused"] += verdict not in {Verdict.GOOD, Verdict.UNREACHABLE}
        figures["unreachable"] += verdict == Verdict.UNREACHABLE
    for damage in report.damages:
        figures[damage.state] += 1
    figures["lost"] += len({one.sha256 for one in report.damages if not one.elsewhere})
    figures["refused"] += len(report.refused)


def require_open() -> None:
    """See within milliseconds that the guard opened these very volumes since the machine started.

    Raises NotOpened. A copy that does not answer is no ground: every use of it asks for its identity again.
    """
    rows = {row.copy: VolumeIdentity(row.uuid, row.epoch, "") for row in Volume.objects.all()}
    for copy in declared_copies():
        said, memory = _sayings(copy, rows.get(copy.name)), witness.remembered(copy.name)
        if memory is None or memory.boot != witness.boot_now():
            raise NotOpened(
                f"copy {copy.name} was not opened since this machine started: run `manage.py guard`"
            )
        known = [rows.get(copy.name), *([said.volume] if said else [])]
        if not all(memory.identity.is_same(one) for one in known):
            raise NotOpened(f"copy {copy.name} is not as it was opened: run `manage.py guard`")


def batches(damages: Sequence[Damage]) -> Iterator[Sequence[Damage]]:
    """Damages in pieces that a database question may hold."""
    return batched(damages, AT_ONCE)
