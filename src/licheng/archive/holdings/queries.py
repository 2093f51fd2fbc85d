from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Count
from licheng_exchange import NationalPolicy, Problem, national_policy

from licheng.archive.holdings.models import HeldFile, HeldItem, HeldStudent
from licheng.archive.holdings.rules import MANIFEST, items_of
from licheng.archive.intake.models import Deposit
from licheng.foundations.custody.owners import Owner
from licheng.foundations.privacy import blind_indexes

KINDS = (("outcome", "課程學習成果", "course outcomes"), ("activity", "多元表現", "activities"))


def owners_of(hashes: Sequence[str]) -> Iterator[Owner]:
    """The students whose held items have these files, for the guard's list of losses."""
    rows = HeldFile.objects.filter(sha256__in=hashes).select_related("item__student")
    for file in rows:
        student = file.item.student
        yield Owner(file.sha256, student.school_code, f"{student.number} {student.name}", file.name)


def held_problems(manifest: Mapping[str, Any], deposit: Deposit) -> Iterator[Problem]:
    """What a package may not bring because of what is held already; the deposit's own items do not count."""
    numbers = [student["no"] for student in manifest["students"]]
    students = HeldStudent.objects.filter(school_code=deposit.school.code, number__in=numbers)
    known = {student.number: student for student in students}
    yield from _identity_problems(manifest, known)
    yield from _again_problems(manifest, deposit)
    yield from _quota_problems(manifest, deposit, {student.pk: number for number, student in known.items()})


def has_held(deposit: Deposit) -> bool:
    """Whether the items of a deposit were taken in already."""
    return HeldItem.objects.filter(deposit=deposit).exists()


def _identity_problems(manifest: Mapping[str, Any], known: Mapping[str, HeldStudent]) -> Iterator[Problem]:
    for student in manifest["students"]:
        held = known.get(student["no"])
        if held is None:
            continue
        if held.id_number_index not in blind_indexes(student["id_number"]):
            yield Problem(
                MANIFEST,
                "student-differs",
                f"學號 {student['no']} 先前屬於另一個身分證號。請核對學號是否重複使用或號碼有誤。",
                f"Student number {student['no']} belonged to another identity number before.",
            )
        if held.subject_key != student["subject_key"]:
            yield Problem(
                MANIFEST,
                "subject-key",
                f"學號 {student['no']} 的收據金鑰與先前提交的不同。請使用同一個學校系統的資料重新封裝。",
                f"The receipt key of student {student['no']} differs from earlier packages.",
            )


def _again_problems(manifest: Mapping[str, Any], deposit: Deposit) -> Iterator[Problem]:
    found = {item["item"]: (student["no"], item) for student, item in items_of(manifest)}
    for held in HeldItem.objects.filter(pk__in=found).exclude(deposit=deposit).order_by("pk"):
        number, item = found[str(held.pk)]
        if held.record == item:
            yield Problem(
                MANIFEST,
                "already-held",
                f"學號 {number} 的項目 {held.pk} 先前已收下，內容相同。請從這個批次移除。",
                f"Item {held.pk} of student {number} is held already with the same record.",
            )
        else:
            yield Problem(
                MANIFEST,
                "held-otherwise",
                f"學號 {number} 的項目 {held.pk} 先前已收下，但內容不同。已收下的內容不能覆蓋。",
                f"Item {held.pk} of student {number} is held already with another record.",
            )


def _quota_problems(
    manifest: Mapping[str, Any], deposit: Deposit, numbers: Mapping[int, str]
) -> Iterator[Problem]:
    policy = national_policy(max(manifest["school_year"], 108))
    brought = Counter((student["no"], item["kind"]) for student, item in items_of(manifest))
    this_year, in_all = _held_counts(deposit, numbers, manifest["school_year"])
    for (number, kind), count in sorted(brought.items()):
        for rule, held, limit, said_zh, said_en in (
            ("quota-year", this_year[number, kind], _yearly(policy, kind), "本學年", "this year"),
            ("quota-total", in_all[number, kind], _total(policy, kind), "三年合計", "in all"),
        ):
            if held + count > limit:
                kind_zh, kind_en = next((zh, en) for name, zh, en in KINDS if name == kind)
                yield Problem(
                    MANIFEST,
                    rule,
                    f"學號 {number} 的{kind_zh}{said_zh}已收 {held} 件，這次 {count} 件，上限 {limit} 件。",
                    f"Student {number}: {held} {kind_en} held {said_en}, {count} brought, {limit} allowed.",
                )


def _held_counts(
    deposit: Deposit, numbers: Mapping[int, str], school_year: int
) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    this_year: Counter[tuple[str, str]] = Counter()
    in_all: Counter[tuple[str, str]] = Counter()
    rows = (
        HeldItem.objects.filter(student__in=numbers)
        .exclude(deposit=deposit)
        .values_list("student", "kind", "school_year")
        .annotate(count=Count("pk"))
        .order_by()
    )
    for student_id, kind, year, count in rows:
        in_all[numbers[student_id], kind] += count
        if year == school_year:
            this_year[numbers[student_id], kind] += count
    return this_year, in_all


def _yearly(policy: NationalPolicy, kind: str) -> int:
    return policy.outcomes_per_year if kind == "outcome" else policy.activities_per_year


def _total(policy: NationalPolicy, kind: str) -> int:
    return policy.outcomes_in_all if kind == "outcome" else policy.activities_in_all
