from licheng.school.records.operations.imports import import_roster

__all__ = ["import_roster"]
