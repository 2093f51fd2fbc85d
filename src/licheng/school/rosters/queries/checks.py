"""A roster file held against the database: nothing is written here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from licheng_exchange import (
    KINDS,
    RosterContext,
    RosterFileError,
    RosterReport,
    RowIssue,
    Table,
    check_table,
    guess_kind,
    mask_id,
    read_table,
)

from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid
from licheng.foundations.privacy import blind_indexes
from licheng.school.people.models import ClassGroup, Person, School, Student
from licheng.school.people.queries import school_for_imports
from licheng.school.records.models import Course
from licheng.school.rosters.models import RosterKind

ACCOUNT_MAX = Person._meta.get_field("account").max_length or 0  # noqa: SLF001 -- Django's documented name


@dataclass(frozen=True, slots=True)
class RosterCheck:
    """What a file would bring: counts, every finding, and the rows as typed values."""

    kind: RosterKind
    file_name: str
    rows: int
    accepted: int
    issues: tuple[RowIssue, ...]
    records: list[dict[str, Any]]

    @property
    def is_refused(self) -> bool:
        """Whether any finding is an error: then nothing of the file may come in."""
        return any(issue.severity == "error" for issue in self.issues)

    def findings(self, limit: int) -> list[dict[str, str | int]]:
        """The findings as they are kept and shown; beyond the limit errors come first and a notice counts."""
        if len(self.issues) <= limit:
            return [issue.as_json() for issue in self.issues]
        total = len(self.issues)
        notice = RowIssue(
            sheet="",
            row=0,
            column="",
            rule="issues-not-all-kept",
            value=str(total),
            severity="warning",
            text_zh=f"共有 {total} 個問題，這裡只列出前 {limit} 個；請先修正這些，再檢查一次。",
            text_en=f"{total} findings; only the first {limit} are listed. Mend these and check again.",
        )
        worst_first = sorted(self.issues, key=lambda issue: issue.severity != "error")
        return [issue.as_json() for issue in (notice, *worst_first[:limit])]


def check_as(actor: Actor, *, kind: RosterKind | None, data: bytes, file_name: str) -> RosterCheck:
    """What importing a file would do, for those who may import.

    Raises NotFound or NotAllowed for others, Invalid as `roster_check` does.
    """
    return roster_check(school_for_imports(actor), kind=kind, data=data, file_name=file_name)


def roster_check(school: School, *, kind: RosterKind | None, data: bytes, file_name: str) -> RosterCheck:
    """Check a file as one kind of roster, or as the kind its columns speak of.

    Raises Invalid when no kind is given and the file does not tell.
    """
    try:
        table = read_table(data, file_name)
    except RosterFileError as refusal:
        if kind is None:
            is_english = (get_language() or "").startswith("en")
            reason = refusal.text_en if is_english else refusal.text_zh
            raise Invalid(field=_("檔案"), reason=reason) from refusal
        issue = RowIssue("", 0, "", refusal.rule, "", "error", refusal.text_zh, refusal.text_en)
        return RosterCheck(kind, file_name, 0, 0, (issue,), [])
    sort = kind or _guessed(table)
    report = check_table(sort.value, table, _context(school, sort))
    issues = (*report.errors, *_against_people(school, sort, report))
    wrong = {issue.row for issue in issues if issue.severity == "error"}
    accepted = sum(1 for record in report.records if record["_row"] not in wrong)
    return RosterCheck(sort, file_name, report.rows, accepted, issues, report.records)


def _guessed(table: Table) -> RosterKind:
    kind = guess_kind(table.columns)
    if kind is None:
        raise Invalid(field=_("名冊種類"), reason=_("從欄位名稱看不出是哪一種名冊，請自己選擇。"))
    return RosterKind(kind)


def _context(school: School, kind: RosterKind) -> RosterContext:
    """What each kind of row is held against; no check where the roster itself brings the fact in."""
    needs_staff = kind in {RosterKind.CLASSES, RosterKind.ENROLMENTS}
    is_enrolments = kind == RosterKind.ENROLMENTS
    return RosterContext(
        school_code=school.code,
        known_schools=frozenset(School.objects.values_list("code", flat=True)),
        school_year=school.active_year,
        semester=school.active_semester if is_enrolments else None,
        course_codes=_courses(school) if is_enrolments else None,
        student_nos=_accounts(school, are_students=True) if is_enrolments else None,
        staff_accounts=_accounts(school, are_students=False) if needs_staff else None,
        class_names=_class_names(school) if kind == RosterKind.STUDENTS else None,
    )


def _courses(school: School) -> dict[str, tuple[str, str]]:
    rows = Course.objects.filter(school=school).values_list("code", "name", "credits")
    return {code: (name, credit_text) for code, name, credit_text in rows}


def _accounts(school: School, *, are_students: bool) -> frozenset[str]:
    people = Person.objects.filter(school=school, is_student=are_students, is_guardian=False, left_on=None)
    return frozenset(people.values_list("account", flat=True))


def _class_names(school: School) -> frozenset[tuple[int, str]]:
    groups = ClassGroup.objects.filter(school=school, school_year=school.active_year)
    return frozenset(groups.values_list("grade", "name"))


def _against_people(school: School, kind: RosterKind, report: RosterReport) -> Iterable[RowIssue]:
    """Findings that only the people already in the system can give."""
    if kind == RosterKind.STAFF:
        return list(_taken_accounts(school, report, field="account", are_students=False))
    if kind == RosterKind.STUDENTS:
        return [
            *_taken_accounts(school, report, field="student_no", are_students=True),
            *_moved_id_numbers(school, report),
        ]
    return ()


def _taken_accounts(
    school: School, report: RosterReport, *, field: str, are_students: bool
) -> Iterable[RowIssue]:
    others = _accounts_of_others(school, are_students=are_students)
    header = _header(report.kind, field)
    for record in report.records:
        account = record[field]
        if account in others:
            zh = "這個帳號是學生的學號或家長的帳號，教職員請改用別的帳號。"
            if are_students:
                zh = "這個學號已經是教職員或家長的帳號，請先改那個帳號。"
            en = "The account already belongs to somebody of the other kind."
            yield RowIssue("", record["_row"], header, "account-taken", account, "error", zh, en)
        elif len(account) > ACCOUNT_MAX:
            zh, en = f"帳號最多 {ACCOUNT_MAX} 字。", f"An account has at most {ACCOUNT_MAX} characters."
            yield RowIssue("", record["_row"], header, "account-too-long", account, "error", zh, en)


def _accounts_of_others(school: School, *, are_students: bool) -> frozenset[str]:
    """Accounts that a roster of this kind must not take over, also of people who left."""
    people = Person.objects.filter(~Q(is_student=are_students) | Q(is_guardian=True), school=school)
    return frozenset(people.values_list("account", flat=True))


def _moved_id_numbers(school: School, report: RosterReport) -> Iterable[RowIssue]:
    known = dict(Student.objects.filter(school=school).values_list("id_number_index", "person__account"))
    header = _header(report.kind, "national_id")
    for record in report.records:
        indexes = blind_indexes(record["national_id"])
        owner = next((known[index] for index in indexes if index in known), None)
        if owner is not None and owner != record["student_no"]:
            yield RowIssue(
                "",
                record["_row"],
                header,
                "national-id-other-student",
                mask_id(record["national_id"]),
                "error",
                f"這個身分證號已經屬於學號 {owner} 的學生，請核對學號或身分證號。",
                f"This ID number already belongs to student {owner}.",
            )


def _header(kind: str, field: str) -> str:
    return next(column.header for column in KINDS[kind].columns if column.field == field)
