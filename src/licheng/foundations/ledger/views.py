import logging
import re

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from licheng.foundations import keys
from licheng.foundations.ledger import store
from licheng.foundations.ledger.queries import published_head
from licheng.foundations.ledger.store import LedgerRolledBack
from licheng.foundations.requests import open_to_all

log = logging.getLogger(__name__)
TILE = re.compile(r"tile/(?:entries|[0-9]{1,2})(?:/x[0-9]{3})*/[0-9]{3}(?:\.p/[0-9]{1,3})?")


@open_to_all
@require_safe
def checkpoint(_request: HttpRequest) -> HttpResponse:
    """The signed head, for witnesses, mirrors and receipts; none rather than a rolled-back one."""
    try:
        return HttpResponse(published_head(), content_type="text/plain; charset=utf-8")
    except LedgerRolledBack:
        log.exception("the log is behind the database: its head is not published")
        return HttpResponse(
            "the log is behind what was acknowledged\n", status=503, content_type="text/plain"
        )


@open_to_all
@require_safe
def tile(_request: HttpRequest, path: str) -> HttpResponse:
    """One tile or entry bundle; they hold hashes and commitments, never a name."""
    if not TILE.fullmatch(path):
        raise Http404
    try:
        data = store.read(path)
    except FileNotFoundError as missing:
        raise Http404 from missing
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@open_to_all
@require_safe
def published_keys(_request: HttpRequest) -> HttpResponse:
    """The site's public keys, one C2SP verifier key a line: the third part of every receipt kit."""
    return HttpResponse(keys_text(), content_type="text/plain; charset=utf-8")


def keys_text() -> str:
    """`keys.txt`: the ledger's and the signing key's public halves."""
    return "".join(f"{keys.signing_key(name).vkey}\n" for name in ("ledger", "signing"))
