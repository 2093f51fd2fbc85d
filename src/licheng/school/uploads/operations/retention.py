from collections.abc import Sequence
from uuid import UUID

from licheng.foundations.authz import Actor, require_system
from licheng.school.uploads.models import Preparation, Upload


def forget_uploads(*, actor: Actor, person_id: int) -> Sequence[UUID]:
    """Remove a student's uploads and what was made of them; the clocks give the space of strays back."""
    require_system(actor)
    preparations = Preparation.objects.filter(student=person_id)
    uploads = Upload.objects.filter(student=person_id)
    files = [
        file for rows in (preparations, uploads) for file in rows.values_list("file_id", flat=True) if file
    ]
    preparations.delete()
    uploads.delete()
    return files
