from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from licheng.foundations.authz import Actor, require_system
from licheng.school.counselling.queries import consultations_only_of
from licheng.school.uploads.models import ItemKind, Preparation, Upload


def forget_uploads(*, actor: Actor, person_id: int) -> Sequence[UUID]:
    """Remove somebody's uploads and what was made of them; the clocks give the space of strays back.

    Those for consultations that go with a student are the counsellor's, and go too.
    """
    require_system(actor)
    gone = consultations_only_of(person_id)
    mine = Q(student=person_id) | Q(item_kind=ItemKind.CONSULTATION, item_id__in=gone)
    preparations = Preparation.objects.filter(mine)
    uploads = Upload.objects.filter(mine)
    files = [
        file for rows in (preparations, uploads) for file in rows.values_list("file_id", flat=True) if file
    ]
    preparations.delete()
    uploads.delete()
    return files
