from licheng.school.rosters.operations.imports import import_roster

__all__ = ["import_roster"]
