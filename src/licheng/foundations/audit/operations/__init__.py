from licheng.foundations.audit.operations.moving import move_all
from licheng.foundations.audit.operations.recording import record, record_all

__all__ = ["move_all", "record", "record_all"]
