"""Which consultations go with a student."""

from uuid import UUID

from licheng.school.counselling.models import Consultation


def consultations_only_of(person_id: int) -> list[UUID]:
    """Consultations that were for this student and for nobody else."""
    named = Consultation.students.through.objects
    hers = list(named.filter(person=person_id).values_list("consultation", flat=True))
    shared = named.filter(consultation__in=hers).exclude(person=person_id).values("consultation")
    # nosemgrep: unscoped-lookup -- asked by the clock that forgets people
    return list(Consultation.objects.filter(pk__in=hers).exclude(pk__in=shared).values_list("pk", flat=True))
