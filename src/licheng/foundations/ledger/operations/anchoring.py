import logging
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from licheng.foundations.audit.models import AuditAnchor, AuditHead
from licheng.foundations.authz import Actor
from licheng.foundations.ledger.anchors import leaves_of
from licheng.foundations.ledger.operations.writing import note_leaf, sequence

log = logging.getLogger(__name__)


def anchor_heads(*, actor: Actor) -> int:
    """Write the heads of all audit chains that moved on into the signed log; how many did.

    Raises LedgerRolledBack when the log lost entries that the database knows.
    """
    with transaction.atomic():
        known = AuditAnchor.objects.filter(chain=OuterRef("chain")).order_by("-sequence")
        rows = AuditHead.objects.annotate(anchored=Subquery(known.values("sequence")[:1]))
        rows = rows.filter(Q(anchored=None) | Q(anchored__lt=F("sequence")))
        heads = [(head.chain, head.sequence, bytes(head.hash)) for head in rows.order_by("chain")]
        for leaf in leaves_of(heads, datetime.now(UTC).isoformat(timespec="seconds")):
            note_leaf(leaf)
        AuditAnchor.objects.bulk_create(
            [AuditAnchor(chain=chain, sequence=place) for chain, place, _hash in heads],
            ignore_conflicts=True,  # two clocks at once: the log says it twice, which says nothing new
        )
    if heads:
        log.info("%s anchored %d audit chains", actor.label, len(heads))
        sequence()
    return len(heads)
