from collections.abc import Sequence
from uuid import UUID

from licheng.foundations.authz import Actor, require_system
from licheng.school.outcomes.models import Outcome


def forget_outcomes(*, actor: Actor, person_id: int) -> Sequence[UUID]:
    """Remove a student's outcomes; the ids of the files they named."""
    require_system(actor)
    rows = Outcome.objects.filter(student=person_id)
    files = [file for pair in rows.values_list("document_id", "media_id") for file in pair if file]
    rows.delete()
    return files
