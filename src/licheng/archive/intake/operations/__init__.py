from licheng.archive.intake.operations.deposits import (
    Announcement,
    announce_deposit,
    begin_check,
    locked_deposit,
    note_counts,
    password_of,
    queue_undecided,
    refuse_deposit,
    take_part,
)
from licheng.archive.intake.operations.operators import add_operator, end_operator, recover_operator
from licheng.archive.intake.operations.schools import Registration, register_school, renew_token
from licheng.archive.intake.operations.searching import search_acts

__all__ = [
    "Announcement",
    "Registration",
    "add_operator",
    "announce_deposit",
    "begin_check",
    "end_operator",
    "locked_deposit",
    "note_counts",
    "password_of",
    "queue_undecided",
    "recover_operator",
    "refuse_deposit",
    "register_school",
    "renew_token",
    "search_acts",
    "take_part",
]
