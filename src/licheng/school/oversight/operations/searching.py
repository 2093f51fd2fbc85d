from licheng.foundations.audit.operations import record
from licheng.foundations.audit.queries import ActsPage, Wanted
from licheng.foundations.authz import Actor
from licheng.school.oversight.queries import acts_page
from licheng.school.people.models import School


def search_acts(*, actor: Actor, wanted: Wanted, before: str, last_named: dict[str, str]) -> ActsPage:
    """A page of acts; looking for one person's acts, or acts on one person, is written down once a search.

    That is with its first page, or with any that comes without one: when `last_named`, whom the searcher
    looked for last, is somebody else. Raises NotAllowed for whoever may not search.
    """
    page = acts_page(actor, wanted, before)
    named = wanted.person_named
    if named and (page.is_first or named != last_named):
        record(actor=actor, action="audit.searched", subject=School(pk=actor.school_id), **named)
    return page
