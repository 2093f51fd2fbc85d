from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from licheng.foundations.accounts.operations.letters import Letter, send_letters, write_to_owner
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require, require_system
from licheng.foundations.queueing import enqueue_on_commit
from licheng.school.frontdesk import permissions, states
from licheng.school.frontdesk.addresses import digest_of, secrets_of
from licheng.school.frontdesk.models import HelpReply, HelpRequest
from licheng.school.frontdesk.operations.asking import BODY_CHARACTERS
from licheng.school.frontdesk.reading import read_text
from licheng.school.people.actors import school_of


@transaction.atomic
def answer_question(*, actor: Actor, question_id: UUID, body: str) -> HelpReply:
    """Answer for the desk; the asker gets a letter that names the address of the thread and nothing else.

    Raises NotFound, NotAllowed, WrongState (ended), TextMissing, HoldsIdNumber or HoldsPassword.
    """
    question = _locked(actor, question_id)
    question.state = states.ANSWER.apply(question.state)
    reply = HelpReply.objects.create(
        school_id=question.school_id,
        request=question,
        written_by_id=actor.person_id,
        from_desk=True,
        body=read_text(body, _("回覆"), BODY_CHARACTERS),
    )
    question.save(update_fields=["state", "moved_at"])
    record(actor=actor, action="help.answered", subject=question)
    enqueue_on_commit(
        "licheng.school.frontdesk.tasks.tell_asker",
        school_id=question.school_id,
        question_id=str(question.pk),
    )
    return reply


@transaction.atomic
def close_question(*, actor: Actor, question_id: UUID) -> HelpRequest:
    """Say for the desk that the question is settled. Raises NotFound, NotAllowed or WrongState."""
    question = _locked(actor, question_id)
    question.state = states.CLOSE.apply(question.state)
    question.save(update_fields=["state", "moved_at"])
    record(actor=actor, action="help.closed", subject=question, by="desk")
    return question


@transaction.atomic
def reopen_question(*, actor: Actor, question_id: UUID) -> HelpRequest:
    """Have an ended question wait again. Raises NotFound, NotAllowed or WrongState."""
    question = _locked(actor, question_id)
    question.state = states.REOPEN.apply(question.state)
    question.save(update_fields=["state", "moved_at"])
    record(actor=actor, action="help.reopened", subject=question)
    return question


@transaction.atomic
def discard_question(*, actor: Actor, question_id: UUID) -> None:
    """Delete what is no question, with its whole thread; the audit keeps that it was there.

    Raises NotFound or NotAllowed.
    """
    question = _locked(actor, question_id)
    messages = question.replies.count()
    record(actor=actor, action="help.discarded", subject=question, state=question.state, messages=messages)
    question.delete()


def tell_asker(*, actor: Actor, question_id: UUID) -> bool:
    """Write to the asker that the desk has answered; whether a letter went out.

    Raises NotAllowed for people.
    """
    require_system(actor)
    rows = HelpRequest.objects.select_related("person__user").filter(school=school_of(actor))
    question = rows.filter(pk=question_id).first()
    if question is None:
        return False
    subject = _("服務臺回覆了您的詢問")
    if question.person is not None and question.person.user is not None:
        path = reverse("frontdesk:question", args=[question.pk])
        return write_to_owner(question.person.user, subject, _text(path))
    secret = next((one for one in secrets_of(question.pk) if digest_of(one) == question.digest), "")
    if not question.email or not secret:
        return False
    letter = Letter(question.email, subject, _text(reverse("frontdesk:thread", args=[secret])))
    return send_letters([letter]) == 1


def _text(path: str) -> str:
    return _(
        "學校的服務臺回覆了您的詢問，請由這個網址看：\n\n%(url)s\n\n知道這個網址的人都看得到內容，請不要轉寄。"
    ) % {"url": f"{settings.PUBLIC_URL}{path}"}


def _locked(actor: Actor, question_id: UUID) -> HelpRequest:
    found(HelpRequest.objects.all(), actor, permissions.SEE_QUESTION, question_id)
    question = HelpRequest.objects.select_for_update(of=("self",)).get(pk=question_id)
    require(actor, permissions.ANSWER, question)
    return question
