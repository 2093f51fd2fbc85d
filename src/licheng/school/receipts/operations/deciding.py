from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require
from licheng.foundations.errors import Invalid
from licheng.school.activities import states as activities
from licheng.school.activities.operations import move_activity
from licheng.school.calendar.models import WindowKind
from licheng.school.governance.queries import require_open_for
from licheng.school.outcomes import states as outcomes
from licheng.school.outcomes.operations import move_outcome
from licheng.school.people.actors import school_of
from licheng.school.receipts import permissions, states
from licheng.school.receipts.models import ReceiptItem
from licheng.school.receipts.queries import item_seen_by
from licheng.school.submission.models import ItemKind

COMMENT_CHARACTERS = 300


def _locked(actor: Actor, item_id: int) -> ReceiptItem:
    item_seen_by(actor, item_id)
    # nosemgrep: unscoped-lookup -- seen in the line above
    return ReceiptItem.objects.select_for_update(of=("self",)).get(pk=item_id)


def _move(actor: Actor, item: ReceiptItem, move: str) -> None:
    if item.kind == ItemKind.OUTCOME:
        move_outcome(actor=actor, outcome_id=item.item_id, move=getattr(outcomes, move))
    else:
        move_activity(actor=actor, activity_id=item.item_id, move=getattr(activities, move))


@transaction.atomic
def confirm_item(*, actor: Actor, item_id: int) -> ReceiptItem:
    """The student says that this item arrived as it should.

    Raises NotFound, NotAllowed (not her item), WindowClosed or WrongState.
    """
    item = _locked(actor, item_id)
    require(actor, permissions.DECIDE, item)
    require_open_for(school_of(actor).place, WindowKind.CONFIRM, item.student_id)
    item.state = states.CONFIRM.apply(item.state)
    item.comment, item.decided_at = "", timezone.now()
    item.save(update_fields=["state", "comment", "decided_at"])
    _move(actor, item, "CONFIRM")
    record(actor=actor, action="receipt_item.confirmed", subject=item)
    return item


@transaction.atomic
def dispute_item(*, actor: Actor, item_id: int, comment: str) -> ReceiptItem:
    """The student says what is wrong with this item; the school answers within 3 days.

    Raises NotFound, NotAllowed, Invalid (no comment, or too long), WindowClosed or WrongState.
    Source of the 3 days: domain reference §4.10.
    """
    item = _locked(actor, item_id)
    require(actor, permissions.DECIDE, item)
    require_open_for(school_of(actor).place, WindowKind.CONFIRM, item.student_id)
    item.comment = _sentence(comment, _("哪裡有誤"))
    item.state = states.DISPUTE.apply(item.state)
    item.decided_at, item.answer, item.answered_at = timezone.now(), "", None
    item.save(update_fields=["state", "comment", "decided_at", "answer", "answered_at"])
    _move(actor, item, "DISPUTE")
    record(actor=actor, action="receipt_item.disputed", subject=item)
    return item


@transaction.atomic
def answer_dispute(*, actor: Actor, item_id: int, answer: str) -> ReceiptItem:
    """The receipt officer answers a dispute; the student then confirms or disputes again.

    Raises NotFound, NotAllowed, Invalid or WrongState (nothing is disputed).
    """
    item = _locked(actor, item_id)
    require(actor, permissions.ANSWER, item)
    states.ANSWER.apply(item.state)
    item.answer, item.answered_at = _sentence(answer, _("回覆")), timezone.now()
    item.save(update_fields=["answer", "answered_at"])
    record(actor=actor, action="receipt_item.answered", subject=item)
    return item


def _sentence(text: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(field=field, reason=_("請寫明，對方才知道怎麼處理。"))
    if len(text) > COMMENT_CHARACTERS:
        reason = _("最多 {limit} 字，目前 {n} 字。").format(limit=COMMENT_CHARACTERS, n=len(text))
        raise Invalid(field=field, reason=reason)
    return text
