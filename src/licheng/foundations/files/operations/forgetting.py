"""Files after their person: the row goes, custody takes the bytes out of the copies by its own rules."""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError

from licheng.foundations.authz import Actor
from licheng.foundations.files.models import StoredFile
from licheng.foundations.files.previews import folder_of


def forget_files(*, actor: Actor, file_ids: Iterable[UUID]) -> int:  # noqa: ARG001 -- a part of anonymising somebody, which is written down
    """Remove the rows of files that nothing names any more, and the pictures drawn of them; how many.

    Their leaves stay in the ledger; a file that something else still names stays whole.
    """
    hashes: set[str] = set()
    removed = 0
    for stored in StoredFile.objects.filter(pk__in=set(file_ids)):
        with suppress(ProtectedError), transaction.atomic():
            hashes.add(stored.sha256)
            removed += stored.delete()[0]
    still = set(StoredFile.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
    for sha256 in hashes - still:
        shutil.rmtree(folder_of(sha256), ignore_errors=True)
    return removed
