"""Who may see a question to the help desk."""

from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext as _

from licheng.foundations import fence
from licheng.foundations.askers import Reader, RuleReaders
from licheng.foundations.authz import Actor, found
from licheng.school.frontdesk.models import HelpRequest
from licheng.school.frontdesk.permissions import ANSWER, FOLLOW, SEE_QUESTION
from licheng.school.frontdesk.queries.help import question_by_secret
from licheng.school.people.queries.readers import readers_of

RULES = (SEE_QUESTION, FOLLOW, ANSWER)
BY_SECRET = {SEE_QUESTION.name, FOLLOW.name}


def question_readers(actor: Actor, question_id: UUID) -> tuple[RuleReaders, ...]:
    """Who may see a question, follow and answer it. Raises NotFound when the actor may not see it."""
    question = found(HelpRequest.objects.select_related("person"), actor, SEE_QUESTION, question_id)
    return _readers(actor, question)


def readers_by_secret(secret: str) -> tuple[RuleReaders, ...]:
    """The same for whoever holds the secret address: by office alone, as the desk signs. Raises NotFound."""
    question = question_by_secret(secret)
    with fence.inside(question.school_id):
        told = _readers(Actor.system("stranger:help", question.school_id), question)
    return tuple(replace(one, readers=_without_names(one.readers)) for one in told)


def _readers(actor: Actor, question: HelpRequest) -> tuple[RuleReaders, ...]:
    asker = question.person
    more = [] if asker is None or asker.left_on else [(asker.pk, asker.name, _("提問者"))]
    told = readers_of(actor, question, RULES, more=more)
    if asker is not None:
        return told
    holder = Reader(None, "", _("提問者"), _("沒有登入；知道這則詢問網址的人"))
    return tuple(
        replace(one, readers=(holder, *one.readers)) if one.name in BY_SECRET else one for one in told
    )


def _without_names(readers: tuple[Reader, ...]) -> tuple[Reader, ...]:
    return tuple(dict.fromkeys(Reader(None, "", one.as_what, one.note) for one in readers))
