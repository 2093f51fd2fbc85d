from datetime import datetime

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.school.calendar.models import Level, Policy, Window, WindowKind


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


@transaction.atomic
def remove_window(*, actor: Actor, code: str, school_year: int, semester: int, kind: WindowKind) -> None:
    """Take a school's own window away, so that ministry's and authority's alone count; none is no error."""
    key = {"code": code, "school_year": school_year, "semester": semester, "kind": kind}
    window = Window.objects.filter(level=Level.SCHOOL, **key).first()
    if window is not None:
        record(actor=actor, action="window.removed", subject=window, kind=kind, code=code)
        window.delete()


@transaction.atomic
def set_limit(
    *, actor: Actor, code: str, school_year: int, name: str, value: int | None, source: str
) -> Policy:
    """Say a school's own limit of a school year, by its column; None takes it away."""
    key = {"level": Level.SCHOOL, "code": code, "school_year": school_year}
    policy, _made = Policy.objects.get_or_create(**key, defaults={"source": source})
    setattr(policy, name, value)
    policy.source = source
    policy.save(update_fields=[name, "source"])
    record(actor=actor, action="policy.set", subject=policy, name=name, value=value, code=code)
    return policy
