"""Writing down who looked at a student's data: one statement, in the request that shows it."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.school.people.models import LookedAt, Role

MACHINE, STAFF_SESSION, HOMEROOM_DEPUTY, STAFF = "machine", "staff-session", "homeroom-deputy", "staff"
ONE_LOOK_SECONDS = 60  # own bound: a page, its pictures and a reload within a minute are one look

# By which role somebody of several is let at a kind of data; the first one held is written down.
BY_ROLE: dict[LookedAt, tuple[Role, ...]] = {
    LookedAt.OUTCOME: (Role.TEACHER, Role.OUTCOME_SUBMITTER, Role.RECEIPT_OFFICER, Role.COUNSELLOR),
    LookedAt.FILE: (Role.TEACHER, Role.OUTCOME_SUBMITTER, Role.ACTIVITY_SUBMITTER, Role.RECEIPT_OFFICER),
    LookedAt.ACTIVITY: (Role.ACTIVITY_SUBMITTER, Role.RECEIPT_OFFICER, Role.COUNSELLOR),
    LookedAt.RECEIPT: (Role.RECEIPT_OFFICER,),
    LookedAt.CONSULTATION: (Role.COUNSELLOR, Role.REGISTRAR),
    LookedAt.SELECTION: (Role.OUTCOME_SUBMITTER, Role.ACTIVITY_SUBMITTER, Role.COUNSELLOR),
}
OTHERWISE = (
    Role.REGISTRAR,
    Role.CURRICULUM,
    Role.COUNSELLOR,
    Role.OUTCOME_SUBMITTER,
    Role.ACTIVITY_SUBMITTER,
    Role.RECEIPT_OFFICER,
    Role.DATA_QUERY,
    Role.EXCHANGE_OFFICER,
    Role.WORKING_GROUP,
    Role.ADMINISTRATOR,
    Role.TEACHER,
    Role.HOMEROOM,
)

# Rows are written in the order of their keys, so that two lists at once cannot wait for each other.
NOTE = """
INSERT INTO people_look AS kept
    (school_id, student_id, viewer_id, machine, capacity, what, item_id, on_day, first_at, last_at, times)
SELECT person.school_id, person.id, %(viewer)s::bigint, %(machine)s,
    CASE
        WHEN %(relation)s <> '' THEN %(relation)s
        WHEN EXISTS (
            SELECT FROM people_guardianlink link
            WHERE link.guardian_id = %(viewer)s AND link.student_id = person.id AND link.ended_at IS NULL
        ) THEN 'guardian'
        WHEN person.left_on IS NOT NULL THEN kind.office
        WHEN class.homeroom_teacher_id = %(viewer)s THEN 'homeroom'
        WHEN EXISTS (
            SELECT FROM people_rolegrant deputy
            WHERE deputy.person_id = %(viewer)s AND deputy.role = 'homeroom'
                AND deputy.class_group_id = class.id
                AND deputy.since <= %(day)s AND (deputy.until IS NULL OR deputy.until >= %(day)s)
        ) THEN 'homeroom-deputy'
        ELSE kind.office
    END,
    kind.what, %(item_id)s, %(day)s, %(now)s, %(now)s, 1
FROM people_person person
    JOIN people_student student ON student.person_id = person.id
    JOIN people_classgroup class ON class.id = student.class_group_id
    CROSS JOIN unnest(%(whats)s::text[], %(offices)s::text[]) AS kind(what, office)
WHERE person.id = ANY(%(students)s) AND person.school_id = %(school)s
    AND person.id IS DISTINCT FROM %(viewer)s
ORDER BY person.id, kind.what
ON CONFLICT (school_id, student_id, viewer_id, machine, capacity, what, item_id, on_day) DO UPDATE
SET times = kept.times + 1, last_at = excluded.last_at WHERE kept.last_at < %(past)s
"""


def note_look(
    *, actor: Actor, student_id: int, what: LookedAt, item_id: object = "", relation: str = ""
) -> None:
    """Write down that the actor is being shown something of a student; the student's own looks are not.

    `item_id` names the item on whose page it was. `relation` says how the actor got in where the caller knows
    it better than her roles do: a teacher of the very course.
    """
    note_looks(actor=actor, student_ids=[student_id], what=what, item_id=item_id, relation=relation)


def note_looks(
    *, actor: Actor, student_ids: Iterable[int], what: LookedAt, item_id: object = "", relation: str = ""
) -> None:
    """Write down a list that shows several students, in one statement.

    Clocks and commands look at nothing: they show nobody anything.
    """
    _note(actor, student_ids, [what], str(item_id), relation)


def note_overview(*, actor: Actor, student_id: int, kinds: Iterable[LookedAt]) -> None:
    """Write down a page that shows several kinds of data of one student, in one statement."""
    _note(actor, [student_id], sorted(kinds), "", "")


def _note(
    actor: Actor, student_ids: Iterable[int], kinds: Sequence[LookedAt], item_id: str, relation: str
) -> None:
    students = sorted(set(student_ids) - {actor.person_id})
    machine = actor.label if actor.is_system and actor.scopes else ""
    if not students or not kinds or (actor.is_system and not machine):
        return
    now = timezone.now()
    row = {
        "viewer": None if machine else actor.person_id,
        "machine": machine,
        "relation": MACHINE if machine else relation,
        "whats": [str(kind.value) for kind in kinds],
        "offices": [_office(actor, kind) for kind in kinds],
        "item_id": item_id,
        "day": timezone.localdate(now),
        "now": now,
        "past": now - timedelta(seconds=ONE_LOOK_SECONDS),
        "students": students,
        "school": actor.school_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, row)


def _office(actor: Actor, what: LookedAt) -> str:
    if actor.staff_session_id is not None:
        return STAFF_SESSION
    for role in (*BY_ROLE.get(what, ()), *OTHERWISE):
        if role in actor.roles:
            return str(role.value)
    return STAFF
