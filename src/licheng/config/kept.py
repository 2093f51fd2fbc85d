"""Which operations clear what is over its period, by site; read by `foundations.retention`."""

SCHOOL = "licheng.school"
ARCHIVE = "licheng.archive"

# What each app forgets of a person, from the top of the house down: rows above point at rows below.
# App → (whom it holds back while something is open, what it forgets).
PERSON_PARTS = {
    "frontdesk": ("", f"{SCHOOL}.frontdesk.operations.retention.forget_requests"),
    "receipts": (
        f"{SCHOOL}.receipts.operations.retention.in_dispute",
        f"{SCHOOL}.receipts.operations.retention.forget_receipts",
    ),
    "submission": (
        f"{SCHOOL}.submission.operations.retention.on_the_way",
        f"{SCHOOL}.submission.operations.retention.forget_items",
    ),
    "uploads": ("", f"{SCHOOL}.uploads.operations.retention.forget_uploads"),
    "activities": ("", f"{SCHOOL}.activities.operations.retention.forget_activities"),
    "outcomes": ("", f"{SCHOOL}.outcomes.operations.retention.forget_outcomes"),
    "counselling": ("", f"{SCHOOL}.counselling.operations.retention.forget_consultations"),
    "records": ("", f"{SCHOOL}.records.operations.retention.forget_records"),
    "governance": ("", f"{SCHOOL}.governance.operations.retention.forget_extensions"),
}
# Kind of record → (which ids are over their period, how one is cleared).
SCHOOL_KINDS = {
    "people": (
        f"{SCHOOL}.people.operations.retention.people_due",
        f"{SCHOOL}.people.operations.retention.anonymise_person",
    ),
    "guardians": (
        f"{SCHOOL}.people.operations.retention.guardians_due",
        f"{SCHOOL}.people.operations.retention.anonymise_person",
    ),
    "roster-findings": (
        f"{SCHOOL}.rosters.operations.retention.imports_due",
        f"{SCHOOL}.rosters.operations.retention.clear_import",
    ),
    "roster-notes": (
        f"{SCHOOL}.rosters.operations.retention.notes_due",
        f"{SCHOOL}.rosters.operations.retention.clear_notes",
    ),
    "roster-files": (
        f"{SCHOOL}.rosters.operations.retention.files_due",
        f"{SCHOOL}.rosters.operations.retention.clear_file",
    ),
    "help-requests": (
        f"{SCHOOL}.frontdesk.operations.retention.requests_due",
        f"{SCHOOL}.frontdesk.operations.retention.clear_request",
    ),
}
ARCHIVE_KINDS = {
    "held-students": (
        f"{ARCHIVE}.receipts.operations.retention.students_due",
        f"{ARCHIVE}.receipts.operations.retention.anonymise_student",
    ),
    "deposit-problems": (
        f"{ARCHIVE}.receipts.operations.retention.problems_due",
        f"{ARCHIVE}.receipts.operations.retention.clear_problems",
    ),
}
KINDS = {
    "school": SCHOOL_KINDS,
    "archive": ARCHIVE_KINDS,
    "courseplans": {},
    "all": SCHOOL_KINDS | ARCHIVE_KINDS,
}
PARTS = {"school": PERSON_PARTS, "archive": {}, "courseplans": {}, "all": PERSON_PARTS}
