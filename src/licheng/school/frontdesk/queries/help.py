from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet

from licheng.foundations import fence
from licheng.foundations.authz import Actor, allows, found, require, seen
from licheng.foundations.errors import NotFound
from licheng.school.frontdesk import permissions, states
from licheng.school.frontdesk.addresses import digest_of
from licheng.school.frontdesk.models import HelpReply, HelpRequest
from licheng.school.frontdesk.states import HelpState
from licheng.school.people.actors import school_of

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a thread; the desk's is signed with the office, not with a person."""

    body: str
    from_desk: bool
    written_at: datetime
    written_by: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A question with everything that was said, and what the reader can do."""

    question: HelpRequest
    messages: tuple[Message, ...]
    is_desk: bool
    may_write: bool
    may_close: bool
    may_reopen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """How many questions stand in a state."""

    key: str
    label: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """The staff's list: one state at a time, what waits longest in front."""

    page: Page[HelpRequest]
    groups: tuple[Group, ...]
    state: HelpState


def desk_for(actor: Actor, state: str, page: str) -> Desk:
    """The list of the help desk. Raises NotAllowed."""
    require(actor, permissions.SEE_DESK, school_of(actor))
    chosen = HelpState(state) if state in HelpState.values else HelpState.OPEN
    rows = seen(HelpRequest.objects.all(), actor, permissions.SEE_QUESTION)
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    order = "moved_at" if chosen == HelpState.OPEN else "-moved_at"
    shown = rows.filter(state=chosen).select_related("person").order_by(order, "pk")
    groups = tuple(
        Group(one.value, str(one.label), counts.get(one.value, 0), one == chosen) for one in HelpState
    )
    return Desk(Paginator(shown, PER_PAGE).get_page(page), groups, chosen)


def own_questions(actor: Actor) -> QuerySet[HelpRequest]:
    """What the actor asked while signed in, newest first."""
    return seen(HelpRequest.objects.all(), actor, permissions.FOLLOW)[:PER_PAGE]


def thread_seen_by(actor: Actor, question_id: UUID) -> Thread:
    """A thread as its asker or the desk reads it. Raises NotFound."""
    rows = HelpRequest.objects.select_related("school", "person")
    question = found(rows, actor, permissions.SEE_QUESTION, question_id)
    return _thread(question, is_desk=allows(actor, permissions.ANSWER, question))


def question_by_secret(secret: str) -> HelpRequest:
    """The question of a secret address, with its school; looked up by digest alone. Raises NotFound."""
    with fence.everywhere():
        rows = HelpRequest.objects.select_related("school", "person")
        question = rows.filter(digest=digest_of(secret)).first()
    if question is None:
        raise NotFound
    return question


def thread_by_secret(secret: str) -> Thread:
    """A thread as whoever holds its address reads it. Raises NotFound."""
    question = question_by_secret(secret)
    with fence.inside(question.school_id):
        return _thread(question, is_desk=False)


def _thread(question: HelpRequest, *, is_desk: bool) -> Thread:
    rows = HelpReply.objects.filter(request=question).select_related("written_by")
    return Thread(
        question=question,
        messages=tuple(_message(row, is_desk=is_desk) for row in rows),
        is_desk=is_desk,
        may_write=states.FOLLOW.starts_from(question.state),
        may_close=states.CLOSE.starts_from(question.state),
        may_reopen=is_desk and states.REOPEN.starts_from(question.state),
    )


def _message(row: HelpReply, *, is_desk: bool) -> Message:
    """Only colleagues see who of them answered."""
    name = row.written_by.name if is_desk and row.from_desk and row.written_by else ""
    return Message(row.body, row.from_desk, row.written_at, name)
