from licheng.school.people.operations.passwords import issue_class_passwords, issue_person_password
from licheng.school.people.operations.roles import grant_role
from licheng.school.people.operations.rosters import (
    ClassRow,
    Counts,
    StaffRow,
    StudentRow,
    import_classes,
    import_staff,
    import_students,
)
from licheng.school.people.operations.schools import add_authority, add_first_administrator, add_school

__all__ = [
    "ClassRow",
    "Counts",
    "StaffRow",
    "StudentRow",
    "add_authority",
    "add_first_administrator",
    "add_school",
    "grant_role",
    "import_classes",
    "import_staff",
    "import_students",
    "issue_class_passwords",
    "issue_person_password",
]
