from collections.abc import Iterable, Mapping

from django.db.models import Model

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor


def record(*, actor: Actor, action: str, subject: Model, **data: object) -> AuditEntry:
    """Write down an act inside the caller's transaction, so that neither exists without the other."""
    entry = _entry(actor, action, subject, data)
    entry.save(force_insert=True)
    return entry


def record_all(*, actor: Actor, action: str, acts: Iterable[tuple[Model, Mapping[str, object]]]) -> int:
    """Write down the same act on many rows, each with its own facts, in few statements; how many."""
    return len(AuditEntry.objects.bulk_create(_entry(actor, action, row, data) for row, data in acts))


def _entry(actor: Actor, action: str, subject: Model, data: Mapping[str, object]) -> AuditEntry:
    return AuditEntry(
        actor_label=actor.label,
        person_id=actor.person_id,
        school_id=actor.school_id,
        action=action,
        subject_type=subject._meta.label_lower,  # noqa: SLF001 -- Django's documented name
        subject_id=str(subject.pk),
        data=dict(data),
    )
