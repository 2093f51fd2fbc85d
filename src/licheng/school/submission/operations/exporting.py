from pathlib import Path
from shutil import copyfile
from uuid import UUID

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound
from licheng.foundations.ledger.views import keys_text
from licheng.school.submission.models import Batch
from licheng.school.submission.operations.sealing import package_path, password_of


def export_package(*, actor: Actor, batch_id: UUID, to: Path) -> Path:
    """Write a sealed package, its password and the school's keys into a folder, for checking it elsewhere.

    For commands only: whoever runs one reads the store anyway. Raises NotFound for an unknown batch.
    """
    batch = Batch.objects.select_related("school").filter(pk=batch_id).first()
    if batch is None:
        raise NotFound
    to.mkdir(parents=True, exist_ok=True)
    package = to / f"{batch.school.code}-{batch.pk}.zip"
    copyfile(package_path(batch), package)
    (to / "password.txt").write_text(password_of(batch) + "\n", encoding="utf-8")
    (to / "keys.txt").write_text(keys_text(), encoding="utf-8")
    record(actor=actor, action="batch.exported", subject=batch, school_code=batch.school.code)
    return package
