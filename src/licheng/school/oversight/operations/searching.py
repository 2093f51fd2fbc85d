from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require
from licheng.school.oversight.permissions import SEARCH
from licheng.school.oversight.queries import Wanted
from licheng.school.people.actors import school_of


@transaction.atomic
def note_search(*, actor: Actor, wanted: Wanted) -> None:
    """Write down that somebody looked for one person's acts, or for acts on one person.

    Raises NotAllowed for whoever may not search.
    """
    school = school_of(actor)
    require(actor, SEARCH, school)
    record(actor=actor, action="audit.searched", subject=school, **wanted.person_named)
