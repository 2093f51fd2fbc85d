"""Taking bytes away: after two checks a week apart, never a copy before those that stay were hashed."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.custody import mentions
from licheng.foundations.custody.copies import Copy
from licheng.foundations.custody.errors import CopyReductionRefused, StillKept
from licheng.foundations.custody.models import Content, CopyState, KeptCopy
from licheng.foundations.custody.operations.reading import copy_named, every_copy, read_where_it_is
from licheng.foundations.custody.operations.running import Budget, Tally

log = logging.getLogger(__name__)
BETWEEN_CHECKS = timedelta(days=7)  # own bound: a mistake is found within a week of school
MUST_STAY = 2  # what an acknowledgement promises
AT_ONCE = 500


def settle_unspoken(*, actor: Actor, tally: Tally, budget: Budget) -> None:
    """Set aside what nobody speaks of, take back what somebody speaks of again, remove what waited a week."""
    now = timezone.now()
    back = mentions.spoken().filter(set_aside_at__isnull=False)
    tally.figures["taken-back"] += back.update(set_aside_at=None)
    aged = mentions.unspoken().filter(set_aside_at__lte=now - BETWEEN_CHECKS)
    waited = list(aged.order_by("set_aside_at").values_list("pk", flat=True)[:AT_ONCE])
    fresh = mentions.unspoken().filter(set_aside_at__isnull=True)
    tally.figures["set-aside"] += fresh.update(set_aside_at=now)
    for sha256 in waited:
        if budget.is_spent:
            return
        try:
            remove_content(actor=actor, sha256=sha256)
        except (StillKept, PermissionError) as refusal:  # somebody uses it again, or a lock still holds it
            log.info("%s was not removed: %s", sha256, refusal)
            tally.figures["refused"] += 1
        except OSError:
            log.exception("%s was not removed", sha256)
            tally.figures["failed"] += 1
        else:
            tally.figures["removed"] += 1


@transaction.atomic
def remove_content(*, actor: Actor, sha256: str) -> None:
    """Take a content that nobody speaks of out of every copy; its row stays as a memory of it.

    The row is locked, so that the same bytes cannot be acknowledged meanwhile. Raises StillKept, or OSError
    when a copy fails: then all rows stay, the comparison puts back what is gone, the next run tries again.
    """
    content = Content.objects.select_for_update().filter(pk=sha256).first()
    if content is None or not _is_over(content):
        raise StillKept(sha256=sha256[:12])
    for copy in reversed(every_copy()):  # a locked third copy refuses before any other was touched
        _take_out(actor, content, copy)
    content.removed_at = timezone.now()
    content.save(update_fields=["removed_at"])


@transaction.atomic
def reduce_copy(*, actor: Actor, sha256: str, copy: str) -> None:
    """Take one file out of one copy while others keep it.

    Raises UnknownCopy, and CopyReductionRefused unless two other copies gave the bytes back just now.
    """
    content = Content.objects.select_for_update().get(pk=sha256)
    _take_out(actor, content, copy_named(copy))


def _take_out(actor: Actor, content: Content, copy: Copy) -> None:
    """The one place that takes bytes away from a copy; it reads those that stay in the same breath.

    Source: reliability report, finding 6 and F19: an unread replica was kept, the good one deleted.
    """
    is_over = _is_over(content)
    good = 0 if is_over else _good_besides(copy, content.pk)
    if good < MUST_STAY and not is_over:
        raise CopyReductionRefused(copy=copy.name, sha256=content.pk[:12], good=good)
    copy.remove(content.pk)
    gone = {"state": CopyState.MISSING, "verified_at": timezone.now()}
    kept, _made = KeptCopy.objects.update_or_create(content=content, copy=copy.name, defaults=gone)
    record(actor=actor, action="copy.reduced", subject=kept, copy=copy.name, sha256=content.pk, others=good)
    kept.delete()


def _is_over(content: Content) -> bool:
    """Whether two checks, a week apart, found nobody who speaks of it; the second is this one."""
    if content.set_aside_at is None or content.set_aside_at > timezone.now() - BETWEEN_CHECKS:
        return False
    return not mentions.has_any([content.pk])


def _good_besides(copy: Copy, sha256: str) -> int:
    """How many other copies give the bytes back now; one that does not answer is none."""
    good = 0
    for other in every_copy():
        try:
            good += other.name != copy.name and read_where_it_is(other, sha256).is_good
        except OSError:
            log.exception("copy %s failed while it was read", other.name)
    return good
