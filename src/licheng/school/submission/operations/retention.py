from collections.abc import Sequence
from uuid import UUID

from licheng.foundations.authz import Actor, require_system
from licheng.school.submission.models import UNDER_WAY, Batch, BatchItem
from licheng.school.submission.operations.sealing import package_path


def on_the_way(people: Sequence[int]) -> set[int]:
    """Those of the people whose items are in a batch that is under way."""
    rows = BatchItem.objects.filter(student__in=people, batch__state__in=UNDER_WAY)
    return set(rows.values_list("student", flat=True))


def forget_items(*, actor: Actor, person_id: int) -> Sequence[UUID]:
    """Empty the records of a student's items, and drop the packages that hold them.

    A package cannot be opened for one student less, so the school's own copy of it goes, with its
    password; what the archive acknowledged is the archive's to keep.
    """
    require_system(actor)
    items = BatchItem.objects.filter(student=person_id)
    batches = Batch.objects.filter(items__in=items).select_related("school").distinct()
    for batch in batches:
        package_path(batch).unlink(missing_ok=True)
    Batch.objects.filter(pk__in=[batch.pk for batch in batches]).update(password_sealed=b"")
    items.update(record={})
    return []
