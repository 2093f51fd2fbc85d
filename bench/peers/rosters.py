"""One checker over one file, for bench/rosters.py: prints what it found and what it cost.

Run: python bench/peers/rosters.py CHECKER FILE. Every checker gets the same rules, each in its own words.
Counted: processor time of the whole process from opening the file to the list of findings, all threads.
Not counted: starting Python, importing, and stating the rules.
"""

import csv
import importlib
import importlib.metadata
import json
import sys
import time
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, TypedDict

COLUMNS = (
    "sch_year", "semester", "sch_cd", "身分證號", "學號", "課程代碼", "科目名稱", "開課年級", "修課學分",
    "學期學業成績", "成績及格", "補考成績", "補考及格", "是否採計學分", "質性文字描述",
)  # fmt: skip
SCHOOL = "070406"
ID_SHAPE = "[A-Z][12A-D89][0-9]{8}"
CODE_SHAPE = "[0-9]{3}[0-9A-Z]{6}[A-Z][0-9]{2}[0-9A-Z]{11}"
NUMBER = r"-?[0-9]{1,3}(\.[0-9]{1,2})?"
NUMBER_SHAPES = {
    "sch_year": "115",
    "semester": "1",
    "sch_cd": SCHOOL,
    "學號": "[0-9A-Za-z_-]{1,20}",
    "科目名稱": ".{1,30}",
    "開課年級": "[123]",
    "修課學分": r"[0-9]{1,2}(\.[0-9])?",
    "成績及格": "-1|0|1",
    "補考及格": "-1|0|1",
    "是否採計學分": "[123]",
    "質性文字描述": r"[\s\S]{0,1000}",
}
LETTERS = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))
Finding = tuple[int, str]  # row of the file, column; a repeated row is told about its course code


def is_id(text: str) -> bool:
    """The checksum of a number that has the shape."""
    tens, ones = divmod(LETTERS[text[0]], 10)
    second = LETTERS[text[1]] % 10 if text[1].isalpha() else int(text[1])
    weights = (8, 7, 6, 5, 4, 3, 2, 1, 1)
    digits = (second, *map(int, text[2:]))
    return (tens + ones * 9 + sum(d * w for d, w in zip(digits, weights, strict=True))) % 10 == 0


def is_score(text: str) -> bool:
    """0 to 100 with two decimals, or -1."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return number == -1 or 0 <= number <= 100  # noqa: PLR2004 -- marks


def is_graded(code: str) -> bool:
    """Group activities and flexible learning without credits have no marks."""
    return code[16] not in "89" or code[18] == "D"


def rows_of_file(path: Path) -> Iterable[list[Any]]:
    """The rows as text, header included, for checkers that read no files."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as lines:
            yield from csv.reader(lines)
        return
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 -- only what this checker needs

    yield from CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def csv_module(path: Path) -> Callable[[], list[Finding]]:
    """Nothing but reading: what this machine needs for the file."""

    def read() -> list[Finding]:
        list(rows_of_file(path))
        return []

    return read


def ours(path: Path) -> Callable[[], list[Finding]]:
    """licheng-exchange with every rule of 學期成績, of which the others get a part."""
    from licheng_exchange import RosterContext, check_roster  # noqa: PLC0415

    context = RosterContext(school_code=SCHOOL, school_year=115, semester=1)

    def check() -> list[Finding]:
        report = check_roster("學期成績", path.read_bytes(), path.name, context)
        return [(issue.row, issue.column) for issue in report.errors if issue.severity == "error"]

    return check


def frictionless_parts(peer: Any) -> tuple[Any, Any]:
    """A schema with patterns and a primary key, and one check of its own for sums and ranges."""
    judges = (
        ("身分證號", is_id),
        ("學期學業成績", is_score),
        ("補考成績", is_score),
        ("課程代碼", is_graded),
    )

    class Sums(peer.Check):  # type: ignore[misc, name-defined]
        Errors = (peer.errors.CellError,)

        def validate_row(self, row: Any) -> Iterable[Any]:
            for column, is_right in judges:
                value = row[column]
                if value is not None and not is_right(value):
                    yield peer.errors.CellError.from_row(row, note="wrong", field_name=column)

    shapes = NUMBER_SHAPES | {"身分證號": ID_SHAPE, "課程代碼": CODE_SHAPE}
    shapes |= {"學期學業成績": NUMBER, "補考成績": NUMBER}
    fields = [
        {
            "name": name,
            "type": "string",
            "constraints": {
                "pattern": shapes[name],
                **({} if name == "質性文字描述" else {"required": True}),
            },
        }
        for name in COLUMNS
    ]
    return peer.Schema.from_descriptor({"fields": fields, "primaryKey": ["身分證號", "課程代碼"]}), Sums


def frictionless(path: Path) -> Callable[[], list[Finding]]:
    """A schema and a check."""
    peer = importlib.import_module("frictionless")
    schema, sums = frictionless_parts(peer)

    def check() -> list[Finding]:
        resource = peer.Resource(path=path.name, basepath=str(path.parent), schema=schema)
        report = resource.validate(peer.Checklist(checks=[sums()]), limit_errors=100_000)
        return [
            (error.row_number, "課程代碼" if error.type == "primary-key" else error.field_name)
            for error in report.tasks[0].errors
        ]

    return check


def pydantic_rows(peer: Any) -> Any:
    """An adapter for a list of rows, each a typed dict."""

    def shaped(pattern: str, is_right: Callable[[str], bool] | None = None) -> Any:
        text = Annotated[str, peer.StringConstraints(pattern=f"^(?:{pattern})$")]
        if is_right is None:
            return text

        def judge(value: str) -> str:
            if not is_right(value):
                raise ValueError(value)
            return value

        return Annotated[text, peer.AfterValidator(judge)]

    kinds = {name: shaped(pattern) for name, pattern in NUMBER_SHAPES.items()}
    kinds |= {"身分證號": shaped(ID_SHAPE, is_id), "課程代碼": shaped(CODE_SHAPE, is_graded)}
    kinds |= {"學期學業成績": shaped(NUMBER, is_score), "補考成績": shaped(NUMBER, is_score)}
    row: Any = TypedDict  # made of names that are no identifiers
    return peer.TypeAdapter(list[row("Row", {name: kinds[name] for name in COLUMNS})])


def pydantic(path: Path) -> Callable[[], list[Finding]]:
    """A model for a row; a repeated row, of which a model knows nothing, by a set of keys."""
    peer: Any = importlib.import_module("pydantic")
    adapter = pydantic_rows(peer)

    def check() -> list[Finding]:
        header, *lines = rows_of_file(path)
        rows = [dict(zip(header, line, strict=True)) for line in lines]
        found: list[Finding] = []
        try:
            adapter.validate_python(rows)
        except peer.ValidationError as wrong:
            for error in wrong.errors(include_url=False):
                found.append((int(error["loc"][0]) + 2, str(error["loc"][1])))  # noqa: PERF401 -- with the next
        seen: set[tuple[str, str]] = set()
        for number, row in enumerate(rows, start=2):
            key = row["身分證號"], row["課程代碼"]
            if key in seen:
                found.append((number, "課程代碼"))
            seen.add(key)
        return found

    return check


def polars_sum(text: Any) -> Any:
    """The checksum as a polars expression."""
    import polars as pl  # noqa: PLC0415

    letter = text.str.slice(0, 1).replace_strict(LETTERS, default=0, return_dtype=pl.Int64)
    second = text.str.slice(1, 1).str.replace_many(["A", "B", "C", "D"], ["0", "1", "2", "3"])
    rest = text.str.slice(2, 8).cast(pl.Int64, strict=False)
    total = letter // 10 + letter % 10 * 9 + second.cast(pl.Int64, strict=False) * 8
    for place, weight in enumerate((1, 1, 2, 3, 4, 5, 6, 7)):
        total = total + rest // 10**place % 10 * weight
    return total % 10 == 0


def polars_score(text: Any) -> Any:
    """The range of a mark as a polars expression."""
    import polars as pl  # noqa: PLC0415

    number = text.cast(pl.Float64, strict=False)
    return (number == -1) | number.is_between(0, 100)


def polars_graded(text: Any) -> Any:
    """Courses with marks as a polars expression."""
    return ~text.str.slice(16, 1).is_in(["8", "9"]) | (text.str.slice(18, 1) == "D")


def pandera(path: Path) -> Callable[[], list[Finding]]:
    """A lazy polars schema; sums and ranges as expressions, repeated rows by `unique`."""
    import polars as pl  # noqa: PLC0415

    pa = importlib.import_module("pandera.polars")

    def expression(build: Callable[[Any], Any], name: str) -> Any:
        return pa.Check(
            lambda data: data.lazyframe.select(build(pl.col(data.key)).fill_null(False)), name=name
        )

    def shape(pattern: str) -> Any:
        return pa.Check.str_matches(f"^(?:{pattern})$")

    checks = {name: [shape(pattern)] for name, pattern in NUMBER_SHAPES.items()}
    checks["身分證號"] = [shape(ID_SHAPE), expression(polars_sum, "sum")]
    checks["課程代碼"] = [shape(CODE_SHAPE), expression(polars_graded, "graded")]
    for name in ("學期學業成績", "補考成績"):
        checks[name] = [shape(NUMBER), expression(polars_score, "range")]
    schema = pa.DataFrameSchema(
        {name: pa.Column(pl.String, checks[name]) for name in COLUMNS}, unique=["身分證號", "課程代碼"]
    )

    def check() -> list[Finding]:
        if path.suffix == ".csv":
            frame = pl.read_csv(path, infer_schema=False).fill_null("")
        else:
            frame = pl.read_excel(path, infer_schema_length=0).select(pl.all().cast(pl.String).fill_null(""))
        try:
            schema.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as wrong:
            return found_by_pandera(wrong.failure_cases)
        return []

    return check


def found_by_pandera(cases: Any) -> list[Finding]:
    """Its failure cases as rows and columns; it tells repeated rows without their place."""
    return [
        (int(index) + 2 if index is not None else 0, column if column in COLUMNS else "課程代碼")
        for column, index in cases.select("column", "index").iter_rows()
    ]


CHECKERS = {
    "csv": csv_module,
    "ours": ours,
    "frictionless": frictionless,
    "pydantic": pydantic,
    "pandera": pandera,
}


def main() -> None:
    """Check once to warm up, then once for the record."""
    name, path = sys.argv[1], Path(sys.argv[2])
    check = CHECKERS[name](path)
    warm = CHECKERS[name](path.with_name(f"few{path.suffix}"))
    warm()
    wall, processor = time.perf_counter(), time.process_time()
    found = check()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    package = {"csv": "", "ours": "licheng-exchange"}.get(name, name)
    version = importlib.metadata.version(package) if package else sys.version.split()[0]
    print(json.dumps({"wall": wall, "processor": processor, "version": version, "found": sorted(set(found))}))


if __name__ == "__main__":
    main()
