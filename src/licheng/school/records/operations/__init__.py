from licheng.school.records.operations.deputies import deputise_course, end_deputy
from licheng.school.records.operations.imports import import_roster

__all__ = ["deputise_course", "end_deputy", "import_roster"]
