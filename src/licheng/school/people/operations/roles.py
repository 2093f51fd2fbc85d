from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, require
from licheng.school.people.models import GrantSource, Person, Role, RoleGrant
from licheng.school.people.permissions import ISSUE_PASSWORD, SEE_PERSON
from licheng.school.people.queries import school_for_imports


@transaction.atomic
def grant_role(*, actor: Actor, person_id: int, role: Role) -> RoleGrant:
    """Give a member of staff one more role, or give back one that had ended.

    Raises NotFound for people of other schools, NotAllowed for those who do not bring in the staff roster.
    """
    school = school_for_imports(actor)
    person = found(Person.objects.filter(is_student=False), actor, SEE_PERSON, person_id)
    require(actor, ISSUE_PASSWORD, person)
    grant, _made = RoleGrant.objects.update_or_create(
        school=school, person=person, role=role, source=GrantSource.ROSTER, defaults={"until": None}
    )
    record(actor=actor, action="role.granted", subject=person, role=role)
    return grant
