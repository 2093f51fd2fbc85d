from licheng.school.people.queries.accounts import (
    school_for_imports,
    school_named,
    students_by_id_number,
    students_by_number,
)

__all__ = [
    "school_for_imports",
    "school_named",
    "students_by_id_number",
    "students_by_number",
]
