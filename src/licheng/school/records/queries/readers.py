"""Who may see course records: a student's, a class's, a course's."""

from licheng.foundations.askers import RuleReaders
from licheng.foundations.authz import Actor, found
from licheng.school.people.models import ClassGroup, Person
from licheng.school.people.queries.readers import class_staff, readers_of
from licheng.school.records.models import Offering
from licheng.school.records.permissions import (
    EXPORT_CLASS,
    EXPORT_COURSE,
    READ_CLASS,
    READ_COURSE,
    SEE_STUDENT,
)
from licheng.school.records.queries.deputies import teachers_of


def records_readers(actor: Actor, person_id: int) -> tuple[RuleReaders, ...]:
    """Who may see all of a student's course records now. Raises NotFound when the actor may not."""
    student = found(Person.objects.all(), actor, SEE_STUDENT, person_id)
    return readers_of(actor, student, [SEE_STUDENT], students=[student.pk])


def class_readers(actor: Actor, class_id: int) -> tuple[RuleReaders, ...]:
    """Who may see a whole class's records and take them along. Raises NotFound when the actor may not."""
    group = found(ClassGroup.objects.all(), actor, READ_CLASS, class_id)
    return readers_of(actor, group, [READ_CLASS, EXPORT_CLASS], more=class_staff(group.pk))


def course_readers(actor: Actor, offering_id: int) -> tuple[RuleReaders, ...]:
    """Who may see the marks of a course and take them along. Raises NotFound when the actor may not."""
    offering = found(Offering.objects.all(), actor, READ_COURSE, offering_id)
    return readers_of(actor, offering, [READ_COURSE, EXPORT_COURSE], more=teachers_of(offering.pk))
