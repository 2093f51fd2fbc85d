"""Links from pages of apps below to a student's course records, for whoever reads them."""

from typing import Any

from django import template
from django.urls import reverse

from licheng.school.records.queries.students import is_readable

register = template.Library()


@register.simple_tag(takes_context=True)
def records_url(context: dict[str, Any], person_id: int) -> str:
    """The address of a student's course records; empty for those who do not read them."""
    actor = getattr(context.get("request"), "actor", None)
    if actor is None or not is_readable(actor, person_id):
        return ""
    return reverse("records:student", args=[person_id])
