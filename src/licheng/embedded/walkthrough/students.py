"""What students do: outcomes, activities, selection, receipts."""

import threading
from typing import Any

from licheng.embedded.visitor import Visitor, WalkFailed
from licheng.embedded.walkthrough.story import SchoolStory, expect, expect_state, id_in

FIRST, MENDER, REPLACER, WITH_MEDIA, PROVER = 0, 1, 2, 3, 4
QUOTA = 6
CONFLICT = 409
PAGES = {"outcome": "outcomes", "activity": "activities"}
DOCUMENT_LIMIT_BYTES = 4 * 2**20
REFUSED_WORKS = (
    "report.pdf",
    "truncated.pdf",
    "truncated.jpg",
    "encrypted.pdf",
    "login_page.pdf",
    "drawing.png",
)
REFUSED_MEDIA = ("truncated.mp4",)
COMPETITION = {
    "name": "全校英語演講比賽",
    "event": "個人組",
    "level": "1",
    "award": "第二名",
    "announced_on": "115/10/02",
    "entered_as": "0",
}
FLEXIBLE = {
    "type": "1",
    "content": "家庭用電的資料分析",
    "unit": "圖書館",
    "school_year": "115",
    "semester": "1",
    "sections_per_week": "2",
    "weeks": "9",
}


def make_outcomes(school: SchoolStory, *, refusals: bool) -> None:
    """Everybody makes an outcome; the first student makes seven, one more than may be selected."""
    for number in range(len(school.students)):
        entry, visitor = school.student(number)
        for index in range(QUOTA + 1 if number == FIRST else 1):
            file = "accounting_report.pdf" if index % 2 else "reading_notes.pdf"
            if refusals and number == FIRST and index == 0:
                _refused_files(school, visitor, entry)
            _outcome(school, visitor, entry, file, media="project.mp4" if number == WITH_MEDIA else "")
    school.walk.counts["outcomes"] += sum(len(made) for made in school.outcomes.values())


def _start(visitor: Visitor, entry: dict[str, Any]) -> tuple[str, str]:
    """Begin an outcome of the student's course with the cast's teacher; its id and its form's address."""
    page = visitor.open("/outcomes/")
    for form in page.forms:
        if "/start/" in form.action and form.text.endswith(f"：{entry['subject_name']}"):
            page = visitor.send(page, form)
            return id_in(page.url), page.url
    raise WalkFailed(f"no course {entry['subject_name']} to make an outcome for: {page.text[:400]}")


def _outcome(school: SchoolStory, visitor: Visitor, entry: dict[str, Any], file: str, media: str) -> None:
    number = len(school.outcomes.setdefault(entry["student_no"], [])) + 1
    said = f"{entry['name']} 上傳「{entry['subject_name']}」成果{number}並送出認證"
    with school.walk.step(
        said, f"{entry['student_no']} uploads and sends outcome {number}", "草稿 → 已送老師"
    ):
        outcome, _form = _start(visitor, entry)
        _upload(school, visitor, ("outcome", outcome), "document", file)
        if media:
            _upload(school, visitor, ("outcome", outcome), "media", media)
        page = visitor.open(f"/outcomes/{outcome}/edit/")
        form = next(form for form in page.forms if "note" in form.values)
        page = visitor.send(
            page, form, note=f"第{number}件：整理上課筆記並延伸查證，學會分辨資料來源。𠮷", then="send"
        )
        expect_state(visitor.open(f"/outcomes/{outcome}/"), "已送老師")
    school.outcomes[entry["student_no"]].append(outcome)


def _upload(school: SchoolStory, visitor: Visitor, item: tuple[str, str], role: str, file: str) -> None:
    page = visitor.open(f"/{PAGES[item[0]]}/{item[1]}/edit/")
    answer = visitor.upload(page, item, role, file, (school.works / file).read_bytes())
    if not answer.is_success or answer.json().get("state") != "stored":
        raise WalkFailed(f"{file} was not taken in: {answer.status_code} {answer.text[:400]}")


def _refused_files(school: SchoolStory, visitor: Visitor, entry: dict[str, Any]) -> None:
    """Files that must not be taken in, each with its sentence; their draft is deleted again."""
    outcome, form = _start(visitor, entry)
    page = visitor.open(form)
    over = b"%PDF-1.7\n" + b"0" * (DOCUMENT_LIMIT_BYTES + 1 - 9)
    works = [(name, "document") for name in REFUSED_WORKS] + [(name, "media") for name in REFUSED_MEDIA]
    cases = [(name, role, (school.works / "refused" / name).read_bytes(), "refused") for name, role in works]
    cases += [("empty.pdf", "document", b"", ""), ("one-byte-over.pdf", "document", over, "too-large")]
    for name, role, data, state in cases:
        answer = visitor.upload(page, ("outcome", outcome), role, name, data)
        told = answer.json()
        if told.get("state", "") != state or told.get("file"):
            raise WalkFailed(f"{name}: {answer.status_code}, expected {state}: {answer.text[:300]}")
        why = told.get("problem", told).get("detail") or told["state_text"]
        school.walk.say(f"✓ 拒收 {name}：{why}")
    page = visitor.open(f"/outcomes/{outcome}/")
    visitor.send(page, page.form_to("/delete/"))


def record_activities(school: SchoolStory) -> None:
    """The first two record a competition and flexible learning time; the others one of the two."""
    for number in range(len(school.students)):
        entry, visitor = school.student(number)
        if number in (FIRST, MENDER) or number % 2 == 0:
            _activity(
                school, visitor, entry, "competition", fields=COMPETITION, file="competition_certificate.pdf"
            )
        if number in (FIRST, MENDER) or number % 2:
            _activity(
                school, visitor, entry, "flexible_learning", fields=FLEXIBLE, file="electricity_chart.jpg"
            )


def _activity(
    school: SchoolStory,
    visitor: Visitor,
    entry: dict[str, Any],
    category: str,
    *,
    fields: dict[str, Any],
    file: str,
) -> None:
    title = fields.get("name") or fields["content"]
    with school.walk.step(
        f"{entry['name']} 記錄多元表現「{title}」", f"{entry['student_no']} records an activity"
    ):
        page = visitor.open("/activities/")
        form = next(one for one in page.forms if "/start/" in one.action)
        page = visitor.send(page, form, category=category)
        activity = id_in(page.url)
        _upload(school, visitor, ("activity", activity), "document", file)
        page = visitor.open(f"/activities/{activity}/edit/")
        form = next(one for one in page.forms if "note" in one.values)
        page = visitor.send(page, form, **fields, note="事前準備三週，學到怎麼安排練習。")
        expect(page, title)
    school.activities.setdefault(entry["student_no"], []).append(activity)


def mend_and_replace(school: SchoolStory) -> None:
    """A returned outcome is mended and sent again; a certified one loses that when its file is replaced."""
    entry, visitor = school.student(MENDER)
    outcome = school.outcomes[entry["student_no"]][0]
    with school.walk.step(
        f"{entry['name']} 看到退回原因，修改後再送", "mend and send again", "老師退回 → 已送老師"
    ):
        expect(visitor.open(f"/outcomes/{outcome}/"), "退回")
        _replace(school, visitor, outcome, "accounting_report.pdf", send=True)
        expect_state(visitor.open(f"/outcomes/{outcome}/"), "已送老師")
    entry, visitor = school.student(REPLACER)
    outcome = school.outcomes[entry["student_no"]][0]
    with school.walk.step(
        f"{entry['name']} 換了檔案，認證失效",
        "a replaced file loses its certification",
        "已認證 → 草稿 → 已送老師",
    ):
        expect_state(visitor.open(f"/outcomes/{outcome}/"), "已認證")
        _replace(school, visitor, outcome, "accounting_report.pdf", send=False)
        expect_state(visitor.open(f"/outcomes/{outcome}/"), "草稿")
        _replace(school, visitor, outcome, "", send=True)
        expect_state(visitor.open(f"/outcomes/{outcome}/"), "已送老師")


def _replace(school: SchoolStory, visitor: Visitor, outcome: str, file: str, *, send: bool) -> None:
    if file:
        _upload(school, visitor, ("outcome", outcome), "document", file)
    if send:
        page = visitor.open(f"/outcomes/{outcome}/edit/")
        form = next(form for form in page.forms if "note" in form.values)
        visitor.send(page, form, then="send")


def select(school: SchoolStory) -> None:
    """Everybody selects; the first student's last place is fought for by two requests at once."""
    for number in range(len(school.students) - 1):
        entry, visitor = school.student(number)
        outcomes, activities = school.outcomes[entry["student_no"]], school.activities[entry["student_no"]]
        with school.walk.step(
            f"{entry['name']} 勾選要送出的項目", f"{entry['student_no']} selects", "已認證 → 已勾選"
        ):
            for outcome in outcomes[: QUOTA - 1]:
                _press(visitor, f"/selection/outcomes/{outcome}/select/")
            for activity in activities:
                _press(visitor, f"/selection/activities/{activity}/select/")
        school.walk.counts["selected"] += min(len(outcomes), QUOTA) + len(activities)
        if number == FIRST:
            _race(school, visitor, outcomes)


def _press(visitor: Visitor, address: str) -> int:
    page = visitor.open("/selection/")
    answer = visitor.client.post(
        address,
        data={"csrfmiddlewaretoken": page.forms[0].values["csrfmiddlewaretoken"]},
        headers={"Referer": page.url},
    )
    return answer.status_code


def _race(school: SchoolStory, visitor: Visitor, outcomes: list[str]) -> None:
    """Two requests for the sixth place at the same moment, then a seventh: one place, given once."""
    with school.walk.step(
        "最後一個名額同時按兩次：只有一個成功；第七件被拒", "two at once for the last place: one wins"
    ):
        answers: list[int] = []
        threads = [
            threading.Thread(
                target=lambda at=outcome: answers.append(_press(visitor, f"/selection/outcomes/{at}/select/"))
            )
            for outcome in outcomes[QUOTA - 1 :]
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if sorted(answers) != [200, CONFLICT]:
            raise WalkFailed(f"two requests for the last place were answered {answers}")
        expect(visitor.open("/selection/"), f"{QUOTA} ／ {QUOTA}")


def read_receipts(school: SchoolStory) -> None:
    """Everybody who sent something looks at what arrived; the first student disputes one item."""
    for number in range(len(school.students) - 1):
        entry, visitor = school.student(number)
        page = visitor.open("/receipts/")
        receipt = _receipt_link(page.links)
        page = visitor.open(receipt)
        items = [form for form in page.forms if "/confirm/" in form.action]
        school.walk.counts["received"] += len(items)
        with school.walk.step(
            f"{entry['name']} 逐件核對收訖明細",
            f"{entry['student_no']} checks the receipt",
            "中央已收訖 → 我已確認",
        ):
            for place, _form in enumerate(items):
                page = visitor.open(receipt)
                if number == FIRST and place == len(items) - 1:
                    form = [one for one in page.forms if "/dispute/" in one.action][place]
                    visitor.send(page, form, comment="活動獎項好像寫錯了，請幫我確認。")
                    school.walk.counts["disputed"] += 1
                else:
                    visitor.send(page, next(one for one in page.forms if "/confirm/" in one.action))
                    school.walk.counts["confirmed"] += 1
        school.walk.kits.append((len(items), visitor.download(f"{receipt}kit/")))


def _receipt_link(links: list[str]) -> str:
    for link in links:
        if link.startswith("/receipts/") and link.rstrip("/").rsplit("/", 1)[-1].isdigit():
            return link
    raise WalkFailed(f"no receipt is listed: {links}")
