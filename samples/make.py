"""Make the sample country: `python samples/make.py [folder]`; the same bytes in every run."""

import json
import shutil
import sys
from pathlib import Path

if __package__ in {None, ""}:  # started as a file, not as a module
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from samples.maker.cast import cast
from samples.maker.courses import code_file
from samples.maker.faults import write_faults
from samples.maker.plan import AUTHORITIES, SAMPLES, SCHOOL_YEAR, SEMESTER, schools
from samples.maker.rosters import rosters_of, write_roster
from samples.maker.works import write_works

COUNTRY = SAMPLES / "country"


def country() -> dict[str, object]:
    """The authorities and schools of the sample country."""
    return {
        "school_year": SCHOOL_YEAR,
        "semester": SEMESTER,
        "authorities": [{"name": name} for name in AUTHORITIES],
        "schools": [
            {
                "code": school.code,
                "name": school.name,
                "type": school.course_type,
                "type_name": school.kind,
                "authority": school.authority,
                "roster_style": school.style,
            }
            for school in schools()
        ],
    }


def write_json(path: Path, content: object) -> None:
    """JSON for people to read: two spaces, Chinese as it is."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def make(folder: Path) -> None:
    """Write the whole country into an empty or missing folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "country.json", country())
    write_json(folder / "cast.json", cast())
    for school in schools():
        home = folder / "schools" / school.code
        home.mkdir(parents=True)
        encoding = "cp950" if school.style == "cp950" else "utf-8"
        (home / "course_codes.txt").write_bytes(code_file(school).encode(encoding))
        for roster in rosters_of(school):
            write_roster(home, school, roster)
    write_faults(folder / "bad")
    write_works(folder / "files")


def main() -> int:
    """Make the country again in its own folder, or in the folder named."""
    if sys.argv[1:]:
        make(Path(sys.argv[1]))
        return 0
    if COUNTRY.exists():
        shutil.rmtree(COUNTRY)
    make(COUNTRY)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
