from licheng.school.records.operations.deputies import deputise_course, end_deputy

__all__ = ["deputise_course", "end_deputy"]
