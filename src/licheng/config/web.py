"""Between requests and operations: language, who is asking, and refusals turned into answers in one place."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.http.request import split_domain_port
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.i18n import set_language

from licheng.foundations.accounts import gate, typed
from licheng.foundations.authz import Actor
from licheng.foundations.errors import (
    BodyTooLarge,
    DomainError,
    FormExpired,
    NotAllowed,
    NotFound,
    SignedOut,
    StepUpNeeded,
)
from licheng.foundations.files.serving import HARMLESS
from licheng.foundations.problems import problem_answer
from licheng.foundations.requests import open_to_all
from licheng.foundations.tus import BODY_TYPE

type Answer = Callable[[HttpRequest], HttpResponseBase]

FORM_WITH_FILES = "multipart/form-data"
LENGTH_DIGITS = 15  # a petabyte is more than any bound
WRITTEN = ("note", "words", "comment", "answer")  # fields of free text, given back when a form is refused


class FilesHost:
    """The host of people's files: no session, no cookie, no page of the site; signed links or nothing."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer for the files host here; everything else goes on to the site."""
        if not settings.FILES_URL or not _is_files_host(request.get_host()):
            return self.get_response(request)
        try:
            if request.method not in {"GET", "HEAD"}:
                return _no_file()
            match = resolve(request.path_info, settings.FILES_URLCONF)
            response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        except (Resolver404, DomainError):  # one answer for all, so that nothing is learnt by asking
            return _no_file()
        return response


def _is_files_host(host: str) -> bool:
    """Whether this name is the files host in any spelling: `FILES.` and `files` reach the same machine.

    The port decides only where site and files share a name.
    """
    files, site = urlsplit(settings.FILES_URL), urlsplit(settings.PUBLIC_URL)
    domain, _port = split_domain_port(host)
    if domain != files.hostname:
        return False
    return files.hostname != site.hostname or host.lower() == files.netloc.lower()


def _no_file() -> HttpResponse:
    text = _("找不到這個檔案，或連結已經過期。請回到網站重新點選：%(site)s") % {"site": settings.PUBLIC_URL}
    plain = "text/plain; charset=utf-8"
    return HttpResponse(text, status=HTTPStatus.NOT_FOUND, content_type=plain, headers=HARMLESS)


class ChineseFirstLocale(LocaleMiddleware):
    """Chinese unless the visitor chose English here; the browser's own language does not decide."""

    def process_request(self, request: HttpRequest) -> None:
        """Take the language from the visitor's own cookie only."""
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        translation.activate(chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE


@open_to_all
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the visitor's choice where it is offered here; Django's own view keeps any that it knows."""
    response: HttpResponse = set_language(request)
    if request.POST.get("language") not in dict(settings.LANGUAGES):
        response.cookies.pop(settings.LANGUAGE_COOKIE_NAME, None)
    return response


class BodyLimit:
    """Bodies larger than any form of this site are refused unread; an API's package is read in pieces."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look at the announced length before anything, the form token included, reads the body."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        is_api = request.path.startswith("/api/")
        streams = is_api and request.content_type == BODY_TYPE  # bounded by what was announced
        most = self._most(request)
        fits = length.isdecimal() and len(length) <= LENGTH_DIGITS and int(length) <= most
        if fits or (streams and length.isdecimal()):
            return self.get_response(request)
        if is_api:
            return problem_answer(BodyTooLarge(limit=most))
        return HttpResponse(
            _("送出的資料太大，沒有收下。"), status=413, content_type="text/plain; charset=utf-8"
        )

    def _most(self, request: HttpRequest) -> int:
        """How many bytes there may be, by what they are.

        A part of a resumable upload is read in pieces, never whole, so its bound is that of the upload. Files
        that come with a form are written to the disk, and an API reads them once it knows the token.
        """
        if request.path.startswith("/api/"):
            is_form = request.content_type == FORM_WITH_FILES
            return settings.BODY_LIMIT_BYTES if is_form else settings.API_BODY_LIMIT_BYTES
        if request.content_type == BODY_TYPE:
            return max(settings.FIT_DOCUMENT_BYTES, settings.FIT_MEDIA_BYTES)
        return settings.BODY_LIMIT_BYTES


class PeopleOnly:
    """Nobody reaches a view without being somebody, unless the view says it is public."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.actor_of: Callable[[HttpRequest], Actor | None] = import_string(settings.ACTOR_OF)
        enters = settings.ENTER_SCHOOL
        self.enter_school: Callable[[HttpRequest], None] = (
            import_string(enters) if enters else lambda _request: None
        )

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer behind the fence of the asker's school, and let nobody keep what is for one person."""
        self.enter_school(request)
        response = self.get_response(request)
        if getattr(request, "actor", None) is not None:
            add_never_cache_headers(response)
            patch_vary_headers(response, ["Cookie", "HX-Request"])
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        """Find out who is asking: strangers sign in; whoever owes a step of signing in is sent there."""
        is_api = request.path.startswith("/api/")
        actor = None if is_api else self.actor_of(request)
        if actor is not None and gate.end_when_over(request, actor):
            actor = None
        request.actor = actor  # type: ignore[attr-defined]
        if is_api or getattr(view, "open_to_all", False):
            if actor is not None and gate.pending_step(request):
                request.actor = None  # type: ignore[attr-defined]  # half signed in is nobody on public pages
            return None
        if actor is None:
            other = getattr(view, "for_strangers", None)
            is_page = request.method in {"GET", "HEAD"} and not request.headers.get("HX-Request")
            return other(request) if other and is_page else _to_sign_in(request)
        step = gate.pending_step(request)
        return None if step is None or step == gate.step_of(view) else _to_step(request, step)


def _to_step(request: HttpRequest, step: str) -> HttpResponse:
    """A step of signing in comes first; the page that was asked for is remembered."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": f"{reverse(step)}?{_htmx_next(request)}"})
    here = request.get_full_path() if request.method in {"GET", "HEAD"} else _back(request)
    return redirect(f"{reverse(step)}?{urlencode({'next': here}, safe='/')}")


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Strangers sign in first; whoever was signed out while writing keeps the words."""
    here = request.get_full_path() if request.method in {"GET", "HEAD"} else _back(request)
    address = f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': here}, safe='/')}"
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": f"{reverse(settings.LOGIN_URL)}?{_htmx_next(request)}"})
    if request.method in {"GET", "HEAD"}:
        return redirect(address)
    return refusal(request, SignedOut(), back_url=address, back_label=_("重新登入"))


def _htmx_next(request: HttpRequest) -> str:
    return urlencode({"next": _own_path(request, request.headers.get("HX-Current-URL", ""))}, safe="/")


class RefusalsAsAnswers:
    """DomainError becomes a page, a fragment or problem+json: the only place that knows both."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on; a button's address opened by itself is told so."""
        if request.path.startswith("/api/"):
            return self.get_response(request)
        typed.forget_sent(request)
        response = self.get_response(request)
        typed.give_back(request, response)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            says = _("這個網址要由頁面上的按鈕送出，不能直接打開。")
            page = _plain(request, HTTPStatus.METHOD_NOT_ALLOWED, says, _("請從首頁重新進入。"))
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Answer a refusal; anything else goes on to become a 500."""
        if isinstance(error, StepUpNeeded) and not _reads_json(request):
            return _to_step_up(request)
        return refusal(request, error) if isinstance(error, DomainError) else None


def _to_step_up(request: HttpRequest) -> HttpResponse:
    """Identity is asked for again on its own page, which leads back to where the button was pressed.

    What was typed is kept, and stands in its form again.
    """
    is_htmx = getattr(request, "htmx", False)
    if is_htmx:
        back = _own_path(request, request.headers.get("HX-Current-URL", ""))
    else:
        back = request.get_full_path() if request.method in {"GET", "HEAD"} else _back(request)
    typed.keep(request, back)
    address = f"{reverse('step_up')}?{urlencode({'next': back}, safe='/')}"
    return HttpResponse(headers={"HX-Redirect": address}) if is_htmx else redirect(address)


def _reads_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def refusal(request: HttpRequest, error: DomainError, **more: object) -> HttpResponse:
    """Answer a refusal in the form the asker reads, with the words that were sent along."""
    if _reads_json(request):
        return problem_answer(error)
    template = "ui/refusal.html#notice" if getattr(request, "htmx", False) else "ui/refusal.html"
    context: dict[str, object] = {"sentence": error.sentence, "what_to_do": error.what_to_do}
    context |= {"back_url": _back(request), "written": _written(request.POST), "status": error.status}
    context["refusal_title"] = _title(error.status)
    return render(request, template, {**context, **more}, status=error.status)


def _title(status: int) -> str:
    titles = {
        HTTPStatus.UNAUTHORIZED: _("請重新登入"),
        HTTPStatus.NOT_FOUND: _("找不到"),
        HTTPStatus.FORBIDDEN: _("不開放"),
        HTTPStatus.INTERNAL_SERVER_ERROR: _("系統發生錯誤"),
    }
    return titles.get(HTTPStatus(status), "")


def _written(sent: QueryDict) -> list[str]:
    return [text for name in WRITTEN if (text := sent.get(name, "").strip())]


def _back(request: HttpRequest) -> str:
    return _own_path(request, request.headers.get("Referer", ""))


def _own_path(request: HttpRequest, address: str) -> str:
    """The path of an address of this site; `//elsewhere` would be a link to another one."""
    home = f"{request.scheme}://{request.get_host()}/"
    path = address[len(home) - 1 :] if address.startswith(home) else "/"
    return "/" if path.startswith(("//", "/\\")) else path


def _plain(request: HttpRequest, status: int, sentence: str, what_to_do: str) -> HttpResponse:
    context = {"sentence": sentence, "what_to_do": what_to_do, "back_url": "/", "status": status}
    context["refusal_title"] = _title(status)
    return render(request, "ui/refusal.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 -- Django calls it by this name
    """400: the request itself cannot be understood."""
    return _plain(request, 400, _("這個請求不完整。"), _("請回到上一頁再試一次。"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 -- Django calls it by this name
    """403 outside any rule."""
    return _plain(request, 403, _("您沒有權限看這一頁。"), NotAllowed().what_to_do)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 -- Django calls it by this name
    """404 for addresses that do not exist."""
    if request.path.startswith("/api/"):
        return problem_answer(NotFound())
    return _plain(request, 404, _("找不到這個網頁。"), _("網址可能打錯或已失效，請從首頁重新進入。"))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault, said so."""
    return _plain(
        request, 500, _("系統發生錯誤，這不是您的問題。"), _("剛才的動作沒有完成，請稍後再試一次。")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 -- Django calls it by this name
    """The form was too old or came from elsewhere."""
    return refusal(request, FormExpired())


def page_frame(request: HttpRequest) -> dict[str, object]:
    """What the frame around every page shows: site, navigation, who is signed in."""
    actor: Actor | None = getattr(request, "actor", None)
    frame: dict[str, object] = import_string(settings.NAVIGATION)(request, actor)
    return {"office": settings.OFFICE, **frame}
