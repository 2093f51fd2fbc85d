"""Two complete schools with one of everything, so that something could leak: `make_world()`.

Row "own" belongs to the owner: a student of the homeroom teacher's class, in the teacher's course. Row "other"
belongs to a student of another class and another course of the same school.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Model
from django.utils import timezone

from licheng.foundations.authz import Actor
from licheng.foundations.machines.operations import make_token
from licheng.school.activities.models import Activity
from licheng.school.activities.states import ActivityState
from licheng.school.calendar.models import WindowKind
from licheng.school.counselling.models import Consultation, Manner
from licheng.school.counselling.states import ConsultationState
from licheng.school.frontdesk.models import Announcement, HelpRequest
from licheng.school.governance.models import Extension, SettingChange
from licheng.school.outcomes.models import BEFORE_DECISION, STANDS_CERTIFIED, Outcome
from licheng.school.outcomes.states import OutcomeState
from licheng.school.people.actors import actor_for
from licheng.school.people.models import GuardianCode, GuardianContact, GuardianLink, Person, Role, School
from licheng.school.receipts.models import ReceiptItem, StudentReceipt
from licheng.school.receipts.states import ReceiptState
from licheng.school.records.models import BorrowedStudy, CadreRecord, Counting, CourseMark, Sheet, StudentTerm
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.states import ImportState
from licheng.school.selection.models import SelectionTally
from licheng.school.submission.models import Batch, BatchItem, ItemKind
from licheng.school.submission.states import BatchState
from licheng.school.uploads.models import Preparation, PreparationPart, Upload
from licheng.school.uploads.states import PreparationKind, PreparationState, UploadState
from licheng.school.uploads.storage import path_of, prepared_path
from licheng.school.uploads.workroom import sides_folder
from tests.factories import (
    SEMESTER,
    YEAR,
    ClassGroupFactory,
    EnrolmentFactory,
    OfferingFactory,
    PersonFactory,
    SchoolFactory,
    StudentFactory,
    open_windows,
)
from tests.relations_world import deputy, grant, guardian, staff_session
from tests.school.items import WORKS, stored_file

OFFICES = {
    "counsellor": Role.COUNSELLOR,
    "registrar": Role.REGISTRAR,
    "outcome_submitter": Role.OUTCOME_SUBMITTER,
    "activity_submitter": Role.ACTIVITY_SUBMITTER,
    "receipt_officer": Role.RECEIPT_OFFICER,
    "administrator": Role.ADMINISTRATOR,
}
MORE_OFFICES = {
    "curriculum": Role.CURRICULUM,
    "data_query": Role.DATA_QUERY,
    "exchange_officer": Role.EXCHANGE_OFFICER,
    "working_group": Role.WORKING_GROUP,
}
SHA = "0" * 64
ISSUER = "https://oidc.test"


@dataclass
class SchoolWorld:
    """One school: who is there, the rows around the owner, and the rows around somebody else."""

    school: School
    cast: dict[str, Person] = field(default_factory=dict)
    own: dict[str, Model] = field(default_factory=dict)
    other: dict[str, Model] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)

    def actor(self, role):
        """One of the cast as an actor; `system` is a clock of this school."""
        if role == "system":
            return Actor.system("clock", self.school.pk)
        return actor_for(self.cast[role])


@dataclass
class World:
    """Where the actors are, and the school next door."""

    here: SchoolWorld
    there: SchoolWorld


def make_world():
    """Both schools, with every window open."""
    open_windows()
    return World(here=complete_school(), there=complete_school())


def complete_school():
    """A school with its whole cast and a row in every table and every state."""
    made = SchoolWorld(SchoolFactory())
    _people(made)
    _courses(made)
    _items(made)
    _offices(made)
    _duties(made)
    _guardians(made)
    _elsewhere(made)
    _door(made)
    _counselling(made)
    _marks(made)
    return made


def _marks(made):
    """What rosters say of the owner and of somebody else: a mark in the course, an office held, the semester's basics."""
    for rows, student in ((made.own, made.cast["owner"]), (made.other, made.cast["other_student"])):
        term = {"school": made.school, "student": student, "school_year": YEAR, "semester": SEMESTER}
        course = rows["Enrolment"].offering.course
        rows["CourseMark"] = CourseMark.objects.create(
            **term, sheet=Sheet.SEMESTER, taken_year=YEAR, taken_semester=SEMESTER, course_code=course.code,
            course_name=course.name, grade=1, credits=2, score=85, passed=True, counting=Counting.COUNTED,
        )  # fmt: skip
        day = timezone.localdate()
        rows["CadreRecord"] = CadreRecord.objects.create(
            **term, unit="一年三班", since=day, until=day, duty="班長", level="2"
        )
        rows["BorrowedStudy"] = BorrowedStudy.objects.create(
            **term, home_school_code=made.school.code, host_school_code="070406", group_code="11",
            department_code="101", borrow_code="1", since=day, until=day,
        )  # fmt: skip
        rows["GuardianContact"] = GuardianContact.objects.create(
            school=made.school, student=student, name="王大同", relation="父", phone="0912345678"
        )
        rows["StudentTerm"] = StudentTerm.objects.create(
            **term, gender_code="2", birth_date=student.student.birth_date, group_code="11", department_code="101",
            division_code="1", class_type="1", grade=1, class_name="一年三班", seat_no=1, special_status="0",
            admission_way="免試入學", enrol_status="1",
        )  # fmt: skip


def _counselling(made):
    """A consultation of the owner and one of somebody else, each once held and once planned."""
    for rows, student, counsellor in (
        (made.own, made.cast["owner"], made.cast["counsellor"]),
        (made.other, made.cast["other_student"], made.cast["other_teacher"]),
    ):
        for state in (ConsultationState.HELD, ConsultationState.PLANNED):
            row = Consultation.objects.create(
                school=made.school, counsellor=counsellor, school_year=YEAR, semester=SEMESTER, state=state,
                held_on=timezone.localdate(), place="諮詢室", manner=Manner.INDIVIDUAL, topic="選課",
                content="談升學方向", document=rows["Outcome"].document,
            )  # fmt: skip
            row.students.add(student)
            rows[f"Consultation-{state}"] = row
        rows["Consultation"] = rows["Consultation-held"]


def _door(made):
    """An announcement, a decision of the working group, an extension for a class, and two questions to the desk."""
    school, now = made.school, timezone.now()
    made.own["Announcement"] = Announcement.objects.create(
        school=school, title="停機", body="週日", shown_from=now
    )
    made.own["SettingChange"] = SettingChange.objects.create(
        school=school, school_year=YEAR, setting="outcomes_per_course", new=3, minutes="第1次會議"
    )
    made.own["Extension"] = Extension.objects.create(
        school=school, kind=WindowKind.UPLOAD, school_year=YEAR, semester=SEMESTER, reason="停電",
        class_group=made.own["ClassGroup"], closes_at=now + timedelta(days=1),
    )  # fmt: skip
    for rows, student in ((made.own, made.cast["owner"]), (made.other, made.cast["other_student"])):
        rows["HelpRequest"] = HelpRequest.objects.create(
            school=school, person=student, name=student.name, subject="選課", digest=f"{student.pk:064d}"
        )


def _elsewhere(made):
    """A token that the school handed out, and an identity elsewhere that signs in to the owner's account."""
    made.own["MachineToken"], _secret = make_token(
        actor=Actor.system("test"),
        holder=made.school.code,
        name="校務系統",
        scopes=["students:read"],
        days=30,
    )
    made.own["SocialAccount"] = SocialAccount.objects.create(
        user=made.cast["owner"].user, provider=ISSUER, uid=f"sub-{made.school.code}"
    )
    made.own["Authenticator"] = Authenticator.objects.create(
        user=made.cast["owner"].user, type=Authenticator.Type.WEBAUTHN, data={"name": "手機"}
    )
    made.own["UserSession"] = UserSession.objects.create(
        user=made.cast["owner"].user, session_key=f"elsewhere-{made.school.pk}", ip="192.0.2.1"
    )


def _guardians(made):
    """A guardian of the owner and one of somebody else, each with a code that nobody has used yet."""
    for rows, name, student in (
        (made.own, "linked_guardian", made.cast["owner"]),
        (made.other, "other_guardian", made.cast["other_student"]),
    ):
        made.cast[name] = guardian(student)
        rows["GuardianLink"] = GuardianLink.objects.get(guardian=made.cast[name])
        rows["GuardianCode"] = GuardianCode.objects.create(
            school=made.school, student=student, made_by=student, digest=f"{student.pk:064d}",
            expires_at=timezone.now() + timedelta(days=14),
        )  # fmt: skip


def _duties(made):
    """A deputy of the homeroom teacher and one of the course's teacher, and an administrator's session that is over."""
    for rows, name, student in (
        (made.own, "", made.cast["owner"]),
        (made.other, "other_", made.cast["other_student"]),
    ):
        stand_in, certifier, administrator = (
            PersonFactory(school=made.school, roles=[role])
            for role in (Role.TEACHER, Role.TEACHER, Role.ADMINISTRATOR)
        )
        made.cast |= {f"{name}homeroom_deputy": stand_in, f"{name}course_deputy": certifier}
        rows["Offering"] = rows["Enrolment"].offering
        rows["RoleGrant"] = grant(stand_in, Role.HOMEROOM, group=student.student.class_group)
        rows["CourseDeputy"] = deputy(certifier, rows["Offering"])
        rows["StaffSession"] = staff_session(administrator, is_over=True)
        made.cast[f"{name}administrator_after_session"] = administrator


def _people(made):
    school, cast = made.school, made.cast
    cast["teacher"] = PersonFactory(school=school, roles=[Role.TEACHER])
    cast["other_teacher"] = PersonFactory(school=school, roles=[Role.TEACHER])
    cast["homeroom"] = PersonFactory(school=school, roles=[Role.HOMEROOM])
    cast |= {
        name: PersonFactory(school=school, roles=[role]) for name, role in (OFFICES | MORE_OFFICES).items()
    }
    group = ClassGroupFactory(school=school, homeroom_teacher=cast["homeroom"])
    cast["owner"] = StudentFactory(school=school, profile__class_group=group)
    cast["classmate"] = StudentFactory(school=school, profile__class_group=group)
    cast["other_student"] = StudentFactory(school=school)
    for rows, student in ((made.own, cast["owner"]), (made.other, cast["other_student"])):
        rows |= {"Person": student, "Student": student.student, "ClassGroup": student.student.class_group}
    made.own["School"] = school


def _courses(made):
    for rows, student, teacher in (
        (made.own, made.cast["owner"], made.cast["teacher"]),
        (made.other, made.cast["other_student"], made.cast["other_teacher"]),
    ):
        offering = OfferingFactory(school=made.school, teachers=[teacher])
        rows["Enrolment"] = EnrolmentFactory(school=made.school, offering=offering, student=student)


def outcome_in(state, enrolment, files):
    """An outcome in this state, with everything the database asks of it."""
    now = timezone.now()
    decided = state not in BEFORE_DECISION
    return Outcome.objects.create(
        school=enrolment.school,
        student=enrolment.student,
        enrolment=enrolment,
        school_year=YEAR,
        semester=SEMESTER,
        note="心得",
        state=state,
        sent_at=now,
        document=files["document"],
        media=files["media"],
        decided_at=now if decided else None,
        decided_by=enrolment.offering.teachers.first() if decided else None,
        return_reason="請補上實驗紀錄" if state in {OutcomeState.HELD_BACK, OutcomeState.RETURNED} else "",
        published_at=now if decided and state not in {OutcomeState.PASSED, OutcomeState.HELD_BACK} else None,
        certified_document_sha256=files["document"].sha256 if state in STANDS_CERTIFIED else "",
        certified_media_sha256=files["media"].sha256 if state in STANDS_CERTIFIED else "",
    )


def activity_in(state, student, files):
    """An activity record in this state."""
    return Activity.objects.create(
        school=student.school,
        student=student,
        category="competition",
        school_year=YEAR,
        semester=SEMESTER,
        title="英語演講比賽",
        fields={"競賽名稱": "英語演講比賽"},
        note="第二名",
        document=files["document"],
        media=files["media"],
        state=state,
    )


def _items(made):
    owner = made.cast["owner"]
    files = {"document": stored_file(owner), "media": stored_file(owner, "speech.mp3", "media")}
    made.outcomes = {state: outcome_in(state, made.own["Enrolment"], files) for state in OutcomeState}
    made.activities = {state: activity_in(state, owner, files) for state in ActivityState}
    made.own |= {"Outcome": made.outcomes["certified"], "Activity": made.activities["draft"]}
    made.other |= {
        "Outcome": outcome_in(OutcomeState.CERTIFIED, made.other["Enrolment"], files),
        "Activity": activity_in(ActivityState.DRAFT, made.cast["other_student"], files),
    }


def _offices(made):
    school, cast = made.school, made.cast
    batch = Batch.objects.create(
        school=school,
        school_year=YEAR,
        state=BatchState.RECEIVED,
        sealed_by=cast["outcome_submitter"],
        package_sha256=SHA,
        sent_at=timezone.now(),
    )
    made.own["Batch"] = batch
    made.own["RosterImport"] = RosterImport.objects.create(
        school=school,
        kind=RosterKind.STUDENTS,
        school_year=YEAR,
        semester=SEMESTER,
        file_name="students.csv",
        size_bytes=1,
        sha256=SHA,
        state=ImportState.APPLIED,
        rows=3,
        accepted=3,
        imported_by=cast["registrar"],
        applied_at=timezone.now(),
        keeps_until=timezone.now() + timedelta(days=30),
    )
    for rows, student in ((made.own, cast["owner"]), (made.other, cast["other_student"])):
        rows["SelectionTally"] = SelectionTally.objects.create(
            school=school, student=student, school_year=YEAR, outcomes_quota=6, activities_quota=10
        )
        rows["StudentReceipt"], rows["ReceiptItem"] = _receipt(batch, student, rows["Outcome"])
        rows.update(_uploads(student, rows["Outcome"]))


def _uploads(student, outcome):
    """A file over the limit, a photo, and the smaller version that waits for the student's word."""
    picture = (WORKS / "electricity_chart.jpg").read_bytes()
    common = {"school": student.school, "student": student, "item_kind": "outcome", "item_id": outcome.pk}
    common |= {"role": "document"}
    sent = {"name": "a.jpg", "size_bytes": len(picture), "offset_bytes": len(picture), "sha256": SHA}
    sent |= {"expires_at": timezone.now() + timedelta(days=7)}
    upload = Upload.objects.create(**common, **sent, state=UploadState.TOO_LARGE)
    photo = Upload.objects.create(**common, **sent, state=UploadState.SOURCE, is_source=True)
    made = Preparation.objects.create(
        **common, kind=PreparationKind.REDUCE, state=PreparationState.READY, result_name="a.jpg",
        result_sha256=SHA, result_bytes=len(picture),
    )  # fmt: skip
    PreparationPart.objects.create(school=student.school, preparation=made, upload=upload, position=0)
    drawn = sides_folder(made.pk) / "before-1.jpg"
    for path in (path_of(upload.pk), path_of(photo.pk), prepared_path(made.pk), drawn):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
    return {"Upload": upload, "Photo": photo, "Preparation": made}


def _receipt(batch, student, outcome):
    record = {
        "item": str(outcome.pk),
        "note": outcome.note,
        "files": [
            {"name": "works.pdf", "size": outcome.document.size_bytes, "sha256": outcome.document.sha256}
        ],
    }
    BatchItem.objects.create(
        school=batch.school,
        batch=batch,
        student=student,
        kind=ItemKind.OUTCOME,
        item_id=outcome.pk,
        record=record,
    )
    receipt = StudentReceipt.objects.create(school=batch.school, batch=batch, student=student, body=b"{}")
    item = ReceiptItem.objects.create(
        school=batch.school,
        receipt=receipt,
        student=student,
        kind=ItemKind.OUTCOME,
        item_id=outcome.pk,
        title="國語文",
        record=record,
        state=ReceiptState.DISPUTED,
        comment="檔案不是我的",
        decided_at=timezone.now() - timedelta(days=1),
    )
    return receipt, item
