"""Guardians: a code from the student or the school, an account of their own, and the end of a link."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from licheng.foundations.accounts.operations import open_account
from licheng.foundations.accounts.operations.codes import GROUP_LENGTH, new_code, readable
from licheng.foundations.accounts.operations.letters import Letter, send_letters, write_to_owner
from licheng.foundations.accounts.operations.passwords import set_own_password
from licheng.foundations.accounts.queries import letters_of
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, own_row, require
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, TooMany
from licheng.foundations.limits.operations import Limit, consume
from licheng.foundations.limits.queries import spent
from licheng.school.people.errors import AlreadyLinked, GuardianCodeRefused, TooManyGuardianCodes
from licheng.school.people.models import GuardianCode, GuardianLink, Person, School
from licheng.school.people.permissions import (
    ADD_WARD,
    END_GUARDIAN,
    LINK_GUARDIAN,
    SEE_PERSON,
    WITHDRAW_GUARDIAN_CODE,
)
from licheng.school.people.queries.accounts import students_of
from licheng.school.people.queries.cards import class_of_guardian_codes, digests_of

CODE_DAYS = 14  # own bound: long enough to bring a sheet home
OPEN_CODES = 4  # own bound: codes of one student that nobody has used yet
ACCOUNT_LENGTH = 8
REASON_CHARACTERS = 200
MADE = Limit(times=20, seconds=86_400)  # own bound: codes one person makes for one student
# Own bounds for wrong codes: from one address; from anywhere, at one school and with the same first group; by
# one person who is signed in. Whoever does not know a code's first group cannot shut it out.
TRIES = Limit(times=30, seconds=900)
TRIES_OF_CODE = Limit(times=10, seconds=3_600)
TRIES_OF_PERSON = Limit(times=10, seconds=3_600)


@transaction.atomic
def make_guardian_code(*, actor: Actor, student_id: int) -> str:
    """A code that links one guardian to this student; returned here and never stored.

    Raises NotFound, NotAllowed (neither the student nor the registrar), TooManyGuardianCodes or TooMany.
    """
    student = found(Person.objects.filter(is_student=True, left_on=None), actor, SEE_PERSON, student_id)
    Person.objects.select_for_update().get(pk=student.pk)  # two at once meet here, so that the count holds
    require(actor, LINK_GUARDIAN, student)
    consume(action="guardian.code", who=f"{actor.label}/{student.pk}", limit=MADE)
    return _new_code(actor, student)


@transaction.atomic
def make_class_guardian_codes(*, actor: Actor, class_id: int) -> list[tuple[Person, str]]:
    """One code for every student of a class, to print; students with too many open ones are left out.

    Raises NotFound or NotAllowed.
    """
    group = class_of_guardian_codes(actor, class_id)
    students = students_of(group).select_for_update(of=("self",))
    return [(one, _new_code(actor, one)) for one in students if _open_codes(one) < OPEN_CODES]


@transaction.atomic
def withdraw_guardian_code(*, actor: Actor, code_id: int) -> GuardianCode:
    """Make a code worthless that nobody has used.

    Raises NotFound, also when it was used or withdrawn before.
    """
    code = found(GuardianCode.objects.all(), actor, WITHDRAW_GUARDIAN_CODE, code_id)
    code = GuardianCode.objects.select_for_update().get(pk=code.pk)
    require(actor, WITHDRAW_GUARDIAN_CODE, code)
    if code.used_at is not None or code.withdrawn_at is not None:
        raise NotFound
    code.withdrawn_at = timezone.now()
    code.save(update_fields=["withdrawn_at"])
    record(actor=actor, action="guardian.code_withdrawn", subject=code, student=code.student_id)
    return code


def open_guardian_account(
    *,
    actor: Actor,
    school: School,
    code: str,
    relation: str,
    name: str,
    email: str,
    password: str,
    address: str,
) -> Person:
    """An account for whoever holds a student's code, linked to her; the account's name is made here.

    Wrong codes are counted outside the transaction: by the `address` they come from, and by school and first
    group, so that many addresses together cannot guess either.
    Raises TooMany, GuardianCodeRefused, or Invalid for a password that is refused (the code stays good).
    """
    counts = _counts(actor, school.pk, code, address)
    _refuse_guessers(counts)
    try:
        with transaction.atomic():
            usable = _usable(school.pk, code)
            guardian = _new_guardian(actor, school, name=name, email=email, password=password)
            _link(actor, guardian, usable, relation)
            transaction.on_commit(partial(_tell_guardian, guardian))
            return guardian
    except GuardianCodeRefused:
        _count(counts)
        raise


def add_ward(*, actor: Actor, code: str, relation: str, address: str) -> GuardianLink:
    """Link a guardian who has an account to one more student of the same school.

    Raises NotAllowed for anybody but a guardian, TooMany, GuardianCodeRefused or AlreadyLinked.
    """
    counts = _counts(actor, actor.school_id, code, address)
    _refuse_guessers(counts)
    try:
        return _add_ward(actor, code, relation)
    except GuardianCodeRefused:
        _count(counts)
        raise


@transaction.atomic
def end_guardian_link(*, actor: Actor, link_id: int, reason: str = "") -> GuardianLink:
    """End a link at once: by the student, the guardian, or the school, which says why.

    Raises NotFound, also when it has ended, or Invalid without the school's reason.
    """
    seen = found(GuardianLink.objects.filter(ended_at=None), actor, END_GUARDIAN, link_id)
    rows = GuardianLink.objects.select_for_update(of=("self",)).select_related("guardian__user")
    link = rows.get(pk=seen.pk)
    require(actor, END_GUARDIAN, link)
    reason = reason.strip()[:REASON_CHARACTERS]
    if actor.person_id not in {link.student_id, link.guardian_id} and not reason:
        raise Invalid(field=_("事由"), reason=_("請寫明為什麼結束，學生與家長都看得到。"))
    if link.ended_at is not None:
        raise NotFound
    link.ended_at, link.ended_by_id, link.end_reason = timezone.now(), actor.person_id, reason
    link.save(update_fields=["ended_at", "ended_by", "end_reason"])
    record(actor=actor, action="guardian.unlinked", subject=link, student=link.student_id)
    transaction.on_commit(partial(_tell_end, link.guardian))
    return link


def _counts(actor: Actor, school_id: int | None, code: str, address: str) -> list[tuple[str, str, Limit]]:
    """What a wrong code is counted under: action, who, and how often."""
    counts = [
        ("guardian.tries", address, TRIES),
        ("guardian.tries/code", f"{school_id}/{letters_of(code)[:GROUP_LENGTH]}", TRIES_OF_CODE),
    ]
    if actor.person_id is not None:
        counts.append(("guardian.tries/person", actor.label, TRIES_OF_PERSON))
    return counts


def _refuse_guessers(counts: list[tuple[str, str, Limit]]) -> None:
    for action, who, limit in counts:
        if spent(action=action, who=who) >= limit.times:
            raise TooMany(wait=limit.seconds // 60)


def _count(counts: list[tuple[str, str, Limit]]) -> None:
    for action, who, limit in counts:
        consume(action=action, who=who, limit=limit)


def _new_code(actor: Actor, student: Person) -> str:
    if actor.person_id is None:
        raise NotAllowed(rule=LINK_GUARDIAN.says)
    open_codes = _open_codes(student)
    if open_codes >= OPEN_CODES:
        raise TooManyGuardianCodes(count=open_codes)
    text = new_code()
    code = GuardianCode.objects.create(
        school_id=student.school_id,
        student=student,
        digest=digests_of(student.school_id, text)[0],
        made_by_id=actor.person_id,
        expires_at=timezone.now() + timedelta(days=CODE_DAYS),
    )
    record(actor=actor, action="guardian.code_made", subject=code, student=student.pk)
    return text


def _open_codes(student: Person) -> int:
    now = timezone.now()
    rows = GuardianCode.objects.filter(student=student, used_at=None, withdrawn_at=None, expires_at__gt=now)
    return rows.count()


def _usable(school_id: int, text: str) -> GuardianCode:
    """The code, locked until the transaction ends, so that two cannot use it.

    Raises GuardianCodeRefused.
    """
    rows = GuardianCode.objects.select_for_update(of=("self",)).select_related("student__user")
    code = rows.filter(
        school_id=school_id,
        digest__in=digests_of(school_id, text),
        used_at=None,
        withdrawn_at=None,
        expires_at__gt=timezone.now(),
        student__left_on=None,
    ).first()
    if code is None:
        raise GuardianCodeRefused
    return code


def _new_guardian(actor: Actor, school: School, *, name: str, email: str, password: str) -> Person:
    account = _free_account(school)
    user = open_account(actor=actor, login=f"{school.code}:{account}", name=name)
    set_own_password(user, password)
    return Person.objects.create(
        school=school, user=user, account=account, name=name, email=email, is_student=False, is_guardian=True
    )


@transaction.atomic
def _add_ward(actor: Actor, code: str, relation: str) -> GuardianLink:
    guardian = own_row(Person.objects.select_for_update(), actor, ADD_WARD)
    usable = _usable(guardian.school_id, code)
    if GuardianLink.objects.filter(guardian=guardian, student=usable.student, ended_at=None).exists():
        raise AlreadyLinked
    return _link(actor, guardian, usable, relation)


def _link(actor: Actor, guardian: Person, code: GuardianCode, relation: str) -> GuardianLink:
    code.used_at = timezone.now()
    code.save(update_fields=["used_at"])
    link = GuardianLink.objects.create(
        school_id=code.school_id, guardian=guardian, student=code.student, relation=relation
    )
    record(actor=actor, action="guardian.linked", subject=link, student=code.student_id, code=code.pk)
    transaction.on_commit(partial(_tell_student, code.student, relation))
    return link


def _free_account(school: School) -> str:
    while True:
        account = f"g{readable(ACCOUNT_LENGTH)}"
        if not Person.objects.filter(school=school, account=account).exists():
            return account


def _tell_guardian(guardian: Person) -> None:
    """Her account by letter, where she gave an address: no password, no code, no name but the school's."""
    if not guardian.email:
        return
    text = _(
        "您在 %(school)s 的學習歷程檔案建立了家長帳號。登入時要用：\n\n"
        "學校代碼：%(code)s\n帳號：%(account)s\n網址：%(url)s\n\n"
        "這封信沒有密碼；密碼只有您自己知道。不是您建立的，請不要理會，或通知學校註冊組。\n"
    ) % {
        "school": guardian.school.name,
        "code": guardian.school.code,
        "account": guardian.account,
        "url": f"{settings.PUBLIC_URL}{reverse('sign_in')}",
    }
    send_letters([Letter(guardian.email, _("您的家長帳號"), text)])


def _tell_student(student: Person, relation: str) -> None:
    if student.user is None:
        return
    text = _(
        "有人用您的家長連結碼連結了您的帳號，填寫的關係是「%(relation)s」。"
        "家長看得到您已送出的成果、已勾選的多元表現、勾選結果與收訖明細，但不能修改；"
        "家長看了什麼，您在「誰看過我的資料」看得到。\n\n"
        "如果不是您認識的人，請登入後到「家長連結」立刻結束，或請學校註冊組處理。\n"
    )
    write_to_owner(student.user, _("有家長連結了您的學習歷程檔案"), text % {"relation": relation})


def _tell_end(guardian: Person) -> None:
    if guardian.user is None:
        return
    text = _(
        "您和一位學生的家長連結已經結束，從現在起您看不到該學生的資料。如有疑問，請洽學生或學校註冊組。\n"
    )
    write_to_owner(guardian.user, _("一個家長連結已經結束"), text)
