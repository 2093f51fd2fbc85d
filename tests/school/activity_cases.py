"""Activity records for tests, in any state, with file rows that need no bytes unless a test gives some."""

from licheng.school.activities.models import Activity, Category
from licheng.school.activities.states import ActivityState as S
from tests.factories import SEMESTER, YEAR, StudentFactory
from tests.school.outcomes_cases import stored

COMPETITION = {
    "競賽名稱": "全國技能競賽",
    "項目": "工業電子",
    "競賽等級代碼": "3",
    "獎項": "佳作",
    "結果公布日期": "1150302",
    "團體參與代碼": "0",
}
FLEXIBLE = {
    "類別(種類)代碼": "1",
    "內容(開設名稱)": "Python 自學",
    "開設單位": "圖書館",
    "開設學年度": "115",
    "開設學期": "1",
    "每週節數": "2",
    "開設週數": "9",
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
