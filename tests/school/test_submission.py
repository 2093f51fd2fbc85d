import threading
import time

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_ox.models import OxTask
from licheng_exchange import check_package, parse_keys

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.custody.copies import copies
from licheng.foundations.custody.models import CopyState, KeptCopy
from licheng.foundations.errors import NotAllowed, NotFound, WrongState
from licheng.foundations.files.models import ScanState
from licheng.foundations.ledger.views import keys_text
from licheng.school.activities.states import ActivityState
from licheng.school.calendar.errors import WindowClosed
from licheng.school.calendar.models import WindowKind
from licheng.school.outcomes.states import OutcomeState
from licheng.school.people.models import Role
from licheng.school.receipts.tasks import fetch
from licheng.school.submission import tasks
from licheng.school.submission.errors import (
    ArchiveUnreachable,
    BatchUnderWay,
    Blocked,
    NothingSelected,
    Unacknowledged,
)
from licheng.school.submission.models import Batch
from licheng.school.submission.operations import (
    build_package,
    discard_batch,
    queue_under_way,
    seal_batch,
    send_package,
    sending,
    submit_batch,
)
from licheng.school.submission.operations.sealing import package_path, password_of
from licheng.school.submission.queries import precheck
from licheng.school.submission.states import BatchState
from tests.factories import (
    ClassGroupFactory,
    EnrolmentFactory,
    PersonFactory,
    SchoolFactory,
    StudentFactory,
    actor,
    fresh_actor,
    open_windows,
)
from tests.school.items import activity_of, certified_outcome, enrolment_of, stored_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    open_windows()
    return SchoolFactory()


@pytest.fixture
def submitter(school):
    return PersonFactory(school=school, roles=[Role.OUTCOME_SUBMITTER])


@pytest.fixture
def items(school):
    student = StudentFactory(school=school)
    return certified_outcome(student), activity_of(student)


@pytest.fixture
def sealed(submitter, items):
    batch = seal_batch(actor=fresh_actor(submitter), open_matters_known=False)
    return build_package(actor=Actor.system("task:build", batch.school_id), batch_id=batch.pk)


def states_of(items):
    for item in items:
        item.refresh_from_db()
    return [item.state for item in items]


def test_seal_batch_builds_a_signed_package_that_checks(sealed, items):
    report = check_package(package_path(sealed), password_of(sealed), parse_keys(keys_text()))

    assert (report.ok, report.sha256, report.size) == (True, sealed.package_sha256, sealed.package_bytes)
    assert report.manifest["counts"]["outcomes"] == report.manifest["counts"]["activities"] == 1
    assert [roster["name"] for roster in report.manifest["rosters"]] == [
        "學生自填多元表現名冊_競賽參與紀錄",
        "學生課程學習成果名冊_學期",
    ]
    assert (sealed.state, states_of(items)) == (
        BatchState.SEALED,
        [OutcomeState.SEALED, ActivityState.SEALED],
    )
    assert AuditEntry.objects.filter(action="batch.sealed", subject_id=sealed.pk).count() == 1


def test_building_again_changes_nothing(sealed):
    again = build_package(actor=Actor.system("task:build", sealed.school_id), batch_id=sealed.pk)

    assert again.package_sha256 == sealed.package_sha256


def test_while_a_batch_is_sealed_the_school_goes_on_writing(submitter, items):
    with CaptureQueriesContext(connection) as asked:
        seal_batch(actor=fresh_actor(submitter), open_matters_known=True)

    locks = [one["sql"] for one in asked if "UPDATE" in one["sql"][-40:] and '"people_school"' in one["sql"]]
    assert [sql.endswith("FOR NO KEY UPDATE") for sql in locks] == [True]


def test_sealing_many_items_costs_the_same_queries(submitter, items):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            batch = seal_batch(actor=fresh_actor(submitter), open_matters_known=True)
        build_package(actor=Actor.system("task:build", batch.school_id), batch_id=batch.pk)
        discard_batch(actor=fresh_actor(submitter), batch_id=batch.pk)
        return len(asked)

    two = cost()
    for _n in range(5):
        activity_of(StudentFactory(school=submitter.school))

    assert cost() == two


def test_seal_batch_refuses_when_nothing_is_selected(submitter):
    with pytest.raises(NothingSelected):
        seal_batch(actor=fresh_actor(submitter), open_matters_known=True)

    assert Batch.objects.count() == 0


def test_seal_batch_refuses_outside_the_window(submitter, items):
    open_windows(WindowKind.SUBMIT, closed=True)

    with pytest.raises(WindowClosed):
        seal_batch(actor=fresh_actor(submitter), open_matters_known=True)

    assert states_of(items) == [OutcomeState.SELECTED, ActivityState.SELECTED]


@pytest.mark.parametrize(
    ("role", "refusal"),
    [
        (Role.REGISTRAR, NotAllowed),
        (Role.ADMINISTRATOR, NotFound),
        (Role.TEACHER, NotFound),
        (Role.COUNSELLOR, NotFound),
    ],
)
def test_seal_batch_is_for_submitters(school, items, role, refusal):
    with pytest.raises(refusal):
        seal_batch(actor=fresh_actor(PersonFactory(school=school, roles=[role])), open_matters_known=True)

    assert Batch.objects.count() == 0


def test_seal_batch_refuses_a_lost_copy_by_class_and_rule(submitter, items):
    outcome, _activity = items
    KeptCopy.objects.filter(content=outcome.document.sha256, copy="b").update(state=CopyState.MISSING)

    with pytest.raises(Blocked):
        seal_batch(actor=fresh_actor(submitter), open_matters_known=True)

    report = precheck(actor(submitter), submitter.school)
    assert [(group.class_name, [one.rule for one in group.findings]) for group in report.classes] == [
        (outcome.student.student.class_group.name, ["file-missing-copy"])
    ]


@pytest.mark.parametrize("scan", [ScanState.SCANNING, ScanState.INFECTED])
def test_seal_batch_waits_for_the_scanner(submitter, items, scan):
    outcome, _activity = items
    outcome.document.scan = scan
    outcome.document.save(update_fields=["scan"])

    with pytest.raises(Blocked):
        seal_batch(actor=fresh_actor(submitter), open_matters_known=True)

    report = precheck(actor(submitter), submitter.school)
    assert [one.rule for group in report.classes for one in group.findings] == [f"file-{scan}"]


def test_seal_batch_refuses_bytes_that_nobody_certified(submitter, items):
    outcome, _activity = items
    outcome.certified_document_sha256 = "0" * 64
    outcome.save(update_fields=["certified_document_sha256"])

    with pytest.raises(Blocked):
        seal_batch(actor=fresh_actor(submitter), open_matters_known=True)

    report = precheck(actor(submitter), submitter.school)
    assert [one.rule for group in report.classes for one in group.findings] == ["certified-other-bytes"]


def test_undecided_outcomes_must_be_known_before_sealing(submitter, items):
    other = StudentFactory(school=submitter.school)
    waiting = certified_outcome(
        other, enrolment_of(other, code=f"115{submitter.school.code}H11101A1010102"), OutcomeState.PASSED
    )

    with pytest.raises(Unacknowledged):
        seal_batch(actor=fresh_actor(submitter), open_matters_known=False)
    batch = seal_batch(actor=fresh_actor(submitter), open_matters_known=True)

    assert waiting.pk not in {item.item_id for item in batch.items.all()}
    assert batch.items.count() == 2


def test_the_precheck_goes_by_grade_and_names_who_must_act(submitter, school):
    for grade, name in ((3, "三年忠班"), (2, "二年忠班"), (1, "一年忠班")):
        group = ClassGroupFactory(school=school, grade=grade, name=name)
        student = StudentFactory(school=school, profile__class_group=group)
        enrolment = EnrolmentFactory(school=school, student=student)
        certified_outcome(student, enrolment, state=OutcomeState.WAITING)
    teacher = enrolment.offering.teachers.get()

    report = precheck(actor(submitter), school)

    assert [group.class_name for group in report.classes] == ["一年忠班", "二年忠班", "三年忠班"]
    assert f"請提醒 {teacher.name}；" in report.classes[0].findings[0].fix


def test_the_console_offers_no_sealing_outside_the_window(client, submitter, items):
    client.force_login(submitter.user)
    console = reverse("submission:console")

    assert "現在不在提交期間" not in client.get(console).content.decode()
    open_windows(WindowKind.SUBMIT, closed=True)
    page = client.get(console).content.decode()
    assert "現在不在提交期間" in page
    assert reverse("submission:seal") not in page


def test_only_one_batch_can_be_under_way(sealed, submitter):
    student = StudentFactory(school=submitter.school)
    certified_outcome(student, enrolment_of(student, code=f"115{submitter.school.code}H11101A1010102"))

    with pytest.raises(BatchUnderWay):
        seal_batch(actor=fresh_actor(submitter), open_matters_known=True)


def test_a_file_that_rots_before_building_fails_the_batch_and_frees_the_items(submitter, items):
    batch = seal_batch(actor=fresh_actor(submitter), open_matters_known=False)
    for copy in copies():
        path = copy.path(items[0].document.sha256)
        path.chmod(0o640)
        path.write_bytes(b"rotten")

    failed = build_package(actor=Actor.system("task:build", batch.school_id), batch_id=batch.pk)

    assert (failed.state, failed.problems[0]["rule"]) == (BatchState.FAILED, "copy-lost")
    assert states_of(items) == [OutcomeState.SELECTED, ActivityState.SELECTED]


def test_discard_batch_frees_the_items(sealed, submitter, items):
    discard_batch(actor=fresh_actor(submitter), batch_id=sealed.pk)

    sealed.refresh_from_db()
    assert (sealed.state, states_of(items)) == (
        BatchState.DISCARDED,
        [OutcomeState.SELECTED, ActivityState.SELECTED],
    )


@pytest.mark.parametrize("state", [s for s in BatchState if s != BatchState.SEALED])
def test_discard_batch_only_before_it_is_submitted(sealed, submitter, state):
    Batch.objects.filter(pk=sealed.pk).update(state=state)

    with pytest.raises(WrongState):
        discard_batch(actor=fresh_actor(submitter), batch_id=sealed.pk)

    sealed.refresh_from_db()
    assert sealed.state == state


@pytest.mark.parametrize("state", [s for s in BatchState if s not in {BatchState.SEALED, BatchState.SENDING}])
def test_submit_batch_only_when_sealed(sealed, submitter, state):
    Batch.objects.filter(pk=sealed.pk).update(state=state)

    with pytest.raises(WrongState):
        submit_batch(actor=fresh_actor(submitter), batch_id=sealed.pk)


@pytest.mark.parametrize("operation", [submit_batch, discard_batch])
def test_other_schools_and_other_roles(sealed, operation):
    stranger = PersonFactory(roles=[Role.OUTCOME_SUBMITTER])
    registrar = PersonFactory(school=sealed.school, roles=[Role.REGISTRAR])

    with pytest.raises(NotFound):
        operation(actor=fresh_actor(stranger), batch_id=sealed.pk)
    with pytest.raises(NotAllowed):
        operation(actor=fresh_actor(registrar), batch_id=sealed.pk)

    sealed.refresh_from_db()
    assert sealed.state == BatchState.SEALED


def test_an_archive_that_does_not_answer_leaves_the_batch_on_its_way(sealed, submitter, settings, tmp_path):
    settings.ARCHIVE_URL = "http://127.0.0.1:9"
    settings.ARCHIVE_TOKENS.mkdir()
    (settings.ARCHIVE_TOKENS / sealed.school.code).write_text("token")
    submit_batch(actor=fresh_actor(submitter), batch_id=sealed.pk)

    with pytest.raises(ArchiveUnreachable):
        send_package(actor=Actor.system("task:send", sealed.school_id), batch_id=sealed.pk)

    sealed.refresh_from_db()
    assert sealed.state == BatchState.SENDING
    assert submit_batch(actor=fresh_actor(submitter), batch_id=sealed.pk).state == BatchState.SENDING


@pytest.mark.parametrize("rows", [3, 300])
def test_console_costs_the_same_queries(client, school, submitter, rows, django_assert_num_queries):
    student = StudentFactory(school=school)
    enrolment, stored = enrolment_of(student), stored_file(student)
    for _n in range(rows):
        certified_outcome(student, enrolment, stored=stored)
    client.force_login(submitter.user)

    with django_assert_num_queries(11):
        page = client.get(reverse("submission:console"))

    assert f">{rows}<" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_submitters_at_once_make_one_batch(school, items):
    people = [PersonFactory(school=school, roles=[Role.OUTCOME_SUBMITTER]) for _n in range(2)]
    results = []

    def press(person):
        try:
            results.append(seal_batch(actor=fresh_actor(person), open_matters_known=True).state)
        except (BatchUnderWay, NothingSelected) as refusal:
            results.append(refusal.code)
        finally:
            connections.close_all()

    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM people_school WHERE id = %s FOR UPDATE", [school.pk])
        threads = [threading.Thread(target=press, args=[person]) for person in people]
        for thread in threads:
            thread.start()
        until = time.monotonic() + 20
        waiting = 0
        while waiting < 2 and time.monotonic() < until:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            waiting = cursor.fetchone()[0]
        cursor.execute("COMMIT")
    for thread in threads:
        thread.join()

    assert waiting == 2
    assert sorted(results) == ["nothing-selected", "sealing"]


@pytest.mark.parametrize(("state", "again"), [
    (BatchState.SENDING, tasks.send), (BatchState.SENT, tasks.ask), (BatchState.ACCEPTED, fetch),
])  # fmt: skip
def test_while_the_archive_cannot_be_reached_the_next_try_is_queued(sealed, settings, state, again):
    settings.ARCHIVE_URL = "http://127.0.0.1:9"
    settings.ARCHIVE_TOKENS.mkdir()
    (settings.ARCHIVE_TOKENS / sealed.school.code).write_text("token")
    Batch.objects.filter(pk=sealed.pk).update(state=state)
    ids = {"school_id": sealed.school_id, "batch_id": str(sealed.pk)}
    before = timezone.now()

    again.func(**ids)

    row = OxTask.objects.get(task_path=again.module_path)
    assert row.kwargs == ids
    assert row.run_after > before


@pytest.mark.parametrize(("state", "task"), [
    (BatchState.SEALING, "build"), (BatchState.SENDING, "send"), (BatchState.SENT, "ask"),
    (BatchState.ACCEPTED, "fetch"), (BatchState.SEALED, ""), (BatchState.RECEIVED, ""),
    (BatchState.REFUSED, ""), (BatchState.FAILED, ""), (BatchState.DISCARDED, ""),
])  # fmt: skip
def test_queue_under_way_takes_up_what_a_lost_worker_left(sealed, monkeypatch, state, task):
    Batch.objects.filter(pk=sealed.pk).update(state=state)
    queued = []
    monkeypatch.setattr(sending, "enqueue_on_commit", lambda path, **_ids: queued.append(path))

    count = queue_under_way(actor=Actor.system("command:queue_under_way"))

    assert (count, [path.rpartition(".")[2] for path in queued]) == ((1, [task]) if task else (0, []))
    assert AuditEntry.objects.filter(action="batch.queued_again", subject_id=sealed.pk).count() == count
