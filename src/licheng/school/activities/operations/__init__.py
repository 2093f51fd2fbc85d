from licheng.school.activities.operations.evidence import attach_file, file_terms, remove_file
from licheng.school.activities.operations.moving import move_activities, move_activity
from licheng.school.activities.operations.writing import delete_activity, start_activity, write_activity

__all__ = [
    "attach_file",
    "delete_activity",
    "file_terms",
    "move_activities",
    "move_activity",
    "remove_file",
    "start_activity",
    "write_activity",
]
