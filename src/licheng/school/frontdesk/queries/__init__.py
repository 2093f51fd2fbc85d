from licheng.school.frontdesk.queries.announcements import (
    AnnouncementBoard,
    announcement_board,
    announcements_for,
    announcements_of,
)
from licheng.school.frontdesk.queries.front import FrontPage, front_page, school_of_code, schools_to_choose
from licheng.school.frontdesk.queries.help import (
    Desk,
    Thread,
    desk_for,
    own_questions,
    question_by_secret,
    thread_by_secret,
    thread_seen_by,
)
from licheng.school.frontdesk.queries.manuals import Manual, manual_named, manuals
from licheng.school.frontdesk.queries.readers import question_readers, readers_by_secret

__all__ = [
    "AnnouncementBoard",
    "Desk",
    "FrontPage",
    "Manual",
    "Thread",
    "announcement_board",
    "announcements_for",
    "announcements_of",
    "desk_for",
    "front_page",
    "manual_named",
    "manuals",
    "own_questions",
    "question_by_secret",
    "question_readers",
    "readers_by_secret",
    "school_of_code",
    "schools_to_choose",
    "thread_by_secret",
    "thread_seen_by",
]
