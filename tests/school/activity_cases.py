"""Activity records for tests, in any state, with file rows that need no bytes unless a test gives some."""

from licheng.school.activities.models import Activity, Category
from licheng.school.activities.states import ActivityState as S
from tests.factories import SEMESTER, YEAR, StudentFactory
from tests.school.outcomes_cases import stored

COMPETITION = {
    "name": "全國技能競賽",
    "event": "工業電子",
    "level": "3",
    "award": "佳作",
    "announced_on": "1150302",
    "entered_as": "0",
}
FLEXIBLE = {
    "type": "1",
    "content": "Python 自學",
    "unit": "圖書館",
    "school_year": "115",
    "semester": "1",
    "sections_per_week": "2",
    "weeks": "9",
}


def make_activity(student=None, state=S.DRAFT, category=Category.COMPETITION, **more):
    """A complete record with a document; `document=None` leaves it without."""
    student = student or StudentFactory()
    values = {
        "fields": dict(COMPETITION if category == Category.COMPETITION else FLEXIBLE),
        "title": "全國技能競賽" if category == Category.COMPETITION else "Python 自學",
        "document": more.pop("document") if "document" in more else stored(),
        "school_year": YEAR,
        "semester": SEMESTER,
    }
    return Activity.objects.create(
        school=student.school, student=student, category=category, state=state, **(values | more)
    )


def row(activity):
    """Every column of the record as the database has it now."""
    return Activity.objects.filter(pk=activity.pk).values().first()
