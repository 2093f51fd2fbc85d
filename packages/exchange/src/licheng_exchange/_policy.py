"""National limits by school year: every site and every vendor reads the same table.

Source: domain reference §4.3 (file sizes: 2/5 MB in 108, 4/10 MB from 109 semester 1, announced 2020-12-23)
and §4.4 (6 outcomes and 10 activities a year, 18 and 30 in all). MB is taken as 2**20 bytes; the ministry's
own reading is not known, so `megabyte` is provisional.
"""

from dataclasses import dataclass

MEGABYTE = 2**20
FIRST_YEAR = 108
LARGER_FILES_FROM = 109


@dataclass(frozen=True, slots=True)
class NationalPolicy:
    """Limits nobody may exceed; a school may be stricter. Sizes in bytes, text in Unicode code points."""

    school_year: int
    document_bytes: int
    media_bytes: int
    note_characters: int
    document_types: frozenset[str]
    media_types: frozenset[str]
    outcomes_per_year: int
    activities_per_year: int
    outcomes_in_all: int
    activities_in_all: int
    provisional: tuple[str, ...] = ("megabyte",)


def national_policy(school_year: int, semester: int = 1) -> NationalPolicy:
    """The limits of a school year (民國) and semester.

    Raises ValueError for a year before the portfolio existed (108) or a semester outside 1-4.

    >>> national_policy(108).document_bytes, national_policy(115).media_bytes
    (2097152, 10485760)
    """
    if school_year < FIRST_YEAR or not 1 <= semester <= 4:  # noqa: PLR2004 -- 實驗教育 may have four terms
        raise ValueError(f"no policy for school year {school_year} semester {semester}")
    large = school_year >= LARGER_FILES_FROM
    return NationalPolicy(
        school_year=school_year,
        document_bytes=(4 if large else 2) * MEGABYTE,
        media_bytes=(10 if large else 5) * MEGABYTE,
        note_characters=100,
        document_types=frozenset({"application/pdf", "image/jpeg", "image/png"}),
        media_types=frozenset({"audio/mpeg", "video/mp4"}),
        outcomes_per_year=6,
        activities_per_year=10,
        outcomes_in_all=18,
        activities_in_all=30,
    )
