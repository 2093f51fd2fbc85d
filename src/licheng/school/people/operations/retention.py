"""People whose period is over: what told who they were goes, what only counts stays."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from licheng.foundations.accounts.operations.forgetting import anonymise_account
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_system
from licheng.foundations.files.operations.forgetting import forget_files
from licheng.foundations.retention import ANONYMISED, parts_of_person, years_before
from licheng.school.people.models import (
    GuardianCode,
    GuardianContact,
    GuardianLink,
    Person,
    RoleGrant,
    StaffSession,
    Student,
    new_subject_key,
)

NAME = "已去識別"
NO_BIRTH_DATE = date(1900, 1, 1)  # nobody's: the column wants a day


def people_due(today: date) -> list[str]:
    """Students and staff who left longer ago than their period, as ids; nobody for whom something is open."""
    return _without_held(_people_over(today))


def guardians_due(today: date) -> list[str]:
    """Guardians whose last link ended longer ago than the period, as ids."""
    return _without_held(_guardians_over(today))


def _people_over(today: date) -> QuerySet[Person]:
    students = Q(is_student=True, left_on__lte=years_before(today, settings.KEEP_STUDENTS_YEARS))
    staff = Q(is_student=False, left_on__lte=years_before(today, settings.KEEP_STAFF_YEARS))
    return Person.objects.filter(students | staff, is_guardian=False, anonymised_at=None)


def _guardians_over(today: date) -> QuerySet[Person]:
    before = today - timedelta(days=settings.KEEP_DAYS)
    links = GuardianLink.objects.filter(guardian=OuterRef("pk"))
    recent = links.filter(Q(ended_at=None) | Q(ended_at__date__gte=before))
    return Person.objects.filter(~Exists(recent), Exists(links), is_guardian=True, anonymised_at=None)


def _without_held(people: QuerySet[Person]) -> list[str]:
    ids = list(people.order_by("pk").values_list("pk", flat=True))
    held = {person for part in parts_of_person() for person in part.held(ids)} if ids else set()
    return [str(pk) for pk in ids if pk not in held]


@transaction.atomic
def anonymise_person(*, actor: Actor, today: date, record_id: str) -> bool:
    """Take away what tells who somebody was; rows, ids and counts stay. Whether she was still due.

    One transaction for one person, so that a run that was killed goes on with the next one.
    """
    require_system(actor)
    rows = Person.objects.select_for_update(of=("self",)).select_related("user")
    person = rows.filter(pk=record_id, anonymised_at=None).first()
    if person is None:
        return False
    over = _guardians_over(today) if person.is_guardian else _people_over(today)
    if not _without_held(over.filter(pk=person.pk)):
        return False
    files: list[UUID] = []
    for part in parts_of_person():
        files += part.forget(actor=actor, person_id=person.pk)
    forget_files(actor=actor, file_ids=files)
    if person.is_student:
        _forget_student(person)
    RoleGrant.objects.filter(person=person).exclude(reason="").update(reason=ANONYMISED)
    StaffSession.objects.filter(person=person).update(reason=ANONYMISED)
    GuardianLink.objects.filter(Q(guardian=person) | Q(student=person)).update(relation="", end_reason="")
    if person.user is not None:
        anonymise_account(actor=actor, user=person.user)
    person.name, person.account, person.email = NAME, f"x{secrets.token_hex(9)}", ""
    person.left_on = person.left_on or today
    person.anonymised_at = timezone.now()
    person.save(update_fields=["name", "account", "email", "left_on", "anonymised_at"])
    record(actor=actor, action="person.anonymised", subject=person)
    return True


def _forget_student(person: Person) -> None:
    """Destroy the ID number and the key that ties ledger leaves to the student; end what guardians see."""
    Student.objects.filter(pk=person.pk).update(
        id_number_sealed=b"",
        id_number_index=f"gone-{secrets.token_hex(24)}",
        birth_date=NO_BIRTH_DATE,
        gender="",
        seat_no=0,
        subject_key=new_subject_key(),
    )
    GuardianCode.objects.filter(student=person).delete()
    GuardianContact.objects.filter(student=person).delete()
    GuardianLink.objects.filter(student=person, ended_at=None).update(ended_at=timezone.now())
