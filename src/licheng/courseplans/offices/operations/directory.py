"""The directory of schools 學校名錄, brought in whole from the published list."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from licheng.courseplans.offices.models import PlanAuthority, PlanSchool
from licheng.foundations.audit.operations import record, record_all
from licheng.foundations.authz import Actor, require_system
from licheng.foundations.errors import Invalid

CODE = re.compile(r"[0-9A-Z]{6}")


@dataclass(frozen=True, slots=True)
class Listed:
    """One school as the list tells of it; `authority` is the name of the authority it answers to."""

    code: str
    name: str
    county: str
    authority: str


@transaction.atomic
def load_directory(*, actor: Actor, schools: Iterable[Listed]) -> tuple[int, int]:
    """Bring schools in by code, with their authorities: how many are new, and how many changed.

    Nobody is removed: plans of a school that closed stay on file.
    Raises NotAllowed for people, Invalid for a line without code, name or authority, for words that are too
    long, or for a code that stands there twice with other words.
    """
    require_system(actor)
    wanted: dict[str, Listed] = {}
    for one in map(_checked, schools):
        if wanted.setdefault(one.code, one) != one:
            raise Invalid(
                field=_("學校代碼"), reason=_("「%(code)s」有兩列，內容不同。") % {"code": one.code}
            )
    authorities = _authorities(actor, {one.authority for one in wanted.values()})
    here = {one.code: one for one in PlanSchool.objects.select_for_update().filter(code__in=wanted)}
    new = [
        PlanSchool(code=one.code, name=one.name, county=one.county, authority=authorities[one.authority])
        for code, one in wanted.items()
        if code not in here
    ]
    changed = [
        here[code] for code, one in wanted.items() if code in here and _takes(here[code], one, authorities)
    ]
    PlanSchool.objects.bulk_create(new)
    PlanSchool.objects.bulk_update(changed, ["name", "county", "authority"], batch_size=500)
    record_all(actor=actor, action="plan_school.listed", acts=[(one, {"code": one.code}) for one in new])
    record_all(actor=actor, action="plan_school.changed", acts=[(one, {"code": one.code}) for one in changed])
    return len(new), len(changed)


def _checked(one: Listed) -> Listed:
    if not CODE.fullmatch(one.code):
        raise Invalid(
            field=_("學校代碼"), reason=_("「%(code)s」不是六碼的數字或大寫英文字母。") % {"code": one.code}
        )
    for field, text, least, most in (
        (_("校名"), one.name, 1, PlanSchool.name.field.max_length),
        (_("縣市"), one.county, 0, PlanSchool.county.field.max_length),
        (_("主管機關"), one.authority, 1, PlanAuthority.code.field.max_length),
    ):
        if most is not None and not least <= len(text) <= most:
            reason = _("要有 %(least)d 到 %(most)d 個字。") % {"least": least, "most": most}
            raise Invalid(field=f"{one.code} {field}", reason=reason)
    return one


def _authorities(actor: Actor, names: set[str]) -> dict[str, PlanAuthority]:
    """The authorities by name; one that is not here yet is added under its name as code."""
    found = {one.name: one for one in PlanAuthority.objects.filter(name__in=names)}
    for name in sorted(names - set(found)):
        authority = PlanAuthority.objects.create(code=name, name=name)
        record(actor=actor, action="plan_authority.added", subject=authority, code=authority.code)
        found[name] = authority
    return found


def _takes(school: PlanSchool, one: Listed, authorities: dict[str, PlanAuthority]) -> bool:
    """Take what the list says over; whether anything changed."""
    before = (school.name, school.county, school.authority_id)
    school.name, school.county, school.authority = one.name, one.county, authorities[one.authority]
    return before != (school.name, school.county, school.authority_id)
