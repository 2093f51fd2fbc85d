from django.db.models import QuerySet

from licheng.foundations.authz import Actor, seen
from licheng.school.outcomes import permissions
from licheng.school.outcomes.models import Outcome


def outcomes_seen_of(actor: Actor, student_id: int) -> QuerySet[Outcome]:
    """What the actor may see of one student's outcomes, the newest first."""
    rows = seen(Outcome.objects.filter(student=student_id), actor, permissions.SEE)
    return rows.select_related("enrolment__offering__course").order_by("-school_year", "-semester", "-pk")
