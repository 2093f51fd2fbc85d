from collections.abc import Sequence
from uuid import UUID

from licheng.foundations.authz import Actor, require_system
from licheng.school.counselling.models import Consultation
from licheng.school.counselling.queries.leaving import consultations_only_of


def forget_consultations(*, actor: Actor, person_id: int) -> Sequence[UUID]:
    """Remove a student's consultations, and her from those for others too; the ids of the files they named.

    A counsellor's stay for their students, under a name that says nothing any more.
    """
    require_system(actor)
    alone = Consultation.objects.filter(pk__in=consultations_only_of(person_id))
    files = [file for file in alone.values_list("document_id", flat=True) if file]
    alone.delete()
    Consultation.students.through.objects.filter(person=person_id).delete()
    return files
