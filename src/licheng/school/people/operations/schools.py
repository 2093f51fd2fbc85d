"""A new school and the first person who can sign in to it: set-up, before anybody is there to ask."""

import re

from django.db import transaction
from django.utils.translation import gettext as _
from licheng_exchange import code_table

from licheng.foundations.accounts.models import CodePurpose
from licheng.foundations.accounts.operations import issue_code, open_account
from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, require_system
from licheng.foundations.errors import Invalid
from licheng.school.people.models import Authority, Person, Role, RoleGrant, School

CODE = re.compile("[0-9A-Z]{6}")
ACCOUNT = re.compile(r"[0-9A-Za-z_.@-]{1,20}")
SEMESTERS = range(1, 5)
SCHOOL_YEARS = range(108, 200)  # ROC; the portfolio began with those who entered in 108


@transaction.atomic
def add_authority(*, actor: Actor, code: str, name: str) -> Authority:
    """The authority with this code, made now if it is not there; a new name replaces the old one.

    Raises NotAllowed for people.
    """
    require_system(actor)
    authority, made = Authority.objects.update_or_create(code=code, defaults={"name": name})
    record(actor=actor, action="authority.added" if made else "authority.named", subject=authority)
    return authority


@transaction.atomic
def add_school(
    *, actor: Actor, code: str, name: str, kind: str, authority: Authority, school_year: int, semester: int
) -> School:
    """A new school, standing in one semester.

    Raises NotAllowed for people, Invalid for a code that is taken or not six characters, an unknown kind,
    or a school year or semester that cannot be.
    """
    require_system(actor)
    if not CODE.fullmatch(code):
        raise Invalid(field=_("學校代碼"), reason=_("應為 6 碼數字或大寫字母。"))
    if School.objects.filter(code=code).exists():
        raise Invalid(field=_("學校代碼"), reason=_("這所學校已經在系統裡。"))
    if kind not in {row.code for row in code_table("course_type")}:
        raise Invalid(
            field=_("課程類型"), reason=_("不在代碼表中，例如 H 是普通型、V 是技術型、M 是綜合型。")
        )
    if school_year not in SCHOOL_YEARS or semester not in SEMESTERS:
        raise Invalid(field=_("學年度與學期"), reason=_("學年度請填民國年，例如 115；學期填 1 或 2。"))
    school = School.objects.create(
        code=code,
        name=name,
        kind=kind,
        authority=authority,
        active_year=school_year,
        active_semester=semester,
    )
    record(actor=actor, action="school.added", subject=school, code=code)
    return school


@transaction.atomic
def add_first_administrator(*, actor: Actor, school: School, account: str) -> tuple[Person, str]:
    """The first account of a school, with its enrolment code: administrator and registrar in one.

    Rosters replace the roles later.
    Raises NotAllowed for people, Invalid for an account that is taken or malformed.
    """
    require_system(actor)
    if not ACCOUNT.fullmatch(account):
        raise Invalid(field=_("帳號"), reason=_("只能用英數字與 _ . @ -，最多 20 字。"))
    if Person.objects.filter(school=school, account=account).exists():
        raise Invalid(field=_("帳號"), reason=_("這所學校已經有這個帳號。"))
    name = str(Role.ADMINISTRATOR.label)
    user = open_account(actor=actor, login=f"{school.code}:{account}", name=name)
    person = Person.objects.create(school=school, user=user, account=account, name=name, is_student=False)
    for role in (Role.ADMINISTRATOR, Role.REGISTRAR):
        RoleGrant.objects.create(school=school, person=person, role=role)
    record(actor=actor, action="school.first_account_added", subject=person)
    return person, issue_code(actor=actor, user=user, purpose=CodePurpose.ENROL)
