from licheng.foundations.limits.operations.counting import Limit, consume, forget, forget_past

__all__ = ["Limit", "consume", "forget", "forget_past"]
