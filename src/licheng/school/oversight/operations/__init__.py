from licheng.school.oversight.operations.exporting import export_acts
from licheng.school.oversight.operations.searching import search_acts

__all__ = ["export_acts", "search_acts"]
