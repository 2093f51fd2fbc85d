"""The rules that a package's manifest must keep, judged without its files and without the database."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from licheng_exchange import InvalidCourseCode, NationalPolicy, Problem, national_policy, parse_course_code

MANIFEST = "manifest.json"
DOCUMENT_ROLES = frozenset({"document", "evidence"})  # what proves an activity is a document like any other


@dataclass(frozen=True, slots=True)
class Use:
    """One file of one item of one student: what the rules of its kind are asked about."""

    student_no: str
    item: Mapping[str, Any]
    file: Mapping[str, Any]

    @property
    def member(self) -> str:
        """The file's name inside the package."""
        return f"files/{self.file['sha256']}"


def problem(use: Use, rule: str, text_zh: str, text_en: str) -> Problem:
    """A finding about one file, naming whose it is and what she calls it."""
    name = use.file["name"]
    return Problem(
        use.member,
        rule,
        f"學號 {use.student_no} 的「{name}」：{text_zh}",
        f"“{name}” of student {use.student_no}: {text_en}",
    )


def items_of(manifest: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Every item with its student."""
    for student in manifest["students"]:
        for item in student["items"]:
            yield student, item


def uses_of(manifest: Mapping[str, Any]) -> Iterator[Use]:
    """Every use of every file."""
    for student, item in items_of(manifest):
        for file in item["files"]:
            yield Use(student["no"], item, file)


def policy_of(manifest: Mapping[str, Any], item: Mapping[str, Any]) -> NationalPolicy | None:
    """The limits of an item's own school year, or of the package's if it names none; None before 108."""
    try:
        return national_policy(item["school_year"] or manifest["school_year"], item["semester"] or 1)
    except ValueError:
        return None


def manifest_problems(
    manifest: Mapping[str, Any], *, package: str, school_code: str, school_year: int
) -> Iterator[Problem]:
    """Everything in a manifest that is not as announced, or that no package may hold."""
    yield from _announced_problems(manifest, package, school_code, school_year)
    if not any(student["items"] for student in manifest["students"]):
        yield Problem(
            MANIFEST, "no-items", "封包裡沒有任何項目。請先勾選要提交的項目。", "The package holds no item."
        )
    for student, item in items_of(manifest):
        for rule, text_zh, text_en in _item_problems(manifest, item, school_code):
            yield _about(student, item, rule, text_zh, text_en)


def _announced_problems(
    manifest: Mapping[str, Any], package: str, school_code: str, school_year: int
) -> Iterator[Problem]:
    found = (
        ("package-id", "封包編號", "package id", manifest["package"], package),
        ("school", "學校代碼", "school code", manifest["school"]["code"], school_code),
        ("school-year", "學年度", "school year", manifest["school_year"], school_year),
    )
    for rule, said_zh, said_en, written, announced in found:
        if written != announced:
            yield Problem(
                MANIFEST,
                rule,
                f"清單的{said_zh}是 {written}，登記的是 {announced}。請確認送出的是哪一個封包。",
                f"The {said_en} in the manifest is {written}; {announced} was announced.",
            )


def _about(
    student: Mapping[str, Any], item: Mapping[str, Any], rule: str, text_zh: str, text_en: str
) -> Problem:
    title = item.get("title") or item.get("course_name") or item.get("category_name")
    number = student["no"]
    return Problem(
        MANIFEST,
        rule,
        f"學號 {number} 的「{title}」：{text_zh}",
        f"“{title}” of student {number}: {text_en}",
    )


type Finding = tuple[str, str, str]


def _item_problems(
    manifest: Mapping[str, Any], item: Mapping[str, Any], school_code: str
) -> Iterator[Finding]:
    policy = policy_of(manifest, item)
    if policy is None:
        yield "school-year", "學年度早於 108，沒有適用的規定。", "No policy exists for its school year."
        return
    if len(item["note"]) > policy.note_characters:
        yield (
            "note-length",
            f"簡述有 {len(item['note'])} 字，上限 {policy.note_characters} 字。",
            f"The note has {len(item['note'])} characters; {policy.note_characters} are allowed.",
        )
    if (item["school_year"] or 0) > manifest["school_year"]:
        yield "school-year", "學年度晚於封包的學年度。", "It is of a later year than the package."
    for role, count in Counter(file["role"] for file in item["files"]).items():
        if count > 1:
            yield (
                "role-twice",
                f"用途 {role} 有 {count} 個檔案，只能有一個。",
                f"{count} files are the {role}.",
            )
    if item["kind"] == "outcome":
        yield from _outcome_problems(item, school_code)


def _outcome_problems(item: Mapping[str, Any], school_code: str) -> Iterator[Finding]:
    if not item["certified_at"]:
        yield "not-certified", "沒有教師認證的時間。只有已認證的成果可以提交。", "No teacher certified it."
    try:
        code = parse_course_code(item["course_code"])
    except InvalidCourseCode as wrong:
        yield wrong.rule, f"課程代碼 {item['course_code']}：{wrong.text_zh}", wrong.text_en
        return
    if code.school_code != school_code:
        yield (
            "course-code-school",
            f"課程代碼 {code} 屬於學校 {code.school_code}，不是 {school_code}。",
            f"The course code {code} belongs to school {code.school_code}, not {school_code}.",
        )
