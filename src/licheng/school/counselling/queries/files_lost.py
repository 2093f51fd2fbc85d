"""Whose a lost file of a consultation is: the counsellor's, who can hand it in again."""

from collections.abc import Iterator, Sequence

from licheng.foundations.custody.owners import Owner
from licheng.school.counselling.models import Consultation


def counsellors_of(hashes: Sequence[str]) -> Iterator[Owner]:
    """The counsellors whose consultations hold files with these bytes."""
    rows = Consultation.objects.filter(document__sha256__in=hashes)
    columns = ("document__sha256", "school__code", "counsellor__account", "counsellor__name")
    for sha256, code, account, name, file in rows.values_list(*columns, "document__original_name"):
        yield Owner(sha256, code, f"{account} {name}", file)
