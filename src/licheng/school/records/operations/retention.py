from collections.abc import Sequence
from uuid import UUID

from licheng.foundations.authz import Actor, require_system
from licheng.foundations.retention import ANONYMISED
from licheng.school.records.models import CourseDeputy


def forget_deputyships(*, actor: Actor, person_id: int) -> Sequence[UUID]:
    """Empty the reasons for which somebody was a deputy."""
    require_system(actor)
    CourseDeputy.objects.filter(deputy=person_id).update(reason=ANONYMISED)
    return []
