from licheng.school.rosters.queries.boards import (
    ImportPage,
    ImportsBoard,
    IssueLine,
    import_page,
    imports_board,
    page_of_check,
)
from licheng.school.rosters.queries.checks import RosterCheck, check_as, roster_check

__all__ = [
    "ImportPage",
    "ImportsBoard",
    "IssueLine",
    "RosterCheck",
    "check_as",
    "import_page",
    "imports_board",
    "page_of_check",
    "roster_check",
]
