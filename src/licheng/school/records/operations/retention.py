from collections.abc import Sequence
from uuid import UUID

from licheng.foundations.authz import Actor, require_system
from licheng.foundations.retention import ANONYMISED
from licheng.school.records.models import BorrowedStudy, CadreRecord, CourseDeputy, CourseMark, StudentTerm

OF_STUDENTS = (BorrowedStudy, CadreRecord, CourseMark, StudentTerm)


def forget_records(*, actor: Actor, person_id: int) -> Sequence[UUID]:
    """Remove what rosters said of a student, and empty the reasons for which somebody was a deputy.

    Marks go too: a whole transcript without a name still tells whose it is. Enrolments stay, which count.
    """
    require_system(actor)
    for model in OF_STUDENTS:
        model._default_manager.filter(student=person_id).delete()  # noqa: SLF001 -- Django's documented name
    CourseDeputy.objects.filter(deputy=person_id).update(reason=ANONYMISED)
    return []
