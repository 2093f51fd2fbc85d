"""Whose a lost file is, for the guard's list: the item tells the student, the file itself the school."""

from collections.abc import Callable, Iterator, Sequence

from django.db.models import Model

from licheng.foundations.custody.owners import Owner
from licheng.foundations.files.models import StoredFile

ROLES = ("document", "media")


def schools_of(hashes: Sequence[str]) -> Iterator[Owner]:
    """The school and the name of every file with these bytes, also of those that no item holds any more."""
    rows = StoredFile.objects.filter(sha256__in=hashes)
    for sha256, scope, name in rows.values_list("sha256", "scope", "original_name"):
        yield Owner(sha256, scope, "", name)


def students_in(model: type[Model]) -> Callable[[Sequence[str]], Iterator[Owner]]:
    """The students whose rows of this table hold files: it has `school`, `student`, `document`, `media`."""

    def tell(hashes: Sequence[str]) -> Iterator[Owner]:
        rows = model._default_manager.all()  # noqa: SLF001 -- Django's documented name
        for role in ROLES:
            held = rows.filter(**{f"{role}__sha256__in": hashes})
            owner = ("school__code", "student__account", "student__name")
            for sha256, code, account, student, name in held.values_list(
                f"{role}__sha256", *owner, f"{role}__original_name"
            ):
                yield Owner(sha256, code, f"{account} {student}", name)

    return tell
