from collections.abc import Mapping
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, found, own_row
from licheng.foundations.errors import Invalid, NotAllowed
from licheng.school.activities import permissions, states
from licheng.school.activities.categories import CATEGORIES
from licheng.school.activities.models import NOTE_CHARACTERS, Activity
from licheng.school.activities.states import ActivityState as S
from licheng.school.activities.values import read_value
from licheng.school.calendar.errors import QuotaFull
from licheng.school.calendar.models import WindowKind
from licheng.school.calendar.queries import limits
from licheng.school.governance.queries import require_open_for
from licheng.school.people.actors import school_of
from licheng.school.people.models import Person

LINK_CHARACTERS = 500  # the legacy link columns; domain reference §2.6
TITLE_CHARACTERS = 60


@transaction.atomic
def start_activity(*, actor: Actor, category: str) -> Activity:
    """Begin an empty record of one category in the current school year.

    Raises NotAllowed for anybody but a student, Invalid for an unknown category, WindowClosed, or QuotaFull
    when the school's own limit of records a year is reached.
    """
    # the student's own row is the lock: two requests for the last record allowed meet here
    student = own_row(Person.objects.select_for_update(no_key=True), actor, permissions.START)
    if category not in CATEGORIES:
        raise Invalid(field=_("類別"), reason=_("請從列出的類別中選一個。"))
    place = school_of(actor).place
    require_open_for(place, WindowKind.UPLOAD, student.pk)
    most = limits(place).activities_per_year
    kept = Activity.objects.filter(
        school_id=student.school_id, student=student, school_year=place.school_year
    )
    if most is not None and kept.count() >= most:
        raise QuotaFull(what=_("本學年多元表現"), limit=most)
    activity = Activity.objects.create(
        school_id=student.school_id,
        student=student,
        category=category,
        school_year=place.school_year,
        semester=place.semester,
    )
    record(actor=actor, action="activity.started", subject=activity, category=category)
    return activity


@transaction.atomic
def write_activity(
    *, actor: Actor, activity_id: UUID, fields: Mapping[str, str], note: str, link: str
) -> Activity:
    """Keep what the student wrote: the category's fields by key, a note and a link; drafts may have gaps.

    Raises NotFound, NotAllowed, WindowClosed, WrongState, or Invalid with the first field that breaks a rule.
    """
    activity = writable_activity(actor, activity_id)
    about = CATEGORIES[activity.category]
    activity.fields = {field.key: read_value(field, fields.get(field.key, "")) for field in about.fields}
    activity.title = activity.fields[about.title_key][:TITLE_CHARACTERS]
    activity.note = read_note(note)
    activity.link = read_link(link)
    activity.save(update_fields=["fields", "title", "note", "link", "state", "changed_at"])
    record(actor=actor, action="activity.written", subject=activity)
    return activity


@transaction.atomic
def delete_activity(*, actor: Actor, activity_id: UUID) -> None:
    """Drop a draft. Its files stay in the ledger as received; nothing points to them any more.

    Allowed outside the window too: taking one's own draft back harms nobody.
    Raises NotFound, NotAllowed or WrongState.
    """
    activity = locked_activity(actor, activity_id)
    states.DELETE.apply(activity.state)
    record(actor=actor, action="activity.deleted", subject=activity, category=activity.category)
    activity.delete()


def locked_activity(actor: Actor, activity_id: UUID) -> Activity:
    """The actor's own record, locked until the end of the transaction.

    Whoever may write a record also sees it, so one statement asks both of the student and locks.
    Raises NotFound (out of sight, or deleted meanwhile) or NotAllowed (somebody else's).
    """
    rows = Activity.objects.select_for_update().filter(permissions.WRITE.within(actor), pk=activity_id)
    if (activity := rows.first()) is None:
        found(Activity.objects.all(), actor, permissions.SEE, activity_id)
        raise NotAllowed(rule=permissions.WRITE.says)
    return activity


def writable_activity(actor: Actor, activity_id: UUID) -> Activity:
    """The actor's own record, locked and open for changes.

    Raises NotFound, NotAllowed, WindowClosed or WrongState.
    """
    activity = locked_activity(actor, activity_id)
    require_open_for(school_of(actor).place, WindowKind.UPLOAD, activity.student_id)
    activity.state = S(states.EDIT.apply(activity.state))
    return activity


def read_note(note: str) -> str:
    """The note as it is kept; a browser's line end counts as one character.

    Units: code points. Raises Invalid above the limit. Source: domain reference §4.3.
    """
    kept = note.replace("\r\n", "\n").strip()
    if len(kept) > NOTE_CHARACTERS:
        over = {"n": NOTE_CHARACTERS, "over": len(kept) - NOTE_CHARACTERS}
        raise Invalid(field=_("內容簡述"), reason=_("最多 %(n)d 字，請刪去 %(over)d 字。") % over)
    return kept


def read_link(link: str) -> str:
    """The link as it is kept.

    Raises Invalid unless it is a whole http or https address of at most 500 characters.
    """
    kept = link.strip()
    if not kept:
        return ""
    try:
        URLValidator(schemes=["http", "https"])(kept)
    except ValidationError as wrong:
        reason = _("請貼上完整的網址，開頭是 https://。")
        raise Invalid(field=_("外部影音連結"), reason=reason) from wrong
    if len(kept) > LINK_CHARACTERS:
        raise Invalid(field=_("外部影音連結"), reason=_("網址最多 %(n)d 個字元。") % {"n": LINK_CHARACTERS})
    return kept
