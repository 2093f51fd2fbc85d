"""Which contents are still spoken of, asked of the tables that are registered in `references`."""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from licheng.foundations.custody.models import Content
from licheng.foundations.custody.references import speakers


def has_any(hashes: Collection[str]) -> set[str]:
    """Which of these hashes at least one row still names."""
    return {
        sha256
        for model in speakers()
        for sha256 in _rows(model).filter(sha256__in=hashes).values_list("sha256", flat=True)
    }


def unspoken() -> QuerySet[Content]:
    """Contents that no row names."""
    return Content.objects.filter(*(~Q(_named_by(model)) for model in speakers()))


def spoken() -> QuerySet[Content]:
    """Contents that at least one row names."""
    named = Q()
    for model in speakers():
        named |= Q(_named_by(model))
    return Content.objects.filter(named)


def unwritten(model: type[Model]) -> QuerySet[Any]:
    """Rows of one table whose bytes have no content: taken in before contents were written down."""
    return _rows(model).filter(~Exists(Content.every.filter(pk=OuterRef("sha256"))))


def _named_by(model: type[Model]) -> Exists:
    return Exists(_rows(model).filter(sha256=OuterRef("pk")))


def _rows(model: type[Model]) -> QuerySet[Any]:
    return model._default_manager.all()  # noqa: SLF001 -- Django's documented name
