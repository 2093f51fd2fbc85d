from collections.abc import Sequence
from uuid import UUID

from licheng.foundations.authz import Actor, require_system
from licheng.school.activities.models import Activity


def forget_activities(*, actor: Actor, person_id: int) -> Sequence[UUID]:
    """Remove a student's activity records; the ids of the files they named."""
    require_system(actor)
    rows = Activity.objects.filter(student=person_id)
    files = [file for pair in rows.values_list("document_id", "media_id") for file in pair if file]
    rows.delete()
    return files
