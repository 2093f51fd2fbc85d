from collections.abc import Mapping

from django.db import transaction

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor, Rule, found, require
from licheng.school.calendar.models import Level
from licheng.school.calendar.operations import remove_window, set_limit, set_window
from licheng.school.governance import permissions
from licheng.school.governance.errors import MinutesMissing, SettingMoved
from licheng.school.governance.models import SettingChange
from licheng.school.governance.queries import settings_of
from licheng.school.governance.queries.proposals import Change, proposal
from licheng.school.governance.values import Value, ends_of, label_of, window_of
from licheng.school.people.models import School

MINUTES_CHARACTERS = 200


@transaction.atomic
def change_settings(
    *, actor: Actor, minutes: str, wanted: Mapping[str, Value], seen: Mapping[str, Value]
) -> tuple[SettingChange, ...]:
    """Apply what the working group decided, all of it or nothing; every setting leaves a line of history.

    `seen` is what stood when the decision was looked at. Nothing that students already made or selected is
    taken away by a lower cap.
    Raises NotFound, NotAllowed, StepUpNeeded, MinutesMissing, SettingMoved, BadValue, EndsBeforeItBegins,
    LooserThanAllowed or NothingChanges.
    """
    school = locked_school(actor, permissions.SET)
    minutes = _minutes(minutes)
    lines = settings_of(school.place)
    for setting in wanted:
        if setting in lines and lines[setting].value != seen.get(setting):
            raise SettingMoved(setting=lines[setting].label)
    return tuple(_apply(actor, school, one, minutes) for one in proposal(school.place, wanted))


@transaction.atomic
def undo_change(*, actor: Actor, change_id: int, minutes: str) -> SettingChange:
    """Set a setting back to what it was before one decision: a new decision, with minutes of its own.

    Raises NotFound, NotAllowed, StepUpNeeded, MinutesMissing, SettingMoved (changed again since, or of
    another semester) or LooserThanAllowed (those above became stricter).
    """
    past = found(SettingChange.objects.all(), actor, permissions.SEE_CHANGE, change_id)
    school = locked_school(actor, permissions.SET)
    minutes = _minutes(minutes)
    line = settings_of(school.place).get(past.setting)
    if line is None or past.school_year != school.active_year or line.value != past.new:
        raise SettingMoved(setting=label_of(past.setting))
    (change,) = proposal(school.place, {past.setting: past.old})
    return _apply(actor, school, change, minutes)


def locked_school(actor: Actor, rule: Rule) -> School:
    """The actor's school with its authority, for those whom the rule lets act.

    Its row is the lock: two decisions, or two presses of one button, queue here.
    Raises NotFound, NotAllowed or StepUpNeeded.
    """
    seen = found(School.objects.all(), actor, permissions.SEE, actor.school_id)
    rows = School.objects.select_for_update(of=("self",), no_key=True).select_related("authority")
    school = rows.get(pk=seen.pk)
    require(actor, rule, school)
    return school


def _minutes(text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > MINUTES_CHARACTERS:
        raise MinutesMissing
    return text


def _apply(actor: Actor, school: School, change: Change, minutes: str) -> SettingChange:
    code, school_year = school.code, school.active_year
    window = window_of(change.setting)
    if window is None:
        cap = change.new if isinstance(change.new, int) else None
        set_limit(
            actor=actor, code=code, school_year=school_year, name=change.setting, value=cap, source=minutes
        )
    elif isinstance(change.new, dict):
        opens_at, closes_at = ends_of(change.new)
        set_window(
            actor=actor, level=Level.SCHOOL, code=code, school_year=school_year, semester=window[1],
            kind=window[0], opens_at=opens_at, closes_at=closes_at, source=minutes,
        )  # fmt: skip
    else:
        kind, semester = window
        remove_window(actor=actor, code=code, school_year=school_year, semester=semester, kind=kind)
    row = SettingChange.objects.create(
        school=school,
        school_year=school.active_year,
        setting=change.setting,
        old=change.old,
        new=change.new,
        minutes=minutes,
        changed_by_id=actor.person_id,
    )
    record(actor=actor, action="setting.changed", subject=row, setting=row.setting, old=row.old, new=row.new)
    return row
