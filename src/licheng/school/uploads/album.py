"""The photos that wait to become one PDF: which they are, in which order, and how their page shows them."""

import shutil
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.authz import Actor, found
from licheng.foundations.errors import NotFound
from licheng.foundations.files.models import FileRole
from licheng.foundations.files.sandbox import JSON, Limits, SandboxFailed, call
from licheng.foundations.ui.templatetags.licheng_ui import bytes_text, roc_datetime
from licheng.school.uploads import permissions, storage, workroom
from licheng.school.uploads.models import Preparation, Upload
from licheng.school.uploads.preparations import (
    Attempt,
    QualityCard,
    attempt_shown,
    limit_bytes,
    quality_cards,
)
from licheng.school.uploads.queries import item_url, require_own
from licheng.school.uploads.states import PreparationKind, PreparationState, Quality, UploadState

MOST_PHOTOS = 60  # own bound; `making.photos` has the same
# What a page of A4 takes at most at each quality; own estimates from photos of notes and landscapes.
BYTES_A_PAGE = {Quality.HIGH: 900_000, Quality.MEDIUM: 400_000, Quality.SMALL: 160_000}
THUMBNAIL = "licheng.school.uploads.making.sides:thumbnail"
THUMBNAIL_LIMITS = Limits(memory_bytes=2 * 2**30, cpu_seconds=20, wall_seconds=30, programs=False)
ACCEPT = ".jpg,.jpeg,.png,.heic,.heif,.avif,.webp,image/*"


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """One photo with its buttons; `turn_css` turns its thumbnail."""

    id: UUID
    number: int
    name: str
    size_text: str
    turns: int
    turn_css: str
    is_first: bool
    is_last: bool
    picture_url: str


@dataclass(frozen=True, slots=True)
class AlbumPage:
    """The photos of an item and what a PDF of them would be."""

    item_kind: str
    item_id: UUID
    photos: tuple[ShownPhoto, ...]
    limit_text: str
    photo_bytes: int
    most: int
    estimate_text: str
    kept_until: str
    cards: tuple[QualityCard, ...]
    attempts: tuple[Attempt, ...]
    accept: str
    item_url: str


def photos_of(actor: Actor, item_kind: str, item_id: UUID) -> QuerySet[Upload]:
    """The actor's own photos that wait for an item, in the order she gave them; new ones come last."""
    mine = Upload.objects.filter(permissions.PREPARE.within(actor), item_kind=item_kind, item_id=item_id)
    waiting = mine.filter(is_source=True, state=UploadState.SOURCE, expires_at__gt=timezone.now())
    return waiting.order_by(F("position").asc(nulls_last=True), "created_at", "pk")


def album(actor: Actor, item_kind: str, item_id: UUID, chosen: str = Quality.HIGH) -> AlbumPage:
    """The photos page of an item.

    Raises NotFound for an item out of sight or of an unknown kind, NotAllowed for somebody else's.
    """
    require_own(actor, item_kind, item_id)
    rows = list(photos_of(actor, item_kind, item_id))
    limit = limit_bytes(actor, FileRole.DOCUMENT)
    made = Preparation.objects.filter(
        permissions.PREPARE.within(actor), item_id=item_id, kind=PreparationKind.PHOTOS
    ).exclude(state=PreparationState.DROPPED)
    estimate = min(len(rows) * BYTES_A_PAGE[Quality(quality_or_best(chosen))], limit)
    return AlbumPage(
        item_kind=item_kind,
        item_id=item_id,
        photos=tuple(_shown(row, number, len(rows)) for number, row in enumerate(rows, 1)),
        limit_text=bytes_text(limit),
        photo_bytes=settings.FIT_DOCUMENT_BYTES,
        most=MOST_PHOTOS,
        estimate_text=bytes_text(estimate),
        kept_until=roc_datetime(min(row.expires_at for row in rows)) if rows else "",
        cards=quality_cards(chosen),
        attempts=tuple(attempt_shown(row) for row in made.order_by("created_at")),
        accept=ACCEPT,
        item_url=item_url(item_kind, item_id, "edit"),
    )


def quality_or_best(text: str) -> str:
    """The quality a form names, the best one for any other word."""
    return text if text in Quality.values else Quality.HIGH


def _shown(row: Upload, number: int, count: int) -> ShownPhoto:
    return ShownPhoto(
        id=row.pk,
        number=number,
        name=row.name,
        size_text=bytes_text(row.size_bytes),
        turns=row.quarter_turns,
        turn_css=("", "rotate-90", "rotate-180", "-rotate-90")[row.quarter_turns],
        is_first=number == 1,
        is_last=number == count,
        picture_url=reverse("uploads:photo", args=[row.pk]),
    )


def thumbnail(actor: Actor, upload_id: UUID) -> bytes:
    """A photo, small, as it was taken; drawn at the first request, in the sandbox, then kept.

    Raises NotFound for what is no waiting photo of the actor, or does not open.
    """
    row = found(Upload.objects.filter(state=UploadState.SOURCE), actor, permissions.PREPARE, upload_id)
    kept = workroom.sides_folder(row.pk) / "thumb-1.jpg"
    if not kept.exists():
        _draw(row)
    if not kept.exists():
        raise NotFound
    return kept.read_bytes()


def _draw(row: Upload) -> None:
    source, folder = storage.path_of(row.pk), workroom.fresh_folder(row.pk)
    try:
        asked: dict[str, JSON] = {"source": str(source), "folder": str(folder)}
        answer = call(THUMBNAIL, arguments=asked, reads=[source], writes=folder, limits=THUMBNAIL_LIMITS)
    except SandboxFailed:
        answer = None
    if isinstance(answer, dict) and "problem" not in answer:
        workroom.keep_sides(folder, row.pk)
    shutil.rmtree(folder, ignore_errors=True)
