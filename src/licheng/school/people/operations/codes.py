"""Single-use codes from the office: on paper or by e-mail for the first time, in person afterwards."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licheng.foundations.accounts.models import CodePurpose, User
from licheng.foundations.accounts.operations import issue_code, let_in_again, withdraw_code
from licheng.foundations.accounts.operations.letters import Letter, send_letters
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require, require_system
from licheng.foundations.errors import Invalid, NotFound
from licheng.school.people.errors import ListChanged
from licheng.school.people.models import Person, Role, School
from licheng.school.people.permissions import ISSUE_CODE, RECOVER, SEE_PERSON
from licheng.school.people.queries.accounts import (
    class_for_codes,
    mailing_of,
    students_of,
    without_own_password,
)

DETAIL_CHARACTERS, REASON_CHARACTERS = 60, 80  # own bounds


class IdentityCheck(TextChoices):
    """How an identity was seen before somebody is let in again."""

    STUDENT_CARD = "student-card", gettext_lazy("看過學生證正本")
    ID_CARD = "id-card", gettext_lazy("看過身分證或居留證正本")
    STAFF_CARD = "staff-card", gettext_lazy("看過教職員證正本")
    KNOWN = "known", gettext_lazy("熟識的導師或同事當面確認")
    OTHER = "other", gettext_lazy("其他（請在下面寫明）")


@dataclass(frozen=True, slots=True)
class Mailed:
    """What became of a class's letters."""

    sent: int
    failed: int


@transaction.atomic
def issue_class_codes(*, actor: Actor, class_id: int) -> list[tuple[Person, str]]:
    """New codes for all students of a class who have chosen no password yet; open codes are withdrawn.

    Students with a password of their own keep it: a sheet printed twice locks nobody out.
    Raises NotFound for other schools' classes, NotAllowed for those who do not hand out codes.
    """
    group = class_for_codes(actor, class_id)
    issued = _issue(actor, list(students_of(group).filter(without_own_password())))
    record(actor=actor, action="class.codes_issued", subject=group, students=len(issued))
    return issued


def mail_class_codes(*, actor: Actor, class_id: int, shown: str, address: str) -> Mailed:
    """Send new codes to the roster's addresses: exactly the list that was shown, `shown` is its fingerprint.

    `address` is the page where a code is redeemed. Letters go out once the codes stand.
    Raises NotFound, NotAllowed as above, ListChanged when the list is another one by now.
    """
    with transaction.atomic():
        group = class_for_codes(actor, class_id)
        mailing = mailing_of(group)
        if mailing.fingerprint != shown:
            raise ListChanged
        receivers = {line.person_id for line in mailing.receivers}
        issued = _issue(actor, list(students_of(group).filter(without_own_password(), pk__in=receivers)))
        record(actor=actor, action="class.codes_mailed", subject=group, students=len(issued))
    sent = send_letters([_enrolment_letter(group.school, person, code, address) for person, code in issued])
    return Mailed(sent=sent, failed=len(issued) - sent)


def _enrolment_letter(school: School, person: Person, code: str, address: str) -> Letter:
    text = _(
        "您好：\n\n這是您在「%(school)s」學習歷程檔案的啟用碼，只能用一次：\n\n"
        "學校代碼：%(code)s\n帳號：%(account)s\n啟用碼：%(secret)s\n\n"
        "請打開 %(address)s ，輸入以上三項並設定自己的密碼。%(days)d 天內有效。\n"
        "請不要轉寄這封信；學校不會用電話、簡訊或信件向您要密碼。\n"
    ) % {
        "school": school.name,
        "code": school.code,
        "account": person.account,
        "secret": code,
        "address": address,
        "days": settings.ENROLMENT_CODE_DAYS,
    }
    return Letter(person.email, _("學習歷程檔案的啟用碼"), text)


@transaction.atomic
def issue_person_code(*, actor: Actor, person_id: int) -> tuple[Person, str]:
    """A new code for one person who has not chosen a password yet; her open one is withdrawn.

    Raises NotFound when she is out of sight or has no account, NotAllowed for those who do not hand out codes
    to her, AlreadyEnrolled when she has a password.
    """
    person = _with_account(actor, person_id)
    require(actor, ISSUE_CODE, person)
    return person, issue_code(actor=actor, user=_account_of(person), purpose=CodePurpose.ENROL)


@transaction.atomic
def recover_person(
    *, actor: Actor, person_id: int, check: str, detail: str, reason: str
) -> tuple[Person, str]:
    """Let somebody in again who has shown who she is: by a code whose use ends the old way in.

    `check` is an IdentityCheck, `detail` its own words, `reason` why; kept with the code, not in the audit.
    Raises NotFound, NotAllowed, StepUpNeeded, Invalid for a check that is not named or a missing reason.
    """
    person = _with_account(actor, person_id)
    require(actor, RECOVER, person)
    if check not in IdentityCheck.values or (check == IdentityCheck.OTHER and not detail.strip()):
        raise Invalid(field=_("如何確認身分"), reason=_("請選擇，選「其他」時請寫明。"))
    if not reason.strip():
        raise Invalid(field=_("事由"), reason=_("請寫明為什麼要重新啟用。"))
    label = "" if check == IdentityCheck.OTHER else str(IdentityCheck(check).label)
    words = (label, detail.strip()[:DETAIL_CHARACTERS], reason.strip()[:REASON_CHARACTERS])
    code = issue_code(
        actor=actor,
        user=_account_of(person),
        purpose=CodePurpose.RECOVER,
        identity_check=_("；").join(word for word in words if word),
        checked_by=check,
    )
    record(actor=actor, action="person.recovery_issued", subject=person, checked_by=check)
    return person, code


@transaction.atomic
def recover_by_command(
    *, actor: Actor, school: str, account: str, identity_check: str, reason: str
) -> tuple[Person, str]:
    """Let somebody in again from the machine itself, for administrators when no other one is left.

    Raises NotAllowed for people, NotFound for an account that is not there, Invalid without check or reason.
    """
    require_system(actor)
    rows = Person.objects.filter(left_on=None).select_related("user")
    person = rows.filter(school__code=school, account=account).first()
    if person is None:
        raise NotFound
    here = replace(actor, school_id=person.school_id)
    record(actor=here, action="person.recovery_issued", subject=person, checked_by="command")
    user = _account_of(person)
    return person, let_in_again(actor=here, user=user, identity_check=identity_check, reason=reason)


@transaction.atomic
def withdraw_person_code(*, actor: Actor, person_id: int) -> bool:
    """Make somebody's open code worthless; whether there was one.

    Raises NotFound, NotAllowed for those who hand out no codes to her.
    """
    person = _with_account(actor, person_id)
    require(actor, ISSUE_CODE, person)
    return withdraw_code(actor=actor, user=_account_of(person))


def withdraw_code_of_administrator(*, actor: Actor, person: Person, roles: Collection[str]) -> None:
    """Make the open code of somebody worthless whose new roles make her an administrator.

    A registrar may have it, and hands out none to administrators. Asks nobody: it is a part of giving roles.
    """
    if Role.ADMINISTRATOR in roles and person.user is not None:
        withdraw_code(actor=actor, user=person.user)


def _with_account(actor: Actor, person_id: int) -> Person:
    rows = Person.objects.filter(left_on=None).exclude(user=None).select_related("user")
    return found(rows, actor, SEE_PERSON, person_id)


def _account_of(person: Person) -> User:
    if person.user is None:
        raise NotFound
    return person.user


def _issue(actor: Actor, people: Sequence[Person]) -> list[tuple[Person, str]]:
    """Codes for those who have an account and, now that nobody else can change it, still no password."""
    ids = [person.user_id for person in people if person.user_id is not None]
    users = User.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    waiting = {user.pk: user for user in users if not user.has_usable_password()}
    return [
        (person, issue_code(actor=actor, user=waiting[person.user_id], purpose=CodePurpose.ENROL))
        for person in people
        if person.user_id in waiting
    ]
