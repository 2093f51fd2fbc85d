from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from licheng.foundations.authz import require
from licheng.foundations.limits.counted import counted
from licheng.foundations.requests import PersonRequest
from licheng.school.people.models import LookedAt
from licheng.school.people.operations import note_look, note_looks
from licheng.school.people.who import who_page
from licheng.school.receipts import permissions
from licheng.school.receipts.operations import answer_dispute, confirm_item, dispute_item
from licheng.school.receipts.queries import (
    confirmation_window,
    disputes_seen_by,
    how_to_verify,
    items_of,
    kit_of,
    receipt_readers,
    receipt_seen_by,
    receipts_of,
)


@require_safe
def mine(request: PersonRequest) -> HttpResponse:
    """The student's receipts."""
    context = {"lines": receipts_of(request.actor), "window": confirmation_window(request.actor)}
    return render(request, "receipts/mine.html", context)


@require_safe
def detail(request: PersonRequest, receipt_id: int) -> HttpResponse:
    """What arrived, item by item."""
    receipt = receipt_seen_by(request.actor, receipt_id)
    note_look(actor=request.actor, student_id=receipt.student_id, what=LookedAt.RECEIPT, item_id=receipt_id)
    context = {
        "receipt": receipt,
        "items": items_of(request.actor, receipt),
        "window": confirmation_window(request.actor),
        "is_own": receipt.student_id == request.actor.person_id,
        "how_to_verify": how_to_verify(),
        "breadcrumbs": [
            {"url": reverse("receipts:mine"), "label": _("收訖明細")},
            {"url": "", "label": _("收訖項目")},
        ],
    }
    return render(request, "receipts/detail.html", context)


@require_POST
def confirm(request: PersonRequest, item_id: int) -> HttpResponse:
    """This item arrived as it should."""
    item = confirm_item(actor=request.actor, item_id=item_id)
    messages.success(request, _("已確認：{title}").format(title=item.title))
    return redirect("receipts:detail", item.receipt_id)


@require_POST
def dispute(request: PersonRequest, item_id: int) -> HttpResponse:
    """Something about this item is wrong."""
    item = dispute_item(actor=request.actor, item_id=item_id, comment=request.POST.get("comment", ""))
    messages.success(request, _("已回報，學校會在 3 天內回覆：{title}").format(title=item.title))
    return redirect("receipts:detail", item.receipt_id)


@require_safe
@counted("receipts.kit", times=300, methods=frozenset({"GET"}))
def kit(request: PersonRequest, receipt_id: int) -> HttpResponse:
    """Everything needed to verify offline, in one ZIP."""
    receipt = receipt_seen_by(request.actor, receipt_id)
    keys_text = Path(settings.ARCHIVE_KEYS).read_text(encoding="utf-8")
    response = HttpResponse(kit_of(request.actor, receipt, keys_text), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="receipt-kit-{receipt.pk}.zip"'
    return response


@require_safe
def receipt_file(request: PersonRequest, receipt_id: int) -> HttpResponse:
    """The signed receipt alone, byte for byte."""
    receipt = receipt_seen_by(request.actor, receipt_id)
    require(request.actor, permissions.DOWNLOAD, receipt)
    response = HttpResponse(bytes(receipt.body), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="receipt.json"'
    return response


@require_safe
def office(request: PersonRequest) -> HttpResponse:
    """Disputes that wait for an answer."""
    lines = disputes_seen_by(request.actor)
    students = (line.student_id for line in lines)
    note_looks(actor=request.actor, student_ids=students, what=LookedAt.RECEIPT)
    return render(request, "receipts/office.html", {"lines": lines})


@require_POST
def answer(request: PersonRequest, item_id: int) -> HttpResponse:
    """Answer a dispute."""
    answer_dispute(actor=request.actor, item_id=item_id, answer=request.POST.get("answer", ""))
    messages.success(request, _("已回覆學生。"))
    return redirect("receipts:office")


@require_safe
def who(request: PersonRequest, receipt_id: int) -> HttpResponse:
    """Who may see this receipt."""
    return who_page(
        request,
        receipt_readers(request.actor, receipt_id),
        what=_("這一份收訖明細"),
        back=reverse("receipts:detail", args=[receipt_id]),
    )
