from licheng.school.counselling.operations.files import attach_file, file_terms, remove_file
from licheng.school.counselling.operations.planning import (
    cancel_consultation,
    plan_again,
    plan_consultation,
    write_consultation,
)

__all__ = [
    "attach_file",
    "cancel_consultation",
    "file_terms",
    "plan_again",
    "plan_consultation",
    "remove_file",
    "write_consultation",
]
