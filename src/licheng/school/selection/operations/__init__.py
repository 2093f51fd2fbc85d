from licheng.school.selection.operations.activities import select_activity, unselect_activity
from licheng.school.selection.operations.outcomes import select_outcome, unselect_outcome

__all__ = ["select_activity", "select_outcome", "unselect_activity", "unselect_outcome"]
