"""The file of a consultation comes in like every other file, and nothing of a consultation ever goes out."""

import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from licheng_exchange import open_package, parse_keys

from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotFound, WrongState
from licheng.foundations.files.errors import FileRefused
from licheng.foundations.files.models import StoredFile
from licheng.foundations.files.operations import derive_file
from licheng.foundations.ledger.views import keys_text
from licheng.school.counselling.operations import attach_file, file_terms, remove_file
from licheng.school.counselling.states import ConsultationState as S
from licheng.school.people.models import Look, LookedAt, Person, Role
from licheng.school.people.operations.retention import anonymise_person
from licheng.school.submission.operations import build_package, seal_batch
from licheng.school.submission.operations.sealing import package_path, password_of
from licheng.school.uploads.models import ItemKind, Upload
from tests.addresses import addresses, keys_of
from tests.factories import PersonFactory, actor, fresh, fresh_actor, open_windows
from tests.relations_world import staff_session
from tests.school.counselling_cases import as_, consultation, school_with_counsellor
from tests.school.items import WORKS, activity_of, certified_outcome
from tests.world import make_world

pytestmark = pytest.mark.django_db
PDF = (WORKS / "reading_notes.pdf").read_bytes()
SECRET = (WORKS / "accounting_report.pdf").read_bytes()


@pytest.fixture
def met(settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    counsellor, students = school_with_counsellor()
    return counsellor, students, consultation(counsellor, *students)


def sent(client, row, name="紀錄.pdf", data=PDF):
    """A file of the plain form, followed to the page it leads to."""
    item = {"item_kind": ItemKind.CONSULTATION.value, "item_id": str(row.pk)}
    return client.post(
        reverse("uploads:plain"), item | {"document": SimpleUploadedFile(name, data)}, follow=True
    )


def given(client, row, view, *more):
    return client.get(reverse(f"counselling:{view}", args=[row.pk, "document", *more]))


def test_a_file_is_taken_in_shown_and_removed(met):
    counsellor, (student, other), row = met
    client = as_(counsellor)

    answer = sent(client, row)
    row.refresh_from_db()
    derive_file(actor=Actor.system("test"), file_id=row.document_id)
    reader = as_(student)

    assert answer.redirect_chain == [(reverse("counselling:edit", args=[row.pk]), 302)]
    assert "紀錄.pdf" in client.get(reverse("counselling:detail", args=[row.pk])).content.decode()
    assert {
        given(reader, row, view).status_code for view in ("file", "thumbnail", "previews", "receipt")
    } == {200}
    assert given(reader, row, "page", 1).status_code == 200
    assert given(client, row, "file").status_code == 200
    seen_by = {"viewer": counsellor, "what": LookedAt.FILE, "item_id": f"consultation/{row.pk}"}
    assert set(Look.objects.filter(**seen_by).values_list("student", flat=True)) == {student.pk, other.pk}
    client.post(reverse("counselling:remove_file", args=[row.pk, "document"]))
    row.refresh_from_db()
    assert (row.document, given(client, row, "file").status_code) == (None, 404)


def test_the_log_names_the_consultation_by_a_hash_alone(met):
    counsellor, _students, row = met

    terms = file_terms(actor=actor(counsellor), consultation_id=row.pk, role="document")

    assert terms.subject == hashlib.sha256(row.pk.bytes).hexdigest()
    assert terms.allowed == {"application/pdf", "image/jpeg", "image/png"}
    with pytest.raises(NotFound):
        file_terms(actor=actor(counsellor), consultation_id=row.pk, role="media")
    with pytest.raises(NotFound):
        remove_file(actor=actor(counsellor), consultation_id=row.pk, role="media")


def test_disguised_files_cancelled_ones_and_strangers_put_nothing_in(met):
    counsellor, (student, _other), row = met
    gone = consultation(counsellor, student, state=S.CANCELLED)
    stranger = PersonFactory(roles=[Role.COUNSELLOR])

    def attach(who, which, data):
        attach_file(
            actor=actor(who), consultation_id=which.pk, role="document", stream=io.BytesIO(data), name="a.pdf"
        )

    for who, which, data, refusal in (
        (counsellor, row, b"MZ not a document", FileRefused),
        (counsellor, gone, PDF, WrongState),
        (stranger, row, PDF, NotFound),
    ):
        with pytest.raises(refusal):
            attach(who, which, data)
    row.refresh_from_db()
    assert (row.document, StoredFile.objects.count()) == (None, 0)


def test_a_file_too_large_is_offered_to_be_made_smaller_to_the_counsellor(met):
    counsellor, _students, row = met

    answer = sent(as_(counsellor), row, data=b"%PDF-1.7\n" + b"0" * (4 * 2**20))

    upload = Upload.objects.get()
    assert (upload.item_kind, upload.student) == ("consult", counsellor)
    assert answer.redirect_chain[-1][0] == reverse("uploads:fit", args=[upload.pk])
    assert answer.status_code == 200


def test_file_and_upload_go_with_the_last_student(met):
    counsellor, (student, other), row = met
    sent(as_(counsellor), row)
    row.students.remove(other)
    Person.objects.filter(pk=student.pk).update(left_on=timezone.localdate() - timedelta(days=366 * 11))

    clock = Actor.system("test")
    anonymise_person(actor=clock, today=timezone.localdate(), record_id=str(student.pk))

    assert (Upload.objects.count(), StoredFile.objects.count()) == (0, 0)


WORDS = {
    "topic": "不外流的主題詞",
    "place": "不外流的地點詞",
    "content": "不外流的內容詞",
    "note": "不外流的簡述詞",
}
FILE_NAME = "不外流的檔名.pdf"
SCHOOL = "licheng.config.urls_school"
OWN_CALENDAR = {"counselling:ics"}  # the counsellor's own appointments, which she takes along on purpose


def with_secrets(made):
    """Consultations of the owner with words and a file that stand nowhere else, held and planned; gives the words."""
    owner, counsellor = made.cast["owner"], made.cast["counsellor"]
    for state in (S.HELD, S.PLANNED):
        row = consultation(counsellor, owner, state=state, **WORDS)
        stored = attach_file(
            actor=actor(counsellor), consultation_id=row.pk, role="document", stream=io.BytesIO(SECRET),
            name=FILE_NAME,
        )  # fmt: skip
    return [word.encode() for word in (*WORDS.values(), FILE_NAME)], stored


def exported(client, rows):
    """Everything that addresses hand out as a file, by address; counselling's own pages are what they are for."""
    found = {}
    for address in addresses(SCHOOL):
        if address.name in OWN_CALENDAR or address.name.startswith(("counselling:", "school-api:")):
            continue
        for url in address.filled(rows):
            for method in (client.get, client.post):
                answer = method(url)
                if answer.status_code == 200 and "attachment" in answer.get("Content-Disposition", ""):
                    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                    found[f"{address.name} {url}"] = body
    return found


def test_no_package_holds_a_word_or_a_byte_of_a_consultation(db):
    open_windows()
    counsellor, (student, _other) = school_with_counsellor()
    submitter = PersonFactory(school=counsellor.school, roles=[Role.OUTCOME_SUBMITTER])
    certified_outcome(student)
    activity_of(student)
    row = consultation(counsellor, student, **WORDS)
    stored = attach_file(
        actor=actor(counsellor),
        consultation_id=row.pk,
        role="document",
        stream=io.BytesIO(SECRET),
        name=FILE_NAME,
    )

    sealed = seal_batch(actor=fresh_actor(submitter), open_matters_known=False)
    batch = build_package(actor=Actor.system("task:build", sealed.school_id), batch_id=sealed.pk)

    vkeys = parse_keys(keys_text())
    with open_package(package_path(batch), password=password_of(batch), vkeys=vkeys) as package:
        rosters = [name.encode() + data for name, data in package.rosters()]
        files = [sha256.encode() + b"".join(pieces) for sha256, pieces in package.files()]
        inside = b"\n".join([json.dumps(package.manifest, ensure_ascii=False).encode(), *rosters, *files])
    assert (len(rosters), PDF in inside) == (2, True)  # the control: it is the student's, and it is read
    assert [word for word in (*WORDS.values(), FILE_NAME) if word.encode() in inside] == []
    assert SECRET not in inside
    assert stored.sha256.encode() not in inside


@pytest.mark.slow  # every download there is, by three people; the package alone is in every run
def test_no_export_of_anybodys_data_holds_a_word_or_a_byte_of_a_consultation(db, settings):
    settings.ROOT_URLCONF = SCHOOL
    made = make_world().here
    words, stored = with_secrets(made)
    staff = PersonFactory(
        school=made.school,
        roles=[
            "registrar",
            "outcome_submitter",
            "receipt_officer",
            "working_group",
            "administrator",
            "teacher",
        ],
    )
    made.own["Offering"].teachers.add(staff)
    staff_session(staff)
    Path(settings.ARCHIVE_KEYS).write_text("", encoding="utf-8")
    path = package_path(made.own["Batch"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"package")
    found = {}
    for person in (made.cast["owner"], made.cast["linked_guardian"], staff):
        client = Client(headers={"Accept": "application/json"})
        client.force_login(person.user)
        found |= exported(fresh(client), keys_of(made, list(made.outcomes).index("certified")))

    names = {name.partition(" ")[0] for name in found}
    assert {"people:looks_csv", "records:mine_csv", "records:class_csv", "oversight:export"} <= names
    leaking = {name for name, body in found.items() if SECRET in body or any(word in body for word in words)}
    assert leaking == set()
    files = {name for name, body in found.items() if stored.sha256.encode() in body}
    assert files <= {
        name for name in found if name.startswith("oversight:export")
    }  # an act names its file by hash
