"""A roster file held against the database: nothing is written here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q
from licheng_exchange import KINDS, RosterReport, RowIssue, check_table, mask_id

from licheng.foundations.privacy import blind_indexes
from licheng.school.people.models import Person, School, Student
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.queries.contexts import context_for, unknown_students
from licheng.school.rosters.tables import RosterFile

ACCOUNT_MAX = Person._meta.get_field("account").max_length or 0  # noqa: SLF001 -- Django's documented name


@dataclass(frozen=True, slots=True)
class RosterCheck:
    """What a file would bring: counts, every finding, and the rows as typed values, one report a kind.

    `kind` is empty for a file of which nobody said what it is, and that does not tell.
    """

    kind: str
    rows: int
    accepted: int
    issues: tuple[RowIssue, ...]
    reports: tuple[RosterReport, ...]

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


def roster_check(roster: RosterImport, file: RosterFile) -> RosterCheck:
    """What was read of an import's file, checked row by row and against the database."""
    if file.refused:
        rule, zh, en = file.refused
        return RosterCheck(file.kind, 0, 0, (RowIssue("", 0, "", rule, "", "error", zh, en),), ())
    context = context_for(roster.school, RosterKind(file.kind), roster.school_year, roster.semester)
    reports = tuple(check_table(kind, table, context) for kind, table in file.tables)
    issues: list[RowIssue] = []
    accepted = 0
    for report in reports:
        found = [*report.errors, *_against_people(roster.school, RosterKind(report.kind), report)]
        accepted += _without(
            report, {(issue.sheet, issue.row) for issue in found if issue.severity == "error"}
        )
        issues += found
    return RosterCheck(file.kind, sum(report.rows for report in reports), accepted, tuple(issues), reports)


def _without(report: RosterReport, wrong: Collection[tuple[str, int]]) -> int:
    """How many accepted rows are left without these, which only the database finds wrong."""
    if report.frame.is_empty():
        return 0
    return sum(place not in wrong for place in report.frame.select("_sheet", "_row").iter_rows())


def _against_people(school: School, kind: RosterKind, report: RosterReport) -> Iterable[RowIssue]:
    """Findings that only the people already in the system can give."""
    if kind == RosterKind.STAFF:
        return list(_taken_accounts(school, report, field="account", are_students=False))
    if kind == RosterKind.STUDENTS:
        return [
            *_taken_accounts(school, report, field="student_no", are_students=True),
            *_moved_id_numbers(school, report),
        ]
    return list(unknown_students(school, report))


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
            yield RowIssue(
                record["_sheet"], record["_row"], header, "account-taken", account, "error", zh, en
            )
        elif len(account) > ACCOUNT_MAX:
            zh, en = f"帳號最多 {ACCOUNT_MAX} 字。", f"An account has at most {ACCOUNT_MAX} characters."
            yield RowIssue(
                record["_sheet"], record["_row"], header, "account-too-long", account, "error", zh, en
            )


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
                record["_sheet"],
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
