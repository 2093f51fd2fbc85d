import threading
import traceback
from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.utils.translation import override
from licheng_exchange import CodeLine, write_code_file

from licheng.courseplans.plans import operations, reading
from licheng.courseplans.plans.errors import (
    ChangedMeanwhile,
    CodeTaken,
    FileRefused,
    GoneMeanwhile,
    GroupTaken,
)
from licheng.courseplans.plans.models import PlanCourse, Syllabus
from licheng.courseplans.plans.states import PlanState
from licheng.courseplans.plans.typed import CourseTyped, GroupTyped, SyllabusTyped, seen_of
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, WrongState
from tests.courseplans.plans_world import courses

pytestmark = pytest.mark.django_db


def typed(name="文學賞析", **other):
    parts = {"category": "5", "delivery": "1", "attribute": "1", "domain": "01"}
    return CourseTyped(**{"name": name, "subject": "", "credits": "220000"} | parts | other)


@pytest.fixture
def plan(world):
    return world.plan()


@pytest.fixture
def write(world, plan):
    """Adds a course as the editor."""

    def add(one):
        return operations.add_course(
            actor=world.actor("editor"), plan_id=plan.pk, group_id=plan.groups.first().pk, typed=one
        )

    return add


def change(world, course, one, seen):
    return operations.change_course(
        actor=world.actor("editor"), plan_id=course.plan_id, course_id=course.pk, typed=one, seen=seen
    )


def test_courses_without_number_get_free_ones_and_a_name_keeps_its_own(write):
    first, second, same = write(typed()), write(typed("電影")), write(typed(delivery="0"))

    assert (first.code[-2:], same.code[-2:]) == ("11", "11")
    assert second.code[-2:] not in {"11", "13"}  # 13 is fixed nationally
    assert AuditEntry.objects.filter(action="plan_course.added").count() == 3


def test_paired_credits_and_ten_to_twelve_are_taken(write):
    texts = ["RST000", "ABCDEF", "GHI000", "2B0000"]

    assert [write(typed(text, credits=text)).credits for text in texts] == texts


WRONG = (
    typed(credits="22000"),
    typed(credits="22000J"),
    typed(name=""),
    typed(name="國" * 31),
    typed(name="國,文"),
    typed(name="國\x00文"),
    typed(subject="1"),
    typed(subject="1é"),
    typed(category="Z"),
    typed(domain="一二"),
)


def test_what_a_code_file_could_not_carry_is_refused(write, plan):
    for wrong in WRONG:
        with pytest.raises(Invalid):
            write(wrong)

    assert not PlanCourse.objects.filter(plan=plan).exists()


def test_a_code_is_given_once(write):
    write(typed(subject="11"))

    with pytest.raises(CodeTaken):
        write(typed("電影", subject="11"))


def test_a_row_that_somebody_else_changed_is_not_overwritten(world, write):
    course = write(typed())
    seen = seen_of(course)
    change(world, course, typed("戲劇"), seen)

    with pytest.raises(ChangedMeanwhile):
        change(world, course, typed("電影"), seen)

    course.refresh_from_db()
    assert course.name == "戲劇"
    assert change(world, course, typed("電影"), seen_of(course)).name == "電影"


def test_a_row_that_somebody_else_removed_is_said_to_be_gone(world, write):
    course = write(typed())
    seen, pk = seen_of(course), course.pk
    removal = {"actor": world.actor("editor"), "plan_id": course.plan_id, "course_id": pk, "seen": seen}
    operations.remove_course(**removal)

    course.pk = pk
    with pytest.raises(GoneMeanwhile):
        change(world, course, typed(), seen)
    with pytest.raises(NotFound):
        operations.remove_course(**removal)


def test_a_group_with_courses_nobody_saw_is_not_removed(world, plan, write):
    group, editor = plan.groups.first(), world.actor("editor")
    write(typed())

    with pytest.raises(ChangedMeanwhile):
        operations.remove_group(actor=editor, plan_id=plan.pk, group_id=group.pk, courses=0)
    operations.remove_group(actor=editor, plan_id=plan.pk, group_id=group.pk, courses=1)

    assert not plan.courses.exists()


def test_codes_follow_their_group(world, plan, write):
    group, editor = plan.groups.first(), world.actor("editor")
    code = write(typed()).code
    other = GroupTyped("V", "23", "305", "A", "電競班群")
    change_group = {"actor": editor, "plan_id": plan.pk, "group_id": group.pk, "seen": seen_of(group)}

    operations.change_group(**change_group, typed=other)

    assert plan.courses.get().code == f"{code[:9]}V23305A{code[16:]}"
    with pytest.raises(GroupTaken):
        operations.add_group(actor=editor, plan_id=plan.pk, typed=other)
    with pytest.raises(Invalid):
        operations.add_group(actor=editor, plan_id=plan.pk, typed=GroupTyped("V", "23", "305", "B"))


def test_courses_are_copied_once_with_their_syllabi(world, plan, write):
    editor = world.actor("editor")
    course = write(typed())
    syllabus = SyllabusTyped("目標", (("一", "4", ""), ("", "", "")), "", "", "")
    place = {"actor": editor, "plan_id": plan.pk}
    operations.write_syllabus(**place, course_id=course.pk, typed=syllabus, seen="")
    group = operations.add_group(**place, typed=GroupTyped("H", "11", "101", "A", "人文班群"))
    copy = place | {"from_group_id": course.group_id, "to_group_id": group.pk}

    assert [operations.copy_courses(**copy), operations.copy_courses(**copy)] == [1, 0]

    made = group.courses.get()
    assert (made.code[9:16], made.code[16:]) == ("H11101A", course.code[16:])
    assert made.syllabus.units == [{"title": "一", "hours": "4", "content": ""}]


def test_a_syllabus_of_somebody_else_is_not_overwritten(world, write):
    course = write(typed())
    place = {"actor": world.actor("editor"), "plan_id": course.plan_id, "course_id": course.pk}
    operations.write_syllabus(**place, typed=SyllabusTyped("甲", (), "", "", ""), seen="")

    with pytest.raises(ChangedMeanwhile):
        operations.write_syllabus(**place, typed=SyllabusTyped("乙", (), "", "", ""), seen="")
    with pytest.raises(Invalid):
        operations.write_syllabus(
            **place,
            typed=SyllabusTyped("乙", (("", "3", "x"),), "", "", ""),
            seen=seen_of(Syllabus.objects.get()),
        )

    assert Syllabus.objects.get().goals == "甲"


@pytest.mark.parametrize("state", [s for s in PlanState if s != PlanState.DRAFT])
def test_only_drafts_are_written(world, state):
    plan = world.plan(state)
    group = plan.groups.first()

    with pytest.raises(WrongState):
        operations.add_course(actor=world.actor("editor"), plan_id=plan.pk, group_id=group.pk, typed=typed())


@pytest.mark.parametrize(
    ("who", "refusal"), [("reviewer", NotAllowed), ("near_editor", NotFound), ("operator", NotFound)]
)
def test_only_editors_of_the_school_write(world, plan, who, refusal):
    with pytest.raises(refusal):
        operations.add_course(
            actor=world.actor(who), plan_id=plan.pk, group_id=plan.groups.first().pk, typed=typed()
        )


def test_courses_are_copied_from_groups_of_the_same_plan_alone(world, plan):
    group = plan.groups.first()
    for other in (world.plan(year=116), world.plan(place="near"), world.plan(place="far")):
        courses(other, 2)
        with pytest.raises(NotFound):
            operations.copy_courses(
                actor=world.actor("editor"),
                plan_id=plan.pk,
                from_group_id=other.groups.first().pk,
                to_group_id=group.pk,
            )

    assert not plan.courses.exists()


def test_a_code_file_fills_a_draft_and_a_wrong_line_refuses_it_whole(world, plan):
    take = {"actor": world.actor("editor"), "plan_id": plan.pk}
    good = (
        "115010301V23305010101 01,國語文,333300\r\n".replace(" ", "")
        + "115010301H1110101010101,國語文,444422\r\n"
    )

    assert operations.take_code_file(**take, data=good.encode()).added == 2
    assert operations.take_code_file(**take, data=good.encode()).added == 0
    assert plan.groups.count() == 2
    for wrong in (
        good.replace("115010301H", "114010301H", 1),
        good.replace("444422", "44442Z"),
        "",
        "\x00\x01",
    ):
        with pytest.raises(FileRefused):
            operations.take_code_file(**take, data=wrong.encode())
    assert plan.courses.count() == 2


def test_what_can_be_put_right_in_a_code_file_comes_in_and_is_said(world, plan):
    rows = [["課程代碼", "科目名稱", "授課學期學分"], ["115010301H1110101010101", "國語文", "22"]]
    take = {"actor": world.actor("editor"), "plan_id": plan.pk}

    taken = operations.take_code_file(**take, data="\n".join(map(",".join, rows)).encode())

    assert (taken.added, len(taken.remarks)) == (1, 1)
    assert "已補為 000022" in taken.remarks[0]
    assert plan.courses.get().credits == "000022"


BOOK = [CodeLine("115010301H1110101010101", "國語文", "444422")]


def test_a_workbook_fills_a_draft_too(world, plan):
    take = {"actor": world.actor("editor"), "plan_id": plan.pk, "data": write_code_file(BOOK, "xlsx")}

    assert operations.take_code_file(**take) == operations.files.Taken(1, ())


@pytest.mark.slow
def test_a_workbook_takes_no_more_memory_than_it_may(world, plan, monkeypatch):
    monkeypatch.setattr(reading, "LIMITS", replace(reading.LIMITS, memory_bytes=2**27))
    take = {"actor": world.actor("editor"), "plan_id": plan.pk, "data": write_code_file(BOOK, "xlsx")}

    with pytest.raises(FileRefused):
        operations.take_code_file(**take)
    assert not plan.courses.exists()


@pytest.mark.parametrize("place", ["raises", "answers"])
def test_what_a_code_file_holds_is_in_no_log(monkeypatch, caplog, place):
    monkeypatch.setattr(reading, "READ", f"tests.courseplans.odd_parser:{place}")

    with pytest.raises(FileRefused) as refused:
        reading.read_code_file(write_code_file(BOOK, "xlsx"))

    assert "sandbox" in caplog.text
    assert "國語文" not in caplog.text + "".join(traceback.format_exception(refused.value))


def test_a_refusal_and_what_to_do_are_two_sentences_in_either_language():
    refusal = GroupTaken(group="x")

    assert "沒有存進去。請換" in refusal.whole
    with override("en"):
        assert refusal.whole == f"{refusal.sentence} {refusal.what_to_do}"
        assert NotFound().whole.count("  ") == 0


def test_a_name_is_the_same_however_it_is_composed(write):
    first, same = write(typed("e\u0301 文化")), write(typed(" \u00e9 文化", delivery="0"))

    assert (first.name, first.code[-2:]) == (same.name, same.code[-2:])


@pytest.mark.django_db(transaction=True)
def test_two_editors_who_add_at_once_get_two_numbers(world):
    plan = world.plan()
    group = plan.groups.first()
    add = {"actor": world.actor("editor"), "plan_id": plan.pk, "group_id": group.pk}
    failed = []

    def second():
        try:
            operations.add_course(**add, typed=typed("電影"))
        except Exception as error:  # noqa: BLE001 -- told to the test
            failed.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=second)
    with transaction.atomic():
        operations.add_course(**add, typed=typed())
        other.start()
        _until_somebody_waits()
    other.join(10)

    assert failed == []
    assert len(set(plan.courses.values_list("code", flat=True))) == 2


def _until_somebody_waits():
    for _n in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted), pg_sleep(0.01)")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")


def test_many_courses_are_written_as_quickly_as_few(world, django_assert_max_num_queries):
    plan = world.plan()
    courses(plan, 300)

    with django_assert_max_num_queries(15):
        operations.add_course(
            actor=world.actor("editor"),
            plan_id=plan.pk,
            group_id=plan.groups.first().pk,
            typed=typed("新科目"),
        )
