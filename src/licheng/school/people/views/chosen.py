from django.http import HttpRequest

from licheng.foundations.accounts.views.beginning import Beginning
from licheng.school.people.queries.accounts import (
    CHOSEN_SCHOOL_COOKIE,
    as_offered,
    school_named,
    schools_to_sign_in,
)

LONGEST = 80  # as the field


def chosen_school(request: HttpRequest) -> str:
    """The school that a card's address names or this browser remembers, as the list offers it.

    A site of one school need not ask which.
    """
    schools = schools_to_sign_in()[:2]
    if len(schools) == 1:
        return as_offered(schools[0])
    said = request.GET.get("school") or request.COOKIES.get(CHOSEN_SCHOOL_COOKIE, "")
    found = None if "\0" in said else school_named(said[:LONGEST])
    return as_offered(found) if found else ""


class AtChosenSchool(Beginning):
    """The school stands in the form already; who means another one types it."""

    def initial(self, request: HttpRequest) -> dict[str, str]:
        """The school, where it is known."""
        school = chosen_school(request)
        return {"school": school} if school else {}
