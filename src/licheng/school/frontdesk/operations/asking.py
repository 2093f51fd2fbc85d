from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found
from licheng.foundations.errors import NotFound
from licheng.school.frontdesk import permissions, states
from licheng.school.frontdesk.addresses import digest_of, secret_of
from licheng.school.frontdesk.models import HelpReply, HelpRequest
from licheng.school.frontdesk.reading import read_text
from licheng.school.people.actors import school_of

NAME_CHARACTERS, SUBJECT_CHARACTERS, BODY_CHARACTERS = 40, 100, 2000


@transaction.atomic
def ask_question(
    *, actor: Actor, school_id: int, name: str, email: str, subject: str, body: str
) -> HelpRequest:
    """Put a question to a school's desk, as somebody of that school or as a stranger (a system actor there).

    `addresses.secret_of` gives the secret of its address.
    Raises NotFound (another school's desk), TextMissing, HoldsIdNumber or HoldsPassword.
    """
    if actor.school_id != school_id:
        raise NotFound
    question_id = uuid4()
    question = HelpRequest.objects.create(
        id=question_id,
        school_id=school_id,
        person_id=actor.person_id,
        name=read_text(name, _("稱呼"), NAME_CHARACTERS),
        email=email,
        subject=" ".join(read_text(subject, _("主旨"), SUBJECT_CHARACTERS).split()),
        digest=digest_of(secret_of(question_id)),
    )
    HelpReply.objects.create(
        school_id=school_id,
        request=question,
        written_by_id=actor.person_id,
        body=read_text(body, _("內容"), BODY_CHARACTERS),
    )
    record(actor=actor, action="help.asked", subject=question)
    return question


@transaction.atomic
def follow_question(*, actor: Actor, question_id: UUID, body: str, secret: str = "") -> HelpRequest:
    """Say more about one's own question; it waits for the desk again.

    Raises NotFound, WrongState (ended), TextMissing, HoldsIdNumber or HoldsPassword.
    """
    question = _own(actor, question_id, secret)
    question.state = states.FOLLOW.apply(question.state)
    HelpReply.objects.create(
        school_id=question.school_id,
        request=question,
        written_by_id=actor.person_id,
        body=read_text(body, _("內容"), BODY_CHARACTERS),
    )
    question.save(update_fields=["state", "moved_at"])
    record(actor=actor, action="help.followed", subject=question)
    return question


@transaction.atomic
def close_own_question(*, actor: Actor, question_id: UUID, secret: str = "") -> HelpRequest:
    """Say that the question is settled.

    Raises NotFound or WrongState.
    """
    question = _own(actor, question_id, secret)
    question.state = states.CLOSE.apply(question.state)
    question.save(update_fields=["state", "moved_at"])
    record(actor=actor, action="help.closed", subject=question, by="asker")
    return question


def _own(actor: Actor, question_id: UUID, secret: str) -> HelpRequest:
    """The question, locked, for whoever asked it signed in, or holds its secret."""
    rows = HelpRequest.objects.filter(pk=question_id, school=school_of(actor))
    if secret:
        question = rows.select_for_update().filter(digest=digest_of(secret)).first()
        if question is None:
            raise NotFound
        return question
    found(HelpRequest.objects.all(), actor, permissions.FOLLOW, question_id)
    return rows.select_for_update().get()
