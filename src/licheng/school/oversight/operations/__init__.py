from licheng.school.oversight.operations.exporting import export_acts

__all__ = ["export_acts"]
