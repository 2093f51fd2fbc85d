from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from licheng.foundations.requests import PersonRequest
from licheng.school.outcomes.queries.readers import outcome_readers
from licheng.school.people.who import who_page


@require_safe
def who(request: PersonRequest, outcome_id: UUID) -> HttpResponse:
    """Who may see this outcome."""
    return who_page(
        request,
        outcome_readers(request.actor, outcome_id),
        what=_("這件課程學習成果"),
        back=reverse("outcomes:detail", args=[outcome_id]),
    )
