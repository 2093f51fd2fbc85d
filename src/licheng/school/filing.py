"""Handing a file in for an item: what outcomes and activity records both need around `foundations.files`.

An app adds its own rule, move and attach: it asks `receiving_for` for the terms, calls `receive_file` outside
a transaction, attaches the StoredFile in a second, atomic operation, and answers with `upload_answer`.
Pages show a `ShownFile`; `school.giving` gives the bytes, a page, the film or the receipt of a `SeenFile`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from licheng_exchange import subject_of

from licheng.foundations.errors import Invalid, NotFound
from licheng.foundations.files.inspection import EXTENSIONS
from licheng.foundations.files.models import FileRole, ScanState, StoredFile
from licheng.foundations.files.operations import Brought, Receiving, clean_name
from licheng.foundations.files.previews import Derived, derived_of
from licheng.foundations.ui.templatetags.licheng_ui import bytes_text, roc_datetime
from licheng.school.calendar.queries import Limits, limits
from licheng.school.people.models import Person, School

TYPE_WORDS = {
    "application/pdf": "PDF",
    "image/jpeg": "JPG",
    "image/png": "PNG",
    "audio/mpeg": "MP3",
    "video/mp4": "MP4",
}
# What phones and scanners make besides: taken to be turned into one of the types above, never as it is.
FITTED_EXTENSIONS = {
    FileRole.DOCUMENT.value: frozenset({"heic", "heif", "avif", "webp", "tif", "tiff", "bmp"}),
    FileRole.MEDIA.value: frozenset({"mov", "3gp", "webm", "mkv", "avi", "m4a", "wav", "aac", "ogg", "flac"}),
}
MINUTE_SECONDS = 60
# What the version for readers leaves out, by the codes of the inspection.
REMOVED: dict[str, Promise] = {
    "location-metadata": gettext_lazy("位置資訊"),
    "personal-metadata": gettext_lazy("姓名、裝置與編輯軟體留下的資料"),
    "extra-data": gettext_lazy("檔案後面附帶的其他資料"),
    "active-content": gettext_lazy("程式、會自動執行的動作與送出資料的表單"),
    "embedded-file": gettext_lazy("附帶的其他檔案"),
}
OTHER_REMOVED = gettext_lazy("其他附帶資料")
LATE = timedelta(minutes=1)  # by then the task of the upload itself has begun, unless it was lost


class FileMissing(Invalid):
    """An upload without a file in it."""

    code = "file-missing"
    says = gettext_lazy("沒有收到檔案。")
    remedy = gettext_lazy("請先選擇一個檔案，再按上傳。")


@dataclass(frozen=True, slots=True)
class ShownTerms:
    """What a <c-upload> says before anything is chosen; `fit_bytes`: what may come in to be made smaller."""

    role: str
    limit_bytes: int
    fit_bytes: int
    accept: str
    types: str

    @property
    def limit_text(self) -> str:
        """The limit for people."""
        return bytes_text(self.limit_bytes)


@dataclass(frozen=True, slots=True)
class ShownUse:
    """How many items a student has made and what their files weigh; `most` is None without a limit."""

    made: int
    most: int | None
    size_text: str


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One page of a document as a picture."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A kept file as pages show it; the first six fields are what <c-upload> asks for.

    `previews`: `ready`, `making`, `failed`, `withheld` (nobody is shown it now) or `none` (sound and film).
    `warnings` are sentences about the scanner and about what readers are not given; `is_given` says whether
    download and player answer.
    """

    id: str
    name: str
    size_text: str
    type_text: str
    state: str
    receipt_url: str
    role: str
    role_label: str
    sha256: str
    received_text: str
    length_text: str
    download_url: str
    play_url: str
    player_url: str
    is_video: bool
    is_given: bool
    is_infected: bool
    is_own: bool
    warnings: tuple[str, ...]
    removed: str
    previews: str
    previews_url: str
    is_late: bool
    pages: tuple[ShownPage, ...]
    pages_hidden: int


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file that somebody was found to be allowed to see, whose it is, and whether it is her own.

    `item` is what it belongs to, such as `outcome/<id>`; `relation` is how the actor got in where her roles
    alone do not say it. `others` are further students whom the same file is about.
    """

    stored: StoredFile
    is_own: bool
    student_id: int
    item: str
    relation: str = ""
    others: tuple[int, ...] = ()

    @property
    def is_cleaned_for_reader(self) -> bool:
        """Whether this reader gets the version for readers."""
        return bool(self.stored.cleaning) and not self.is_own


def role_of(text: str) -> FileRole:
    """The role a form or address names.

    Raises NotFound for any other word.
    """
    try:
        return FileRole(text)
    except ValueError as unknown:
        raise NotFound from unknown


def receiving_for(school: School, person: Person, role: str) -> Receiving:
    """The terms of one upload of a student: needs `school.authority` and `person.student`.

    Raises NotFound for an unknown role or somebody who is not a student.
    """
    role = role_of(role)
    if not hasattr(person, "student"):
        raise NotFound
    subject = subject_of(person.student.subject_key, school=school.code, student_no=person.account)
    return receiving_at(school, role, subject)


def receiving_at(school: School, role: str, subject: str) -> Receiving:
    """The terms of one upload at a school; `subject` is what the log says of whose it is.

    Raises NotFound for an unknown role.
    """
    role = role_of(role)
    allowed = limits(school.place)
    return Receiving(
        scope=school.code,
        role=role.value,
        subject=subject,
        limit_bytes=allowed.bytes_for(role),
        allowed=allowed.types_for(role),
    )


def held_already(items: QuerySet[Any], name: str, brought: Brought) -> StoredFile | None:
    """The file that the item holds in this role, when it is the one that is brought; roles name columns."""
    same = StoredFile.objects.filter(sha256=brought.digests.sha256, original_name=clean_name(name))
    return same.filter(pk__in=items.values(brought.terms.role)).first()


def shown_terms(allowed: Limits, role: str) -> ShownTerms:
    """The limits of one role as the upload control shows them."""
    types = sorted(allowed.types_for(role), key=list(TYPE_WORDS).index)
    taken = [extension for name in types for extension in sorted(EXTENSIONS[name])]
    accept = ",".join(f".{extension}" for extension in (*taken, *sorted(FITTED_EXTENSIONS[role])))
    fit_bytes = settings.FIT_MEDIA_BYTES if role == FileRole.MEDIA else settings.FIT_DOCUMENT_BYTES
    words = _("、").join(TYPE_WORDS[name] for name in types)
    return ShownTerms(role, allowed.bytes_for(role), fit_bytes, accept, words)


def shown_file(seen: SeenFile, url: Callable[..., str]) -> ShownFile:
    """A file ready for a page. `url("receipt")`, `url("page", 2)` … give the addresses of the item's views.

    Needs `stored.entry` loaded.
    """
    stored, derived = seen.stored, derived_of(seen.stored)
    role = FileRole(stored.role)
    plays = stored.media_type.startswith(("audio/", "video/"))
    previews = _previews(seen, derived)
    count = derived.pages if derived and previews in {"ready", "failed"} else 0
    is_given = stored.scan in {ScanState.CLEAN, ScanState.NOT_SCANNED} and not (
        seen.is_cleaned_for_reader and (derived is None or derived.cleaned_failed)
    )
    return ShownFile(
        id=str(stored.pk),
        name=stored.original_name,
        size_text=bytes_text(stored.size_bytes),
        type_text=TYPE_WORDS[stored.media_type],
        state=state_text(stored),
        receipt_url=url("receipt"),
        role=role.value,
        role_label=str(role.label),
        sha256=stored.sha256,
        received_text=roc_datetime(stored.created_at),
        length_text=length_text(stored),
        download_url=url("file"),
        play_url=url("play") if plays and is_given else "",
        player_url=url("player") if plays and is_given else "",
        is_video=stored.media_type.startswith("video/"),
        is_given=is_given,
        is_infected=stored.scan == ScanState.INFECTED,
        is_own=seen.is_own,
        warnings=tuple(_warnings(seen, derived)),
        removed=removed_text(stored),
        previews=previews,
        previews_url=url("previews"),
        is_late=_is_late(stored, derived),
        pages=tuple(ShownPage(number, url("page", number)) for number in range(1, count + 1)),
        pages_hidden=stored.pages - count if count else 0,
    )


def _is_late(stored: StoredFile, derived: Derived | None) -> bool:
    is_harmless = stored.scan != ScanState.INFECTED
    return derived is None and is_harmless and timezone.now() - stored.created_at > LATE


def state_text(stored: StoredFile) -> str:
    """Where a file is, in a few words."""
    if stored.scan == ScanState.INFECTED:
        return _("發現惡意程式，已封存")
    return _("已存好兩份，掃毒中") if stored.scan == ScanState.SCANNING else _("已存好兩份")


def _previews(seen: SeenFile, derived: Derived | None) -> str:
    stored = seen.stored
    if stored.scan == ScanState.INFECTED or (stored.scan == ScanState.SCANNING and not seen.is_own):
        return "withheld"
    if derived is None:
        return "making" if stored.pages or stored.cleaning else "none"
    if not stored.pages:
        return "none"
    return "failed" if derived.pages_failed else "ready"


def _warnings(seen: SeenFile, derived: Derived | None) -> Iterable[str]:
    stored = seen.stored
    if stored.scan == ScanState.SCANNING:
        yield _("掃毒中：掃毒程式回覆之前，不提供下載與播放。不必重新上傳，請過幾分鐘再看。")
    elif stored.scan == ScanState.INFECTED and seen.is_own:
        yield _(
            "這個檔案裡發現惡意程式，已經封存，任何人都不能再打開。請先為您的裝置掃毒，再重新匯出一個乾淨的檔案上傳。"
        )
    elif stored.scan == ScanState.INFECTED:
        yield _("這個檔案裡發現惡意程式，已經封存，任何人都不能再打開。請通知學生上傳乾淨的檔案。")
    elif stored.scan == ScanState.NOT_SCANNED and not seen.is_own:
        yield _("這個檔案沒有掃毒：本站沒有設定掃毒程式。下載後請先自行掃毒再開啟。")
    if derived and derived.cleaned_failed and not seen.is_own:
        yield _("無法製作供閱版，所以不提供下載。請學生用「列印成 PDF」或重新匯出後再上傳。")
    if derived and derived.cleaned_failed and seen.is_own:
        yield _("老師與審查者打不開這個檔案：無法移除其中的附帶內容。請用「列印成 PDF」或重新匯出後再上傳。")


def removed_text(stored: StoredFile) -> str:
    """What the version for readers does not have; empty when readers get the original."""
    return _("、").join(dict.fromkeys(str(REMOVED.get(code, OTHER_REMOVED)) for code in stored.cleaning))


def length_text(stored: StoredFile) -> str:
    """Pages of a document, minutes of sound or film."""
    if stored.is_pdf:
        return _("%(n)d 頁") % {"n": stored.pages}
    if "seconds" in stored.facts:
        minutes, seconds = divmod(round(float(stored.facts["seconds"])), MINUTE_SECONDS)
        return _("%(m)d 分 %(s)02d 秒") % {"m": minutes, "s": seconds}
    return ""


def upload_answer(stored: StoredFile, receipt_url: str, preview_url: str, notice: str = "") -> dict[str, str]:
    """The 201 answer that <c-upload> reads; `notice` is a kind remark that is shown beside the picture."""
    preview = format_html('<p class="notice notice-accent">{}</p>', notice) if notice else ""
    if preview_url and stored.pages:
        alt = _("%(name)s 的第 1 頁") % {"name": stored.original_name}
        preview += format_html(
            '<img class="w-48 mt-2 border border-base-300" src="{}" alt="{}">', preview_url, alt
        )
    return {
        "file": str(stored.pk),
        "name": stored.original_name,
        "size_text": bytes_text(stored.size_bytes),
        "type_text": TYPE_WORDS[stored.media_type],
        "state": state_text(stored),
        "receipt_url": receipt_url,
        "preview_html": str(preview),
    }
