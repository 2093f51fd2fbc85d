import io
from collections.abc import Callable
from functools import wraps
from typing import Any, TypedDict
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse, UnreadablePostError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from licheng.foundations.authz import Actor
from licheng.foundations.errors import DomainError, Invalid, NotFound
from licheng.foundations.files.models import FileRole
from licheng.foundations.limits.counted import counted
from licheng.foundations.problems import problem_answer
from licheng.foundations.requests import PersonRequest
from licheng.foundations.tus import VERSION, VersionUnknown, at_offset, offset_sent, require_version
from licheng.school.filing import FileMissing
from licheng.school.uploads import operations, queries, tus
from licheng.school.uploads.errors import RequestUnreadable, TooLargeToFit, TypeNotTaken
from licheng.school.uploads.models import Upload
from licheng.school.uploads.states import UploadState

type Protocol = Callable[..., HttpResponse]
SHA256_DIGITS = 64
PHOTO = "photo"  # the field of the page that makes one PDF of photos


class _About(TypedDict):
    """What is said of a new upload."""

    actor: Actor
    item: tuple[str, UUID, str]
    name: str
    size_bytes: int
    is_source: bool
    promised_sha256: str


class Body:
    """The body of a request; a connection that broke reads as its end."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; empty at the end."""
        try:
            return self.request.read(size)
        except UnreadablePostError:
            return b""

    def release(self) -> None:
        """Let go of the bytes: a request stands in circles, which wait for the collector of garbage."""
        self.request.META.pop("wsgi.input", None)
        self.request._stream = io.BytesIO()  # noqa: SLF001 -- Django offers no other way to end a body


def by_protocol(**methods: Protocol) -> Protocol:
    """A view of tus: methods by name, its version asked and told, refusals as problems with its headers."""

    # nosemgrep: view-asks-nobody -- each wrapped view passes the actor on
    @wraps(next(iter(methods.values())))
    def answer(request: PersonRequest, *args: Any, **more: Any) -> HttpResponse:
        method = request.method or ""
        if method == "POST":  # only what the form token was asked for may stand for another method
            method = request.headers.get("X-HTTP-Method-Override", method)
        if method == "OPTIONS":
            return HttpResponse(status=204, headers=tus.abilities())
        if method not in methods:
            return HttpResponseNotAllowed([*methods, "OPTIONS"])
        try:
            require_version(request)
            response = methods[method](request, *args, **more)
        except DomainError as refusal:
            response = problem_answer(refusal)
            if isinstance(refusal, VersionUnknown):
                response["Tus-Version"] = VERSION
        Body(request).release()
        response["Tus-Resumable"] = VERSION
        return response

    return answer


@counted("uploads.start", times=600)
def _create(request: PersonRequest) -> HttpResponse:
    """Agree on a new upload; a first part may come with it."""
    said, size_bytes = tus.metadata(request), tus.length_announced(request)
    about: _About = {
        "actor": request.actor,
        "item": (said.get("item_kind", ""), _uuid(said.get("item_id", "")), said.get("role", "")),
        "name": said.get("filename", ""),
        "size_bytes": size_bytes,
        "is_source": said.get("source") == "1",
        "promised_sha256": _sha256(said.get("sha256", "")),
    }
    brings_bytes, checksum = tus.brings_bytes(request), tus.checksum(request)
    if brings_bytes and checksum is not None and tus.body_length(request) == size_bytes:
        upload = operations.take_whole(**about, stream=Body(request), checksum=checksum)
    else:
        upload = operations.start_upload(**about)
        if brings_bytes:
            upload = _take(request, upload.pk, 0)
    return _answer(request, upload, 201)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as unreadable:
        raise NotFound from unreadable


def _sha256(text: str) -> str:
    if text and not (len(text) == SHA256_DIGITS and set(text) <= set("0123456789abcdef")):
        raise RequestUnreadable(what="Upload-Metadata: sha256")
    return text


def _take(request: PersonRequest, upload_id: UUID, offset: int) -> Upload:
    operations.append_bytes(
        actor=request.actor,
        upload_id=upload_id,
        offset=offset,
        stream=Body(request),
        length=tus.body_length(request),
        checksum=tus.checksum(request),
    )
    return operations.finish_upload(actor=request.actor, upload_id=upload_id)


def _answer(request: PersonRequest, upload: Upload, status: int) -> HttpResponse:
    """How far the upload is and where; once all bytes came with the creation, what came of them."""
    if status == 201 and upload.offset_bytes == upload.size_bytes:  # noqa: PLR2004 -- Created
        response: HttpResponse = JsonResponse(queries.state_told(request.actor, upload), status=status)
    else:
        response = at_offset(upload.offset_bytes, upload.size_bytes, status)
    response["Upload-Offset"] = str(upload.offset_bytes)
    response["Upload-Expires"] = tus.expires(upload.expires_at)
    response["Location"] = reverse("uploads:bytes", args=[upload.pk])
    return response


def _head(request: PersonRequest, upload_id: UUID) -> HttpResponse:
    """How far the upload is."""
    upload = operations.settle_offset(actor=request.actor, upload_id=upload_id)
    response = at_offset(upload.offset_bytes, upload.size_bytes, 200)
    response["Upload-Expires"] = tus.expires(upload.expires_at)
    named = {"filename": upload.name, "item_kind": upload.item_kind, "item_id": str(upload.item_id)}
    response["Upload-Metadata"] = tus.metadata_text({**named, "role": upload.role})
    return response


def _patch(request: PersonRequest, upload_id: UUID) -> HttpResponse:
    """The next part; the last one hands the file in."""
    upload = _take(request, upload_id, offset_sent(request))
    response = at_offset(upload.offset_bytes, upload.size_bytes)
    response["Upload-Expires"] = tus.expires(upload.expires_at)
    return response


def _delete(request: PersonRequest, upload_id: UUID) -> HttpResponse:
    """Give the upload up."""
    operations.drop_upload(actor=request.actor, upload_id=upload_id)
    return HttpResponse(status=204)


create = by_protocol(POST=_create)
bytes_ = by_protocol(HEAD=_head, PATCH=_patch, DELETE=_delete)


@require_GET
def state(request: PersonRequest, upload_id: UUID) -> HttpResponse:
    """Where the upload is, for the control that waits; what was left complete is handed in now."""
    operations.finish_upload(actor=request.actor, upload_id=upload_id)
    return JsonResponse(queries.state_told(request.actor, queries.upload_seen(request.actor, upload_id)))


@require_GET
def left(request: PersonRequest, item_kind: str, item_id: UUID) -> HttpResponse:
    """What was not finished for one item: a fragment for its page, a page of its own without JavaScript."""
    found = queries.left_uploads(request.actor, item_kind, item_id)
    context = {"uploads": found, "item_kind": item_kind, "item_id": item_id}
    context["back_url"] = queries.item_url(item_kind, item_id, "edit")
    template = "uploads/left.html#list" if request.headers.get("HX-Request") else "uploads/left.html"
    return render(request, template, context)


@require_POST
def discard(request: PersonRequest, upload_id: UUID) -> HttpResponse:
    """Give an upload up by its button."""
    upload = queries.upload_seen(request.actor, upload_id)
    operations.drop_upload(actor=request.actor, upload_id=upload_id)
    return redirect("uploads:left", upload.item_kind, upload.item_id)


@require_POST
@counted("uploads.start", times=600)
def plain(request: PersonRequest) -> HttpResponse:
    """Files of a plain form, for browsers without JavaScript: each is an upload in one piece."""
    item_kind, item_id = request.POST.get("item_kind", ""), _uuid(request.POST.get("item_id", ""))
    queries.require_sight(request.actor, item_kind, item_id)
    sent = [(field, file) for field, files in request.FILES.lists() for file in files]
    if not sent:
        raise FileMissing
    ended = [_whole(request, (item_kind, item_id), field, file) for field, file in sent]
    too_large = [upload for upload in ended if upload and upload.state == UploadState.TOO_LARGE]
    if too_large:
        return redirect("uploads:fit", too_large[0].pk)
    if any(field == PHOTO for field, _file in sent):
        return redirect("uploads:photos", item_kind, item_id)
    return redirect(queries.item_url(item_kind, item_id, "edit"))


def _whole(
    request: PersonRequest, item: tuple[str, UUID], field: str, file: "UploadedFile[Any]"
) -> Upload | None:
    """Take one file of a form in and say what came of it; None when it was refused unread."""
    is_source = field == PHOTO
    try:
        upload = operations.start_upload(
            actor=request.actor,
            item=(*item, FileRole.DOCUMENT if is_source else field),
            name=file.name or "",
            size_bytes=file.size or 0,
            is_source=is_source,
        )
        operations.append_bytes(
            actor=request.actor, upload_id=upload.pk, offset=0, stream=file, length=upload.size_bytes
        )
    except (Invalid, TooLargeToFit, TypeNotTaken) as refusal:
        messages.error(request, refusal.whole)
        return None
    operations.finish_upload(actor=request.actor, upload_id=upload.pk)
    upload = queries.upload_seen(request.actor, upload.pk)
    _tell(request, upload)
    return upload


def _tell(request: PersonRequest, upload: Upload) -> None:
    if upload.refusal is not None:
        messages.error(request, queries.in_reader_language(upload.refusal))
    elif upload.state == UploadState.COMPLETE:
        text = _("「%(name)s」已經收到，還在檢查與存放；存好之前請保留您的檔案。")
        messages.warning(request, text % {"name": upload.name})
    elif upload.file is not None:
        messages.success(request, _("已上傳並存好：%(name)s") % {"name": upload.name})
        if text := queries.same_bytes_text(request.actor, upload.item_id, upload.file):
            messages.warning(request, text)
