import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.files.inspection import Inspected, Verdict, inspect
from licheng.foundations.files.operations import Receiving
from licheng.foundations.files.sandbox import JSON, Limits, SandboxFailed, call, made_file
from licheng.school.filing import receiving_at
from licheng.school.uploads import states, storage, workroom
from licheng.school.uploads.making.results import Impossible, told
from licheng.school.uploads.making.sources import kind_of
from licheng.school.uploads.models import Preparation, PreparationPart
from licheng.school.uploads.operations.exclusive import MAKERS, alone
from licheng.school.uploads.states import PreparationKind, PreparationState

ATTEMPTS = 3  # a source that kills its worker three times is not tried again
PERCENT_EVERY_SECONDS = 1.0
SIGN_OF_LIFE_SECONDS = 20.0
MAKERS_OF = {
    "image": "licheng.school.uploads.making.images:fit",
    "pdf": "licheng.school.uploads.making.pdf:fit",
    "media": "licheng.school.uploads.making.films:fit",
}
ONE_PDF = "licheng.school.uploads.making.photos:one_pdf"
DRAW = "licheng.school.uploads.making.sides:draw"
GB, MB = 2**30, 2**20
# Own bounds. Twenty minutes of film take about ten; processor time is of each process.
BOUNDS = {
    "image": Limits(memory_bytes=3 * GB, cpu_seconds=120, wall_seconds=180, programs=False),
    "pdf": Limits(memory_bytes=3 * GB, cpu_seconds=400, wall_seconds=500, programs=False),
    "photos": Limits(memory_bytes=3 * GB, cpu_seconds=400, wall_seconds=500, programs=False),
    "media": Limits(memory_bytes=4 * GB, cpu_seconds=3600, wall_seconds=1800, written_bytes=128 * MB),
}
DRAWING = Limits(memory_bytes=3 * GB, cpu_seconds=60, wall_seconds=90)
FAILURES = {"timeout": "took-too-long", "memory": "needs-too-much", "crash": "unreadable"}
DRAWN_PERCENT, INSPECTED_PERCENT = 98, 94
EXTENSION_OF = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/pdf": "pdf",
    "video/mp4": "mp4",
    "audio/mpeg": "mp3",
}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be made of what; `kind` is that of the sources."""

    preparation: Preparation
    parts: tuple[PreparationPart, ...]
    terms: Receiving
    kind: str
    folder: Path

    @property
    def sources(self) -> list[Path]:
        """The bytes of the sources, in their order."""
        return [storage.path_of(part.upload_id) for part in self.parts]


@dataclass(frozen=True, slots=True)
class _Made:
    """A version that is ready to be looked at: its file, name and what people are told."""

    path: Path
    name: str
    facts: dict[str, JSON]


def make_preparation(*, actor: Actor, preparation_id: UUID) -> None:
    """Make the version that was asked for, keep it durably, and only then say that it is ready.

    Called by tasks of the preparation's school, outside a transaction. Safe to repeat, to be killed in and to
    be called twice at once: one worker holds the lock, a later attempt begins from nothing. Raises OSError
    when the device fails, SandboxFailed where nothing can be fenced in; the third time the student is told.
    """
    with alone(MAKERS, preparation_id) as is_alone:
        preparation = _begin(actor, preparation_id) if is_alone else None
        if preparation is None:
            return
        try:
            job = _job(preparation)
            made = _make(job)
            _keep(actor, job, made)
        except Impossible as reason:
            _fail(actor, preparation, reason.answer())
        except Exception:
            if _attempts(preparation) >= ATTEMPTS:
                _fail(actor, preparation, Impossible("server-trouble").answer())
            raise
        finally:
            if _is_over(preparation):
                workroom.forget_work(preparation_id)


def _attempts(preparation: Preparation) -> int:
    return int(preparation.result_facts.get("attempts", 0))


def _is_over(preparation: Preparation) -> bool:
    return Preparation.objects.exclude(state=PreparationState.WORKING).filter(pk=preparation.pk).exists()


@transaction.atomic
def _begin(actor: Actor, preparation_id: UUID) -> Preparation | None:
    """Take the work up; None when there is nothing to do any more, or it was tried often enough."""
    rows = Preparation.objects.select_for_update(of=("self",)).select_related("school__authority")
    preparation = rows.filter(Q(school_id=actor.school_id), pk=preparation_id).first()
    if preparation is None or not states.WORK.starts_from(preparation.state):
        return None
    preparation.state = states.WORK.apply(preparation.state)
    preparation.result_facts = {"attempts": _attempts(preparation) + 1}
    preparation.percent = 0
    preparation.save(update_fields=["state", "result_facts", "percent", "changed_at"])
    if _attempts(preparation) > ATTEMPTS:
        _fail(actor, preparation, Impossible("server-trouble").answer())
        return None
    return preparation


def _job(preparation: Preparation) -> _Job:
    """Everything a maker needs. Raises Impossible when a source is gone or cannot be made smaller."""
    parts = tuple(preparation.parts.select_related("upload"))
    gone = [part for part in parts if storage.kept_bytes(part.upload_id) != part.upload.size_bytes]
    if gone or not parts:
        raise Impossible("source-gone")
    kind = (
        "photos"
        if preparation.kind == PreparationKind.PHOTOS
        else kind_of(storage.path_of(parts[0].upload_id))
    )
    if kind not in BOUNDS:
        raise Impossible("unknown-kind")
    terms = receiving_at(
        preparation.school, preparation.role, ""
    )  # whose it is, is said when it is handed in
    return _Job(preparation, parts, terms, kind, workroom.fresh_folder(preparation.pk))


def _make(job: _Job) -> _Made:
    """Make, inspect and draw. Raises Impossible with the reason for the student."""
    if job.kind == "pdf":  # what is refused anyway is refused before minutes are spent on it
        _require(
            inspect(job.sources[0], "source.pdf", allowed=job.terms.allowed),
            {Verdict.ACCEPT, Verdict.SANITISE},
        )
    answer = _watched(job)
    path = made_file(job.folder, str(answer["file"]))
    name = _result_name(job, EXTENSION_OF[str(answer["media_type"])])
    inspected = inspect(path, name, allowed=job.terms.allowed)
    _require(inspected, {Verdict.ACCEPT})
    if path.stat().st_size > job.terms.limit_bytes:
        raise Impossible("unreadable")  # no maker that holds to its limit comes here
    _save_percent(job.preparation, INSPECTED_PERCENT)
    facts: dict[str, JSON] = {
        **job.preparation.result_facts,
        "media_type": inspected.media_type,
        "how_zh": answer["how_zh"],
        "how_en": answer["how_en"],
        "made": answer["facts"],
        "before": _drawn_before(job),
        "after": _drawn(path, _kind_of_result(inspected.media_type), job.folder, "after"),
    }
    return _Made(path, name, facts)


def _require(inspected: Inspected, fine: set[Verdict]) -> None:
    """Raises Impossible, in the inspection's own words, for a verdict that is not fine here."""
    if inspected.verdict in fine:
        return
    reason = next(reason for reason in inspected.reasons if reason.verdict not in fine)
    raise Impossible("not-fit", zh=reason.text_zh, en=reason.text_en)


def _watched(job: _Job) -> dict[str, JSON]:
    """Run the maker in the sandbox and pass its progress on to the row. Raises Impossible."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        running = pool.submit(_called, job)
        saved, last = 0, time.monotonic()
        while not running.done():
            time.sleep(PERCENT_EVERY_SECONDS / 4)
            percent, now = told(job.folder), time.monotonic()
            since = now - last
            if (percent > saved and since >= PERCENT_EVERY_SECONDS) or since >= SIGN_OF_LIFE_SECONDS:
                _save_percent(job.preparation, percent)
                saved, last = percent, now
        return running.result()


def _called(job: _Job) -> dict[str, JSON]:
    asked: dict[str, JSON] = {
        "folder": str(job.folder),
        "limit_bytes": job.terms.limit_bytes,
        "quality": job.preparation.quality,
    }
    if job.kind == "photos":
        asked |= {"sources": [str(path) for path in job.sources]}
        asked |= {"turns": [part.quarter_turns for part in job.parts]}
        return _answer(ONE_PDF, asked, job.sources, job.folder, BOUNDS["photos"])
    asked |= {"source": str(job.sources[0]), "allowed": cast("JSON", sorted(job.terms.allowed))}
    return _answer(MAKERS_OF[job.kind], asked, job.sources, job.folder, BOUNDS[job.kind])


def _answer(
    function: str, asked: dict[str, JSON], reads: list[Path], folder: Path, limits: Limits
) -> dict[str, JSON]:
    """A maker's answer. Raises Impossible with its reason, SandboxFailed where nothing can be fenced in."""
    try:
        answer = cast(
            "dict[str, JSON]", call(function, arguments=asked, reads=reads, writes=folder, limits=limits)
        )
    except SandboxFailed as failure:
        if failure.reason not in FAILURES:
            raise
        log.warning("%s ended in the sandbox: %s", function, failure)
        raise Impossible(FAILURES[failure.reason]) from failure
    if "problem" in answer:
        problem = cast("dict[str, str]", answer["problem"])
        raise Impossible("told", code=problem["code"], zh=problem["text_zh"], en=problem["text_en"])
    return answer


def _drawn(
    path: Path, kind: str, folder: Path, name: str, *, first: int = 1, turns: int = 0
) -> dict[str, JSON]:
    asked: dict[str, JSON] = {"source": str(path), "kind": kind, "folder": str(folder), "name": name}
    return _answer(DRAW, asked | {"first": first, "turns": turns}, [path], folder, DRAWING)


def _drawn_before(job: _Job) -> dict[str, JSON]:
    if job.kind != "photos":
        return _drawn(job.sources[0], job.kind, job.folder, "before")
    for number, (path, part) in enumerate(zip(job.sources, job.parts, strict=True), 1):
        _drawn(path, "image", job.folder, "before", first=number, turns=part.quarter_turns)
    return {"drawn": len(job.parts), "all": len(job.parts)}


def _kind_of_result(media_type: str) -> str:
    return {"application/pdf": "pdf", "image/jpeg": "image", "image/png": "image"}.get(media_type, "media")


def _result_name(job: _Job, extension: str) -> str:
    """The source's own name with the ending of what it became; a PDF of photos is named for them."""
    first = job.parts[0].upload.name
    stem = first.rpartition(".")[0] or first
    if job.kind == "photos" and len(job.parts) > 1:
        stem = f"{stem[:80]}等{len(job.parts)}張照片"
    return f"{stem[:120]}.{extension}"


def _save_percent(preparation: Preparation, percent: int) -> None:
    working = Preparation.objects.filter(pk=preparation.pk, state=PreparationState.WORKING)
    working.update(percent=percent, changed_at=timezone.now())


def _keep(actor: Actor, job: _Job, made: _Made) -> None:
    """The file durably first, its pictures, then the row: ready means that it is all there."""
    size = made.path.stat().st_size
    sha256 = workroom.keep_result(made.path, job.preparation.pk)
    workroom.keep_sides(job.folder, job.preparation.pk)

    def fill(row: Preparation) -> None:
        row.state = states.FINISH.apply(row.state)
        row.percent, row.result_name, row.result_sha256 = 100, made.name, sha256
        row.result_bytes, row.result_facts = size, made.facts

    _settle(actor, job.preparation, "preparation.ready", fill, sha256=sha256, size_bytes=size)


def _fail(actor: Actor, preparation: Preparation, problem: dict[str, JSON]) -> None:
    def fill(row: Preparation) -> None:
        row.state, row.problem = states.FAIL.apply(row.state), problem

    _settle(actor, preparation, "preparation.failed", fill, code=str(problem["code"]))


@transaction.atomic
def _settle(
    actor: Actor,
    preparation: Preparation,
    action: str,
    fill: Callable[[Preparation], None],
    **facts: str | int,
) -> None:
    row = Preparation.objects.select_for_update().get(pk=preparation.pk)
    fill(row)
    row.save(
        update_fields=[
            "state", "percent", "problem", "result_name", "result_sha256", "result_bytes", "result_facts",
            "changed_at",
        ]
    )  # fmt: skip
    record(actor=actor, action=action, subject=row, **facts)
