from licheng.archive.intake.queries import acts_page
from licheng.foundations.accounts.models import User
from licheng.foundations.audit.operations import record
from licheng.foundations.audit.queries import ActsPage, Wanted
from licheng.foundations.authz import Actor


def search_acts(*, actor: Actor, wanted: Wanted, before: str) -> ActsPage:
    """A page of acts; looking for those of one operator or school is itself written down.

    Raises NotFound for everybody but operators.
    """
    page = acts_page(actor, wanted, before)
    if wanted.label:
        record(actor=actor, action="audit.searched", subject=User(pk=actor.person_id), label=wanted.label)
    return page
