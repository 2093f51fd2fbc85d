"""Where the reference data lies when the repository has it beside it; a copy alone tests with its own vectors."""

import csv
from pathlib import Path

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def shared_rows(name: str) -> list[dict[str, str]]:
    path = SHARED / "reference" / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
