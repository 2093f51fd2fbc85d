from licheng.school.oversight.operations.exporting import export_acts
from licheng.school.oversight.operations.searching import note_search

__all__ = ["export_acts", "note_search"]
