"""Courses by words in their names."""

from django.db.models import Q, Value

from licheng.courseplans.plans.names import NameGrams


def name_holds(words: str) -> Q:
    """Courses whose names hold every one of these words; the index of the column answers it."""
    return Q(name_grams__contains=NameGrams(Value(words)))
