from licheng.school.records.operations.deputies import deputise_course, end_deputy
from licheng.school.records.operations.exporting import export_class, export_course

__all__ = ["deputise_course", "end_deputy", "export_class", "export_course"]
