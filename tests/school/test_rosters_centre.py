"""A file on its way: previewed without a trace, written as previewed, taken back exactly, interrupted and not lost."""

import csv
import io

import polars as pl
import pytest
import xlsxwriter
from django.db import connection
from django.utils import timezone
from licheng_exchange import export_cell, read_workbook

from licheng.foundations import keys, privacy
from licheng.foundations.accounts.operations.sealing import rotate_keys
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotAllowed, NotFound, StepUpNeeded, WrongState
from licheng.school.people.models import ClassGroup, Person, Role, RoleGrant, Student
from licheng.school.records.models import Course, Offering
from licheng.school.rosters import sealed, sheets
from licheng.school.rosters.errors import CannotUndo, FileGone
from licheng.school.rosters.models import RosterChange, RosterImport, RosterKind
from licheng.school.rosters.noted import TABLES
from licheng.school.rosters.operations import (
    apply_roster,
    check_roster_file,
    drop_roster,
    hand_back,
    receive_roster,
    undo_roster,
    write_roster,
)
from licheng.school.rosters.queries.pages import import_page
from licheng.school.rosters.queries.words import ITEMS
from licheng.school.rosters.states import ImportState as S
from tests import factories
from tests.school import roster_files as files

MOVED = files.STUDENTS.replace("周廷,男,1,商一甲,02", "周庭,男,2,商二甲,09")
STAFF_WITHOUT = "帳號,姓名,職務\nt1,林老師,任課教師\n"


@pytest.fixture
def office(db):
    return files.registrar()


def by(person):
    return factories.fresh_actor(person)


def everything():
    """Every row that a roster could change, as the database prints it."""
    found = {}
    with connection.cursor() as cursor:
        for model in (*files.KEPT, Offering.co_teachers.through):
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t ORDER BY 1")  # noqa: S608 -- names of models
            found[model.__name__] = [row[0] for row in cursor.fetchall()]
    return found


def test_a_preview_says_what_applying_does_and_leaves_no_trace(office):
    files.bring_in(office)
    before = everything()

    ready = files.preview(by(office), RosterKind.STUDENTS, MOVED.encode())
    assert (ready.state, ready.added, ready.changed, ready.removed) == (S.READY, 0, 1, 0)
    untouched, said = everything(), import_page(by(office), ready.pk)
    done = files.confirm(by(office), ready)

    assert untouched == before
    [line] = said.lines
    assert (line.subject, line.changed) == ("1152002 周庭", 1)
    assert line.details == ["姓名：周廷 → 周庭", "座號：2 → 9", "班級：商一甲 → 商二甲"]
    assert (done.state, done.changed, done.applied_by, done.content_sealed) == (S.APPLIED, 1, office, None)


def test_a_preview_names_the_duties_and_courses_that_new_people_and_courses_come_with(office):
    staff = files.preview(by(office), RosterKind.STAFF, files.STAFF.encode())
    files.bring_in(office, *files.KINDS[:-1])
    courses = files.preview(by(office), RosterKind.ENROLMENTS, files.ENROLMENTS.encode())

    said = {
        line.subject: line.details
        for row in (staff, courses)
        for line in import_page(by(office), row.pk).lines
    }

    assert said["t1 林老師"] == ["新增人員「林老師」", "新增職務「任課教師」", "新增職務「導師」"]
    assert "新增任課教師「林老師」" in [detail for details in said.values() for detail in details]


def test_undoing_brings_every_row_back_as_it_was(office):
    first = files.bring_in(office)
    before = everything()
    changes = [
        (RosterKind.STAFF, STAFF_WITHOUT),
        (RosterKind.STUDENTS, MOVED.replace("N200020015", "B200020033")),
        (RosterKind.COURSE_CODES, files.COURSES.replace("340000", "440000")),
        (RosterKind.CLASSES, files.CLASSES.replace("商一甲,t1", "商一甲,t2")),
        (RosterKind.ENROLMENTS, files.ENROLMENTS.replace(",t1", ",t1、t2")),
    ]
    done = [files.import_whole(by(office), kind, text.encode()) for kind, text in changes]
    assert {row.state for row in done} == {S.APPLIED}
    assert everything() != before

    for roster in reversed(done):
        undo_roster(actor=by(office), import_id=roster.pk)
    back = everything()
    for roster in reversed(first):
        undo_roster(actor=by(office), import_id=roster.pk)

    assert back == before
    assert files.counts() == {"Person": 1, "RoleGrant": 2} | dict.fromkeys(
        files.counts().keys() - {"Person", "RoleGrant"}, 0
    )
    assert AuditEntry.objects.filter(action="roster.undone").count() == 10


def test_what_was_built_on_an_import_stands_in_its_way_and_is_named(office):
    *_others, students, enrolments = files.bring_in(office)
    before = everything()

    with pytest.raises(CannotUndo, match="修課") as refused:
        undo_roster(actor=by(office), import_id=students.pk)

    assert "2 筆「修課」用到" in refused.value.sentence
    undo_roster(actor=by(office), import_id=enrolments.pk)
    Person.objects.filter(account="1152002").update(name="改名")
    with pytest.raises(CannotUndo, match="1152002 改名"):
        undo_roster(actor=by(office), import_id=students.pk)
    Person.objects.filter(account="1152002").update(name="周廷")
    undo_roster(actor=by(office), import_id=students.pk)
    assert before["Person"] != everything()["Person"]
    assert Student.objects.count() == 0


def test_nothing_is_undone_twice_nor_once_its_notes_are_gone(office):
    [courses] = files.bring_in(office, RosterKind.COURSE_CODES)
    RosterChange.objects.all().delete()
    with pytest.raises(CannotUndo, match="保留期限"):
        undo_roster(actor=by(office), import_id=courses.pk)
    again = files.import_whole(
        by(office), RosterKind.COURSE_CODES, files.COURSES.replace("34", "44").encode()
    )

    undo_roster(actor=by(office), import_id=again.pk)

    with pytest.raises(WrongState):
        undo_roster(actor=by(office), import_id=again.pk)
    assert Course.objects.filter(credits="340000").count() == 1


def test_undoing_a_staff_roster_is_for_who_confirmed_it_or_an_administrator(office):
    other = factories.PersonFactory(school=office.school, roles=[Role.REGISTRAR])
    [staff] = files.bring_in(office, RosterKind.STAFF)

    with pytest.raises(NotAllowed):
        undo_roster(actor=by(other), import_id=staff.pk)
    with pytest.raises(StepUpNeeded):
        undo_roster(actor=factories.actor(office), import_id=staff.pk)

    assert undo_roster(actor=by(office), import_id=staff.pk).state == S.UNDONE
    assert not RoleGrant.objects.filter(person__account="t1").exists()


def test_duties_ask_again_for_identity_at_confirming_not_before(office):
    tired, awake = factories.actor(office), by(office)
    staff = files.preview(tired, RosterKind.STAFF, files.STAFF.encode())
    with pytest.raises(StepUpNeeded):
        apply_roster(actor=tired, import_id=staff.pk)
    files.confirm(awake, staff)

    plain = files.preview(tired, RosterKind.CLASSES, files.CLASSES.encode())
    own = files.preview(tired, RosterKind.CLASSES, files.CLASSES.replace("t1", "office").encode())

    assert [row.summary["needs_proof"] for row in (plain, own)] == [False, True]
    with pytest.raises(StepUpNeeded):
        apply_roster(actor=tired, import_id=own.pk)
    assert files.confirm(tired, plain).state == S.APPLIED
    assert ClassGroup.objects.get(name="商一甲").homeroom_teacher.account == "t1"


def test_who_confirms_what_gives_herself_a_class_is_asked_again(office):
    files.bring_in(office, RosterKind.STAFF)
    other = factories.PersonFactory(school=office.school, account="t9", roles=[Role.REGISTRAR])
    ready = files.preview(by(office), RosterKind.CLASSES, files.CLASSES.replace("t1", "t9").encode())

    sent_back = files.confirm(factories.actor(other), ready)

    assert (sent_back.state, sent_back.summary["needs_proof"]) == (S.READY, True)
    assert ClassGroup.objects.count() == 0
    assert files.confirm(by(other), ready).state == S.APPLIED


def test_what_changed_since_the_preview_is_shown_again_before_it_is_written(office):
    files.bring_in(office)
    ready = files.preview(by(office), RosterKind.STUDENTS, MOVED.encode())
    files.import_whole(by(office), RosterKind.STUDENTS, files.STUDENTS.replace("林宜", "林怡").encode())
    before = everything()

    again = files.confirm(by(office), ready)

    assert (again.state, again.summary["has_changed"], again.changed) == (S.READY, True, 2)
    assert everything() == before
    assert files.confirm(by(office), again).state == S.APPLIED


def test_what_became_wrong_since_the_preview_is_refused(office):
    files.bring_in(office, RosterKind.STAFF, RosterKind.CLASSES)
    ready = files.preview(by(office), RosterKind.STUDENTS, files.STUDENTS.encode())
    ClassGroup.objects.filter(name="商一甲").delete()

    refused = files.confirm(by(office), ready)

    assert (refused.state, Student.objects.count()) == (S.REFUSED, 0)
    assert {issue["column"] for issue in refused.issues} == {"班級"}
    assert refused.effects.count() == 0


def test_states_follow_their_moves(office):
    ready = files.preview(by(office), RosterKind.COURSE_CODES, files.COURSES.encode())
    done = files.confirm(by(office), ready)
    for act in (apply_roster, drop_roster):
        with pytest.raises(WrongState):
            act(actor=by(office), import_id=done.pk)
    check_roster_file(actor=files.clock(office.school_id), import_id=done.pk)
    write_roster(actor=files.clock(office.school_id), import_id=done.pk)
    waiting = files.preview(by(office), RosterKind.COURSE_CODES, files.COURSES.encode())

    dropped = drop_roster(actor=by(office), import_id=waiting.pk)

    assert (waiting.added, waiting.changed, waiting.removed) == (0, 0, 0)
    assert (dropped.state, dropped.content_sealed, dropped.effects.count()) == (S.DROPPED, None, 0)
    assert Course.objects.count() == 2
    with pytest.raises(WrongState):
        apply_roster(actor=by(office), import_id=dropped.pk)
    with pytest.raises(FileGone):
        hand_back(actor=by(office), import_id=dropped.pk, form="csv")


def test_other_schools_and_other_people_reach_no_import(office):
    ready = files.preview(by(office), RosterKind.COURSE_CODES, files.COURSES.encode())
    stranger, teacher = (
        files.registrar("064308"),
        factories.PersonFactory(school=office.school, roles=[Role.TEACHER]),
    )

    for act in (apply_roster, drop_roster, undo_roster):
        with pytest.raises(NotFound):
            act(actor=by(stranger), import_id=ready.pk)
        with pytest.raises(NotFound):
            act(actor=by(teacher), import_id=ready.pk)
    for act in (check_roster_file, write_roster):
        with pytest.raises(NotAllowed):
            act(actor=by(office), import_id=ready.pk)
    write_roster(actor=files.clock(stranger.school_id), import_id=ready.pk)
    ready.refresh_from_db()
    assert (ready.state, Course.objects.count()) == (S.READY, 0)


def test_who_left_meanwhile_writes_nothing(office):
    ready = files.preview(by(office), RosterKind.COURSE_CODES, files.COURSES.encode())
    apply_roster(actor=by(office), import_id=ready.pk)
    Person.objects.filter(pk=office.pk).update(left_on=timezone.localdate())

    write_roster(actor=files.clock(office.school_id), import_id=ready.pk)

    ready.refresh_from_db()
    assert (ready.state, Course.objects.count(), ready.issues[-1]["rule"]) == (S.REFUSED, 0, "not-allowed")


def test_the_same_key_is_the_same_import(office):
    one = receive_roster(
        actor=by(office), kind=RosterKind.STAFF, data=b"a", file_name="a.csv", idempotency_key="k1"
    )
    two = receive_roster(
        actor=by(office), kind=RosterKind.STAFF, data=b"b", file_name="b.csv", idempotency_key="k1"
    )

    assert (one.pk, RosterImport.objects.count()) == (two.pk, 1)


def test_a_waiting_file_is_sealed_bound_to_its_import_and_sealed_anew_with_new_keys(office):
    roster = receive_roster(actor=by(office), kind=None, data=files.STUDENTS.encode(), file_name="名冊.csv")
    held = bytes(roster.content_sealed)
    other = RosterImport(pk=None, school=office.school, content_sealed=held)

    rotate_keys(actor=Actor.system("test"), ring="fields")

    roster.refresh_from_db()
    assert b"N200020015" not in held
    assert bytes(roster.content_sealed)[0] == keys.ring("fields").newest != held[0]
    assert sealed.file_of(roster) == files.STUDENTS.encode()
    with pytest.raises(privacy.FieldUnreadable):
        sealed.file_of(other)


def test_work_that_died_three_times_is_given_up_and_said(office):
    roster = receive_roster(
        actor=by(office), kind=RosterKind.STAFF, data=files.STAFF.encode(), file_name="a.csv"
    )
    RosterImport.objects.filter(pk=roster.pk).update(
        state=S.CHECKING, stage="reading", summary={"attempts": 3}
    )

    check_roster_file(actor=files.clock(office.school_id), import_id=roster.pk)

    roster.refresh_from_db()
    assert (roster.state, roster.issues[0]["rule"]) == (S.REFUSED, "roster-worker-died")
    assert roster.issues[0]["text_en"] != ""


def test_the_sheet_handed_back_holds_every_row_its_reasons_and_no_formula(office):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("教職員")
        for number, row in enumerate(
            [
                ["115學年度教職員名冊"],
                ["帳號", "姓名", "職務"],
                ["t1", "=1+1", "校長"],
                ["0042", "林老師", "導師"],
            ]
        ):
            for place, cell in enumerate(row):
                page.write_string(number, place, cell)
        page.set_row(2, None, None, {"hidden": True})
    refused = files.preview(by(office), None, out.getvalue(), "名冊.xlsx")

    text = hand_back(actor=by(office), import_id=refused.pk, form="csv").decode("utf-8-sig")
    workbook = hand_back(actor=by(office), import_id=refused.pk, form="xlsx")

    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["原因", "帳號", "姓名", "職務"]
    assert rows[1][0].startswith("這一列在原檔是隱藏的；")
    assert rows[1][1:] == ["t1", "'=1+1", "校長"]
    assert rows[2] == ["", "0042", "林老師", "導師"]
    [sheet] = read_workbook(workbook)
    assert (sheet.name, [list(row)[1:] for row in sheet.rows[1:]]) == (
        "教職員",
        [["t1", "=1+1", "校長"], ["0042", "林老師", "導師"]],
    )
    again = files.preview(by(office), None, workbook, "again.xlsx")
    wrong = [(issue["row"], issue["column"]) for issue in again.issues if issue["severity"] == "error"]
    assert wrong == [(2, "職務")]
    assert AuditEntry.objects.filter(action="roster.sheet_handed_back").count() == 2


def test_cells_are_tamed_as_the_library_tames_them():
    texts = ["=1", " =1", "-1", "-1.5", "+886", "-1+2", "@a", "＝1", "\t=1", "一般", "", "'=1", "a=1"]
    frame = pl.DataFrame({"原因": [""] * len(texts), "a": texts})

    out = sheets.as_csv([sheets.MarkedSheet("", frame, {})]).decode("utf-8-sig")

    numbers = {"-1", "-1.5", "+886"}  # the rosters' marks, which no spreadsheet runs
    rows = list(csv.reader(io.StringIO(out)))
    assert [row[1] for row in rows[1:]] == [text if text in numbers else export_cell(text) for text in texts]


def test_every_watched_table_has_a_meaning(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname IN ('rosters_note_insert', 'rosters_note_update', 'rosters_note_delete')"
            " GROUP BY 1 HAVING count(*) = 3"
        )
        watched = {name for (name,) in cursor.fetchall()}

    assert watched == set(TABLES)
    assert {meaning.item for meaning in TABLES.values()} == set(ITEMS)
