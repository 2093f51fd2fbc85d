from datetime import datetime

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.school.calendar.models import Level, Window, WindowKind


@transaction.atomic
def set_window(
    *,
    actor: Actor,
    level: Level,
    code: str,
    school_year: int,
    semester: int,
    kind: WindowKind,
    opens_at: datetime,
    closes_at: datetime,
    source: str = "",
) -> Window:
    """Say from when to when one level opens something; saying it again replaces it."""
    window, _made = Window.objects.update_or_create(
        level=level,
        code=code,
        school_year=school_year,
        semester=semester,
        kind=kind,
        defaults={"opens_at": opens_at, "closes_at": closes_at, "source": source},
    )
    record(actor=actor, action="window.set", subject=window, kind=kind, level=level, code=code)
    return window
