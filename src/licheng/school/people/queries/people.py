"""One person, before something about her is shown in clear or changed; and whom one may read at all."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Q

from licheng.foundations.authz import Actor, found, require_reach, seen
from licheng.foundations.errors import NotAllowed
from licheng.foundations.privacy import masked
from licheng.school.people.models import Person, Role
from licheng.school.people.permissions import RECORD_LEAVING, REVEAL_ID, SEE_PERSON, SEE_STUDENTS

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class PersonToReveal:
    """Whose ID number it is; the number itself is masked."""

    person_id: int
    name: str
    account: str
    masked_id: str


@dataclass(frozen=True, slots=True)
class LeavingPage:
    """Whether somebody is at the school; `is_anonymised`: the data are gone and nothing can be taken back."""

    person_id: int
    name: str
    account: str
    left_on: date | None
    is_anonymised: bool


@dataclass(frozen=True, slots=True)
class StudentsPage:
    """Students whom somebody may read; `needs_session`: an administrator says first why she looks."""

    page: Page[Person]
    words: str
    needs_session: bool


def students_page(actor: Actor, *, words: str = "", page: str = "1") -> StudentsPage:
    """The students at the school whom the actor may read, all or those with these words in number or name.

    Raises NotAllowed for students and guardians, who have pages of their own.
    """
    if actor.roles & {Role.STUDENT, Role.GUARDIAN}:
        raise NotAllowed(rule=SEE_STUDENTS.says)
    rows = seen(Person.objects.filter(left_on=None), actor, SEE_STUDENTS)
    if words:
        rows = rows.filter(Q(account__icontains=words) | Q(name__icontains=words))
    by_class = ("student__class_group__grade", "student__class_group__name", "student__seat_no", "account")
    rows = rows.select_related("student__class_group").order_by(*by_class)
    needs_session = Role.ADMINISTRATOR in actor.roles and actor.staff_session_id is None
    return StudentsPage(Paginator(rows, PER_PAGE).get_page(page), words, needs_session)


def person_to_reveal(actor: Actor, person_id: int) -> PersonToReveal:
    """A student whose ID number the actor may be shown, after she has shown again who she is.

    Raises NotFound or NotAllowed.
    """
    rows = Person.objects.filter(is_student=True, anonymised_at=None).select_related("student")
    person = found(rows, actor, SEE_PERSON, person_id)
    require_reach(actor, REVEAL_ID, person)
    return PersonToReveal(person.pk, person.name, person.account, masked(person.student.id_number))


def leaving_page(actor: Actor, person_id: int) -> LeavingPage:
    """Somebody whose leaving the actor may record.

    Raises NotFound or NotAllowed.
    """
    person = found(Person.objects.all(), actor, SEE_PERSON, person_id)
    require_reach(actor, RECORD_LEAVING, person)
    is_anonymised = person.anonymised_at is not None
    return LeavingPage(person.pk, person.name, person.account, person.left_on, is_anonymised)
