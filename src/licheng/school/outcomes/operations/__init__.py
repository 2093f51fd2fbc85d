from licheng.school.outcomes.operations.attaching import attach_file, file_terms, remove_file
from licheng.school.outcomes.operations.certifying import hold_back_outcome, pass_outcome, undo_decision
from licheng.school.outcomes.operations.moving import move_outcome, move_outcomes
from licheng.school.outcomes.operations.publishing import publish_decisions
from licheng.school.outcomes.operations.sending import send_outcome, take_back_outcome
from licheng.school.outcomes.operations.writing import delete_outcome, start_outcome, write_note

__all__ = [
    "attach_file",
    "delete_outcome",
    "file_terms",
    "hold_back_outcome",
    "move_outcome",
    "move_outcomes",
    "pass_outcome",
    "publish_decisions",
    "remove_file",
    "send_outcome",
    "start_outcome",
    "take_back_outcome",
    "undo_decision",
    "write_note",
]
