"""What the pages about smaller versions and photos show: every text and address ready."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from licheng.foundations.authz import Actor, found
from licheng.foundations.errors import NotFound
from licheng.foundations.ui.templatetags.licheng_ui import bytes_text, roc_datetime
from licheng.school.calendar.queries import limits
from licheng.school.people.actors import school_of
from licheng.school.uploads import permissions, states, workroom
from licheng.school.uploads.making.sources import kind_of
from licheng.school.uploads.models import Preparation, Upload
from licheng.school.uploads.queries import in_reader_language, item_url
from licheng.school.uploads.states import PreparationKind, Quality
from licheng.school.uploads.states import PreparationState as P
from licheng.school.uploads.storage import path_of

WORDS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    Quality.HIGH: (
        gettext_lazy("盡量清楚"),
        gettext_lazy("用到上限為止，能留多少就留多少。一般選這個。"),
    ),
    Quality.MEDIUM: (gettext_lazy("中等"), gettext_lazy("螢幕上看和一般列印都清楚，檔案比較小。")),
    Quality.SMALL: (gettext_lazy("最小"), gettext_lazy("在手機和電腦上看得清楚，檔案最小、做得最快。")),
}
TIMES = {
    "image": gettext_lazy("照片通常幾秒鐘就好。"),
    "pdf": gettext_lazy("PDF 通常一分鐘以內，圖片多的會久一點。"),
    "media": gettext_lazy("影音通常和它的長度差不多久。"),
    "photos": gettext_lazy("通常一分鐘以內。"),
}
SIDES = ("before", "after")
MINUTE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class QualityCard:
    """One choice of quality in plain words."""

    value: str
    label: str
    hint: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """A version of the same source that was made or is being made."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class FitPage:
    """What is too large, by how much, and what can be done."""

    upload: Upload
    size_text: str
    limit_text: str
    over_text: str
    times_text: str
    kept_until: str
    is_over: bool
    cards: tuple[QualityCard, ...]
    attempts: tuple[Attempt, ...]
    item_url: str


@dataclass(frozen=True, slots=True)
class Side:
    """One picture of a version, or the place of one that is not there."""

    number: int
    before_url: str
    after_url: str


@dataclass(frozen=True, slots=True)
class Facts:
    """One version in words."""

    name: str
    size_text: str
    about_text: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PreparationPage:
    """A version: where it is, and, once it is ready, how it compares with its source."""

    preparation: Preparation
    is_photos: bool
    is_working: bool
    is_late: bool
    may_accept: bool
    may_drop: bool
    progress_text: str
    problem: str
    how: str
    quality: str
    before: Facts | None
    after: Facts | None
    saved_percent: int
    sides: tuple[Side, ...]
    sides_hidden: int
    kept_until: str
    again_url: str
    item_url: str
    receipt_url: str


def upload_to_fit(actor: Actor, upload_id: UUID, chosen: str = Quality.HIGH) -> FitPage:
    """The page that offers to make an upload smaller.

    Raises NotFound, or WrongState for an upload that is not too large.
    """
    upload = found(Upload.objects.all(), actor, permissions.PREPARE, upload_id)
    states.REDUCE.apply(upload.state)
    limit = limit_bytes(actor, upload.role)
    rows = Preparation.objects.filter(parts__upload=upload).exclude(state=P.DROPPED).order_by("created_at")
    path = path_of(upload.pk)
    kind = kind_of(path) if path.exists() else ""
    return FitPage(
        upload=upload,
        size_text=bytes_text(upload.size_bytes),
        limit_text=bytes_text(limit),
        over_text=bytes_text(upload.size_bytes - limit),
        times_text=str(TIMES.get(kind, "")),
        kept_until=roc_datetime(upload.expires_at),
        is_over=upload.size_bytes > limit,
        cards=quality_cards(chosen),
        attempts=tuple(attempt_shown(row) for row in rows),
        item_url=item_url(upload.item_kind, upload.item_id, "edit"),
    )


def limit_bytes(actor: Actor, role: str) -> int:
    """The largest file of this role that the year's policy takes at the actor's school."""
    return limits(school_of(actor).place).bytes_for(role)


def quality_cards(chosen: str) -> tuple[QualityCard, ...]:
    """The three qualities, one of them ticked."""
    chosen = chosen if chosen in Quality.values else Quality.HIGH
    return tuple(
        QualityCard(value, str(label), str(hint), value == chosen) for value, (label, hint) in WORDS.items()
    )


def attempt_shown(row: Preparation) -> Attempt:
    """A version in one line."""
    facts = {"quality": Quality(row.quality).label, "state": P(row.state).label}
    text = _("%(quality)s：%(state)s") % facts
    if row.result_bytes:
        text += _("（%(size)s）") % {"size": bytes_text(row.result_bytes)}
    return Attempt(reverse("uploads:preparation", args=[row.pk]), text)


def preparation_seen(actor: Actor, preparation_id: UUID) -> Preparation:
    """One's own preparation.

    Raises NotFound.
    """
    return found(
        Preparation.objects.select_related("file__entry"), actor, permissions.PREPARE, preparation_id
    )


def preparation_page(actor: Actor, preparation_id: UUID) -> PreparationPage:
    """Everything the page of a version shows.

    Raises NotFound.
    """
    row = preparation_seen(actor, preparation_id)
    uploads = [part.upload for part in row.parts.select_related("upload")]
    is_photos = row.kind == PreparationKind.PHOTOS
    is_shown = row.state in {P.READY, P.ACCEPTED} and bool(row.result_bytes)
    before = _before(row, uploads) if is_shown else None
    sides, hidden = _sides(row) if is_shown else ((), 0)
    total = sum(upload.size_bytes for upload in uploads)
    return PreparationPage(
        preparation=row,
        is_photos=is_photos,
        is_working=row.state in {P.QUEUED, P.WORKING},
        is_late=row.state == P.QUEUED,
        may_accept=states.ACCEPT.starts_from(row.state),
        may_drop=states.DROP.starts_from(row.state),
        progress_text=_progress_text(row),
        problem=in_reader_language(row.problem) if row.problem else "",
        how=_how(row),
        quality=str(Quality(row.quality).label),
        before=before,
        after=_after(row) if is_shown else None,
        saved_percent=round(100 - 100 * (row.result_bytes or 0) / total) if total else 0,
        sides=sides,
        sides_hidden=hidden,
        kept_until=roc_datetime(min(upload.expires_at for upload in uploads)) if uploads else "",
        again_url=_again_url(row, uploads),
        item_url=item_url(row.item_kind, row.item_id, "edit"),
        receipt_url=item_url(row.item_kind, row.item_id, "receipt", row.role)
        if row.state == P.ACCEPTED
        else "",
    )


def _progress_text(row: Preparation) -> str:
    if row.state == P.QUEUED:
        return _("正在排隊，輪到就會開始。")
    return _("處理中，已完成 %(n)d%%。") % {"n": row.percent}


def _how(row: Preparation) -> str:
    return str(row.result_facts.get("how_en" if get_language() == "en" else "how_zh", ""))


def _again_url(row: Preparation, uploads: list[Upload]) -> str:
    if row.kind == PreparationKind.PHOTOS or not uploads:
        return reverse("uploads:photos", args=[row.item_kind, row.item_id])
    if not states.REDUCE.starts_from(uploads[0].state):
        return item_url(row.item_kind, row.item_id, "edit")
    return reverse("uploads:fit", args=[uploads[0].pk])


def _before(row: Preparation, uploads: list[Upload]) -> Facts:
    size = bytes_text(sum(upload.size_bytes for upload in uploads))
    if len(uploads) == 1:
        return Facts(uploads[0].name, size, _about(row.result_facts.get("before", {})), uploads[0].sha256)
    return Facts(_("%(n)d 張照片") % {"n": len(uploads)}, size, "", "")


def _after(row: Preparation) -> Facts:
    about = {**row.result_facts.get("after", {}), **row.result_facts.get("made", {})}
    return Facts(row.result_name, bytes_text(row.result_bytes), _about(about), row.result_sha256)


def _about(facts: Mapping[str, int | float]) -> str:
    """Pages, pixels and length, as far as they are known."""
    said = []
    if "pages" in facts:
        said.append(_("%(n)d 頁") % {"n": facts["pages"]})
    if facts.get("width") and "pages" not in facts:
        said.append(_("%(w)d×%(h)d 像素") % {"w": facts["width"], "h": facts["height"]})
    if "seconds" in facts:
        minutes, seconds = divmod(round(facts["seconds"]), MINUTE_SECONDS)
        said.append(_("%(m)d 分 %(s)02d 秒") % {"m": minutes, "s": seconds})
    return _("、").join(said)


def _sides(row: Preparation) -> tuple[tuple[Side, ...], int]:
    """The pictures side by side: page by page, as many as either version has."""
    drawn = {side: int(row.result_facts.get(side, {}).get("drawn", 0)) for side in SIDES}
    known = max(int(row.result_facts.get(side, {}).get("all", 0)) for side in SIDES)
    count = max(drawn.values())

    def url(side: str, number: int) -> str:
        return reverse("uploads:side", args=[row.pk, side, number]) if number <= drawn[side] else ""

    pairs = tuple(Side(number, url("before", number), url("after", number)) for number in range(1, count + 1))
    return pairs, max(known - count, 0)


def side_picture(actor: Actor, preparation_id: UUID, side: str, number: int) -> bytes:
    """One picture of a version, before or after.

    Raises NotFound.
    """
    row = preparation_seen(actor, preparation_id)
    if side not in SIDES:
        raise NotFound
    return _read(workroom.sides_folder(row.pk) / f"{side}-{number}.jpg")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as missing:
        raise NotFound from missing
