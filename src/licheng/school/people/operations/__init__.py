from licheng.school.people.operations.codes import (
    IdentityCheck,
    Mailed,
    issue_class_codes,
    issue_person_code,
    mail_class_codes,
    recover_by_command,
    recover_person,
    withdraw_code_of_administrator,
    withdraw_person_code,
)
from licheng.school.people.operations.grants import deputise_class, end_grant, grant_role
from licheng.school.people.operations.guardians import (
    add_ward,
    end_guardian_link,
    make_class_guardian_codes,
    make_guardian_code,
    open_guardian_account,
    withdraw_guardian_code,
)
from licheng.school.people.operations.identity import reveal_id_number
from licheng.school.people.operations.leaving import record_class_leaving, record_leaving, undo_leaving
from licheng.school.people.operations.looks import note_look, note_looks, note_overview
from licheng.school.people.operations.rosters import (
    ClassRow,
    StaffRow,
    StudentRow,
    confirm_own_duty,
    import_classes,
    import_staff,
    import_students,
)
from licheng.school.people.operations.schools import add_authority, add_first_administrator, add_school
from licheng.school.people.operations.signing_out import sign_person_out
from licheng.school.people.operations.staff_sessions import close_staff_session, open_staff_session

__all__ = [
    "ClassRow",
    "IdentityCheck",
    "Mailed",
    "StaffRow",
    "StudentRow",
    "add_authority",
    "add_first_administrator",
    "add_school",
    "add_ward",
    "close_staff_session",
    "confirm_own_duty",
    "deputise_class",
    "end_grant",
    "end_guardian_link",
    "grant_role",
    "import_classes",
    "import_staff",
    "import_students",
    "issue_class_codes",
    "issue_person_code",
    "mail_class_codes",
    "make_class_guardian_codes",
    "make_guardian_code",
    "note_look",
    "note_looks",
    "note_overview",
    "open_guardian_account",
    "open_staff_session",
    "record_class_leaving",
    "record_leaving",
    "recover_by_command",
    "recover_person",
    "reveal_id_number",
    "sign_person_out",
    "undo_leaving",
    "withdraw_code_of_administrator",
    "withdraw_guardian_code",
    "withdraw_person_code",
]
