from licheng.school.governance.operations.extending import extend_window, withdraw_extension
from licheng.school.governance.operations.setting import change_settings, undo_change

__all__ = ["change_settings", "extend_window", "undo_change", "withdraw_extension"]
