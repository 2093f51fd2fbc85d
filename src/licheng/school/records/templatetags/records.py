"""A level in words; and links from pages of apps below to a student's course records."""

from typing import Any

from django import template
from django.urls import reverse

from licheng.school.records.queries.students import is_readable
from licheng.school.records.queries.words import CADRE_LEVELS, word_of

register = template.Library()


@register.filter
def cadre_level(code: str) -> str:
    """The level 幹部等級 of an office held at school, in words."""
    return word_of(code, CADRE_LEVELS)


@register.simple_tag(takes_context=True)
def records_url(context: dict[str, Any], person_id: int) -> str:
    """The address of a student's course records; empty for those who do not read them."""
    actor = getattr(context.get("request"), "actor", None)
    if actor is None or not is_readable(actor, person_id):
        return ""
    return reverse("records:student", args=[person_id])
