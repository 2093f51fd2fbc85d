from licheng.school.rosters.operations.checking import check_roster_file
from licheng.school.rosters.operations.deciding import apply_roster, write_roster
from licheng.school.rosters.operations.exporting import export_roster
from licheng.school.rosters.operations.fetching import fetch_codes
from licheng.school.rosters.operations.handing import hand_back
from licheng.school.rosters.operations.leaving import queue_left_rosters
from licheng.school.rosters.operations.receiving import drop_roster, receive_roster
from licheng.school.rosters.operations.undoing import undo_roster

__all__ = [
    "apply_roster",
    "check_roster_file",
    "drop_roster",
    "export_roster",
    "fetch_codes",
    "hand_back",
    "queue_left_rosters",
    "receive_roster",
    "undo_roster",
    "write_roster",
]
