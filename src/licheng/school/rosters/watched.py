"""The models behind the tables that imports write."""

from functools import cache

from django.apps import apps
from django.db.models import ForeignKey, Model


@cache
def model_of(table: str) -> type[Model]:
    """The model of a watched table."""
    return next(
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table == table  # noqa: SLF001 -- Django's documented name
    )


@cache
def keys_of(table: str) -> dict[str, type[Model]]:
    """The columns of a table that are keys, and where they lead."""
    fields = model_of(table)._meta.fields  # noqa: SLF001 -- as above
    return {field.column: field.related_model for field in fields if isinstance(field, ForeignKey)}
