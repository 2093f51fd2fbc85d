"""How outcomes are put into words: one place for states, files, teachers and semesters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.authz import Actor, allows
from licheng.foundations.files.models import FileRole, StoredFile
from licheng.foundations.ui.templatetags.licheng_ui import bytes_text
from licheng.school.filing import TYPE_WORDS, SeenFile, ShownFile, shown_file
from licheng.school.outcomes import permissions
from licheng.school.outcomes.models import Outcome
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from licheng.school.records.models import Offering


@dataclass(frozen=True, slots=True)
class ShownState:
    """A state as chip and stepper show it; `step` counts from 0 to 6."""

    label: str
    tone: str
    step: int
    special: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter of a list with how many rows it has."""

    key: str
    label: str
    count: int
    is_current: bool


STEPS: dict[str, tuple[str, int, str]] = {
    S.DRAFT: ("draft", 0, ""),
    S.WAITING: ("waiting", 1, ""),
    S.PASSED: ("waiting", 1, ""),
    S.HELD_BACK: ("waiting", 1, ""),
    S.RETURNED: ("returned", 1, "returned"),
    S.CERTIFIED: ("certified", 2, ""),
    S.SELECTED: ("selected", 3, ""),
    S.SEALED: ("selected", 3, ""),
    S.SUBMITTED: ("submitted", 4, ""),
    S.RECEIVED: ("received", 5, ""),
    S.CONFIRMED: ("confirmed", 6, ""),
    S.DISPUTED: ("disputed", 6, "disputed"),
}
FOR_TEACHERS: dict[str, tuple[Promise, str]] = {
    S.WAITING: (gettext_lazy("待認證"), "waiting"),
    S.PASSED: (gettext_lazy("通過（未發佈）"), "certified"),
    S.HELD_BACK: (gettext_lazy("退回（未發佈）"), "returned"),
    S.RETURNED: (gettext_lazy("已退回"), "returned"),
}


def tone_shown(state: str) -> str:
    """The tone of a state, where its words are not needed."""
    return STEPS[state][0]


def state_shown(state: str) -> ShownState:
    """A state in the student's words: decided and waiting look the same until the result is published."""
    tone, step, special = STEPS[state]
    return ShownState(str(S(state).label), tone, step, special)


def state_for_teacher(state: str) -> ShownState:
    """A state in the words of those who certify."""
    if state not in FOR_TEACHERS:
        return state_shown(state)
    label, tone = FOR_TEACHERS[state]
    return ShownState(str(label), tone, STEPS[state][1], STEPS[state][2])


def semester_text(school_year: int, semester: int) -> str:
    """A semester for people."""
    return _("%(year)d 學年度第 %(semester)d 學期") % {"year": school_year, "semester": semester}


def teachers_text(offering: Offering) -> str:
    """The teachers' names; needs `teachers` prefetched."""
    return _("、").join(teacher.name for teacher in offering.teachers.all())


def files_of(outcome: Outcome) -> list[StoredFile]:
    """Document and media, as far as they are there."""
    return [stored for stored in (outcome.document, outcome.media) if stored is not None]


class FileFacts(NamedTuple):
    """What is said of a file."""

    role: str
    original_name: str
    media_type: str
    size_bytes: int


def file_line(stored: FileFacts | StoredFile) -> str:
    """A file in a few words: what it is, its own name, type and size."""
    label = FileRole(stored.role).label
    facts = f"{TYPE_WORDS[stored.media_type]}・{bytes_text(stored.size_bytes)}"
    return _("%(label)s：%(name)s（%(facts)s）") % {
        "label": label,
        "name": stored.original_name,
        "facts": facts,
    }


def urls_of(outcome_id: UUID, role: str) -> Callable[..., str]:
    """The addresses of one file of an outcome, as `shown_file` asks for them."""

    def url(kind: str, *more: int) -> str:
        return reverse(f"outcomes:{kind}", args=[outcome_id, role, *more])

    return url


def files_shown(outcome: Outcome, *, is_own: bool) -> tuple[ShownFile, ...]:
    """The files with their addresses; needs `document__entry` and `media__entry` loaded."""
    return tuple(
        shown_file(
            SeenFile(stored, is_own, outcome.student_id, item_of(outcome)), urls_of(outcome.pk, stored.role)
        )
        for stored in files_of(outcome)
    )


def item_of(outcome: Outcome) -> str:
    """How looks at a file name the outcome it belongs to."""
    return f"outcome/{outcome.pk}"


def relation_to(actor: Actor, outcome: Outcome) -> str:
    """How somebody else came to see an outcome: as its teacher, or by what her roles say (empty)."""
    if actor.person_id == outcome.student_id or not allows(actor, permissions.CERTIFY, outcome):
        return ""
    return str(Role.TEACHER.value)


def reason_shown(outcome: Outcome) -> str:
    """Why the teacher returned it, as soon as and as long as the student may read it."""
    readable = outcome.published_at is not None and outcome.state in (S.RETURNED, S.DRAFT)
    return outcome.return_reason if readable else ""
