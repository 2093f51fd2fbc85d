"""What the course's teacher does: look, pass, return with a reason, publish."""

from licheng.embedded.visitor import Shown, Visitor
from licheng.embedded.walkthrough.story import SchoolStory, expect, expect_state
from licheng.embedded.walkthrough.students import MENDER


def _teacher(school: SchoolStory) -> Visitor:
    return school.staff("teacher", "任課教師")


def _statements(page: Shown) -> list[str]:
    """The values of the three statements as the page offers them."""
    return [part.split('"', 1)[0] for part in page.html.split('name="statements" value="')[1:]]


def _pass(visitor: Visitor, outcome: str) -> None:
    page = visitor.open(f"/outcomes/{outcome}/review/")
    visitor.send(page, page.form_to("/pass/"), statements=_statements(page))


def certify(school: SchoolStory) -> None:
    """Pass everything but two: one goes back with a reason, the last student's stays undecided."""
    visitor, walk = _teacher(school), school.walk
    last = school.students[-1]["student_no"]
    mender = school.students[MENDER]["student_no"]
    with walk.step("任課教師打開認證清單", "the teacher opens the queue"):
        expect(visitor.open("/outcomes/queue/"), school.students[0]["name"])
    for number, made in school.outcomes.items():
        for outcome in made:
            if number == last:
                continue
            if number == mender:
                with walk.step(
                    "任課教師退回一件並寫明原因", "one is returned with a reason", "已送老師 → 老師退回"
                ):
                    page = visitor.open(f"/outcomes/{outcome}/review/")
                    visitor.send(
                        page, page.form_to("/hold-back/"), words="檔案看不到分工，請補上封面的分工表。"
                    )
                walk.counts["returned"] += 1
            else:
                with walk.step("任課教師看過檔案，三項確認後通過", "the teacher passes one"):
                    _pass(visitor, outcome)
                walk.counts["certified"] += 1
    publish(school)


def certify_again(school: SchoolStory) -> None:
    """Pass what was mended or replaced and sent again."""
    visitor, walk = _teacher(school), school.walk
    for number in (1, 2):
        outcome = school.outcomes[school.students[number]["student_no"]][0]
        with walk.step("任課教師認證重新送來的成果", "the teacher passes it this time"):
            _pass(visitor, outcome)
        walk.counts["certified"] += number == MENDER
    publish(school)


def publish(school: SchoolStory) -> None:
    """Publish every decision after seeing the exact list."""
    visitor, walk = _teacher(school), school.walk
    with walk.step(
        "任課教師看過清單後發佈結果（退回的也發佈）", "results are published", "已送老師 → 已認證"
    ):
        page = visitor.open("/outcomes/publish/")
        ids = [part.split('"', 1)[0] for part in page.html.split('name="outcome" value="')[1:]]
        form = next(form for form in page.forms if "csrfmiddlewaretoken" in form.values and not form.action)
        visitor.send(page, form, outcome=ids)
        _entry, student = school.student(0)
        expect_state(
            student.open(f"/outcomes/{school.outcomes[school.students[0]['student_no']][0]}/"), "已認證"
        )
