"""What pages and neighbours read of consultations: lists, one of them, and its file."""

from licheng.school.counselling.queries.leaving import consultations_only_of
from licheng.school.counselling.queries.lists import ConsultationList, consultations_listed
from licheng.school.counselling.queries.month import MonthPage, events_of, month_shown
from licheng.school.counselling.queries.picking import Picks, may_counsel, picks, require_counsellor
from licheng.school.counselling.queries.shown import (
    ConsultationPage,
    consultation_readers,
    consultation_seen_by,
    consultation_shown,
    consultation_to_write,
    file_seen_by,
    file_shown,
)

__all__ = [
    "ConsultationList",
    "ConsultationPage",
    "MonthPage",
    "Picks",
    "consultation_readers",
    "consultation_seen_by",
    "consultation_shown",
    "consultation_to_write",
    "consultations_listed",
    "consultations_only_of",
    "events_of",
    "file_seen_by",
    "file_shown",
    "may_counsel",
    "month_shown",
    "picks",
    "require_counsellor",
]
