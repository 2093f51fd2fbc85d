from django.db.models import Model

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor


def record(*, actor: Actor, action: str, subject: Model, **data: object) -> AuditEntry:
    """Write down an act inside the caller's transaction, so that neither exists without the other."""
    return AuditEntry.objects.create(
        actor_label=actor.label,
        person_id=actor.person_id,
        school_id=actor.school_id,
        action=action,
        subject_type=subject._meta.label_lower,  # noqa: SLF001 -- Django's documented name
        subject_id=str(subject.pk),
        data=data,
    )
