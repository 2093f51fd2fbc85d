import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.school.uploads import storage
from licheng.school.uploads.models import Preparation, Upload
from licheng.school.uploads.states import PreparationState, UploadState

log = logging.getLogger(__name__)
STRAY_SECONDS = 3_600.0  # a file without a row may be younger than the row that is about to be committed


def sweep_uploads(*, actor: Actor) -> dict[str, int]:
    """Give up what nobody came back for: rows, bytes, and bytes without a row.

    What is complete but not yet stored is never given up. Safe to repeat. How many of each.
    """
    log.info("%s gives up what expired", actor.label)
    until = timezone.now() - timedelta(days=settings.UPLOAD_KEPT_DAYS)
    old = Preparation.objects.filter(changed_at__lt=until).exclude(state=PreparationState.WORKING)
    preparations = list(old.values_list("pk", flat=True))
    Preparation.objects.filter(pk__in=preparations).delete()
    expired = Upload.objects.filter(expires_at__lt=timezone.now(), parts=None).exclude(
        state=UploadState.COMPLETE
    )
    uploads = list(expired.values_list("pk", flat=True))
    Upload.objects.filter(pk__in=uploads, parts=None).delete()
    return {
        "preparations": len(preparations),
        "uploads": len(uploads),
        "files": _remove_strays(),
    }


def _remove_strays() -> int:
    removed = 0
    for path in storage.strays(STRAY_SECONDS):
        if not _counts(path.name):
            storage.remove(path)
            removed += 1
    return removed


def _counts(name: str) -> bool:
    """Whether a file belongs to an upload or a preparation that still needs it."""
    try:
        key = UUID(name)
    except ValueError:
        return False
    ended = (UploadState.STORED, UploadState.REFUSED)
    if Upload.objects.filter(pk=key).exclude(state__in=ended).exists():
        return True
    return Preparation.objects.filter(pk=key).exists()
