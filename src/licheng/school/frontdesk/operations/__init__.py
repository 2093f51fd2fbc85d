from licheng.school.frontdesk.operations.announcing import announce, withdraw_announcement
from licheng.school.frontdesk.operations.answering import (
    answer_question,
    close_question,
    discard_question,
    reopen_question,
    tell_asker,
)
from licheng.school.frontdesk.operations.asking import (
    ask_question,
    close_own_question,
    follow_question,
)
from licheng.school.frontdesk.operations.counting import count_usage

__all__ = [
    "announce",
    "answer_question",
    "ask_question",
    "close_own_question",
    "close_question",
    "count_usage",
    "discard_question",
    "follow_question",
    "reopen_question",
    "tell_asker",
    "withdraw_announcement",
]
