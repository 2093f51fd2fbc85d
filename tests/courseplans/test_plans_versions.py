import pytest

from licheng.courseplans.plans import operations
from licheng.courseplans.plans.errors import NotNewest, NotReady, PlanExists
from licheng.courseplans.plans.models import PlanCourse, Syllabus
from licheng.courseplans.plans.queries import compare_versions, correction_page
from licheng.courseplans.plans.states import PlanState
from licheng.courseplans.plans.typed import CourseTyped, GroupTyped, seen_of
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.errors import Invalid, NotFound, WrongState
from tests.courseplans.plans_world import courses

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(world):
    plan = world.plan(PlanState.FILED)
    Syllabus.objects.create(course=courses(plan, 4)[0], goals="目標")
    return plan


@pytest.fixture
def second(world, filed):
    """A version whose first course is renamed, second under another domain, third gone, with one new course."""
    editor = {"actor": world.actor("editor")}
    plan = operations.begin_version(**editor, plan_id=filed.pk)
    first, other, third, _same = plan.courses.all()

    def typed(course, **new):
        names = ("name", "category", "delivery", "attribute", "domain", "subject", "credits")
        return CourseTyped(**{name: getattr(course, name) for name in names} | new)

    for course, new in ((first, {"name": "改名"}), (other, {"domain": "02"})):
        operations.change_course(
            **editor, plan_id=plan.pk, course_id=course.pk, typed=typed(course, **new), seen=seen_of(course)
        )
    operations.remove_course(**editor, plan_id=plan.pk, course_id=third.pk, seen=seen_of(third))
    operations.add_course(
        **editor, plan_id=plan.pk, group_id=first.group_id, typed=typed(first, name="新的", subject="")
    )
    return plan


def test_a_new_version_begins_as_a_copy_and_the_filed_one_stays(world, filed):
    plan = operations.begin_version(actor=world.actor("editor"), plan_id=filed.pk)

    same = [list(one.courses.values_list("code", "name", "credits", "position")) for one in (filed, plan)]
    assert same[0] == same[1]
    assert (plan.version, plan.based_on_id, plan.state) == (2, filed.pk, PlanState.DRAFT)
    assert plan.courses.first().syllabus.goals == "目標"
    with pytest.raises(PlanExists):
        operations.begin_version(actor=world.actor("editor"), plan_id=filed.pk)
    with pytest.raises(WrongState):
        operations.begin_version(actor=world.actor("editor"), plan_id=plan.pk)


def test_a_new_version_begins_from_the_newest_alone(world, filed):
    newest = world.plan(PlanState.FILED, version=2)

    with pytest.raises(NotNewest):
        operations.begin_version(actor=world.actor("editor"), plan_id=filed.pk)

    pages = [world.client("editor").get(f"/plans/{plan.pk}/").content.decode() for plan in (filed, newest)]
    assert ["/new-version/" in page for page in pages] == [False, True]
    assert operations.begin_version(actor=world.actor("editor"), plan_id=newest.pk).version == 3


def test_a_plan_of_another_year_begins_as_a_copy_under_its_own_codes(world, filed):
    plan = operations.begin_plan(actor=world.actor("editor"), entry_year=116, copy_of=filed.pk)

    assert {code[:9] for code in plan.courses.values_list("code", flat=True)} == {"116010301"}
    assert (plan.based_on, plan.version, plan.courses.count()) == (None, 1, 4)
    with pytest.raises(NotFound):
        operations.begin_plan(actor=world.actor("near_editor"), entry_year=116, copy_of=filed.pk)


def test_two_versions_side_by_side(world, second):
    found = compare_versions(world.actor("editor"), second.pk)

    assert [(one.after.name, one.fields) for one in found.changed] == [("改名", ("name",))]
    assert [one.name for one in found.added] == ["科目1", "新的"]
    assert [one.name for one in found.removed] == ["科目1", "科目2"]
    assert found.same == 1
    with pytest.raises(NotFound):
        compare_versions(world.actor("near_editor"), second.pk)
    with pytest.raises(NotFound):
        compare_versions(world.actor("editor"), second.pk, with_id=world.plan(year=114).pk)


def test_corrections_pair_codes_and_go_with_the_comparison(world, second):
    editor = world.actor("editor")
    page = correction_page(editor, second.pk)
    (suggested,) = page.suggested
    pairs = [(suggested.old.code, suggested.new.code)]

    operations.note_corrections(actor=editor, plan_id=second.pk, pairs=pairs, reason="領域填錯")

    (changed,) = [one for one in compare_versions(editor, second.pk).changed if one.reason]
    assert (changed.fields, changed.reason) == (("code",), "領域填錯")
    assert correction_page(editor, second.pk).suggested == ()
    with pytest.raises(Invalid):
        operations.note_corrections(actor=editor, plan_id=second.pk, pairs=pairs, reason="又一次")


def test_a_group_that_was_changed_is_corrected_in_one_act(world, filed):
    """Changing a group changes the codes of all its courses; each pair says why, and none is asked for alone."""
    plan = operations.begin_version(actor=world.actor("editor"), plan_id=filed.pk)
    group, editor, client = plan.groups.get(), world.actor("editor"), world.client("editor")
    typed = GroupTyped("H", "11", "101", "1", "語文實驗班")
    operations.change_group(
        actor=editor, plan_id=plan.pk, group_id=group.pk, typed=typed, seen=seen_of(group)
    )
    address = f"/plans/{plan.pk}/corrections/"
    page = correction_page(editor, plan.pk)
    pairs = [f"{one.old.code} {one.new.code}" for one in page.suggested]

    shown = client.get(address).content.decode()
    refused = client.post(address, {"together": "1", "pairs": pairs, "reason": ""})
    noted = client.post(address, {"together": "1", "pairs": pairs, "reason": "改辦實驗班"})
    again = client.post(address, {"together": "1", "pairs": pairs, "reason": "改辦實驗班"}, follow=True)

    assert (len(pairs), len(page.gone), shown.count("checked")) == (4, 4, 4)
    assert (refused.status_code, noted.status_code) == (422, 302)
    assert "剛才送出的已經記下" in again.content.decode()  # clicked twice: its form is gone by then
    assert set(plan.corrections.values_list("reason", flat=True)) == {"改辦實驗班"}
    assert correction_page(editor, plan.pk).gone == ()
    assert AuditEntry.objects.filter(action="plan_correction.noted").count() == 4
    assert [one.fields for one in compare_versions(editor, plan.pk).changed] == [("code",)] * 4
    group.refresh_from_db()
    typed = GroupTyped("H", "11", "101", "2", "數理實驗班")
    operations.change_group(
        actor=editor, plan_id=plan.pk, group_id=group.pk, typed=typed, seen=seen_of(group)
    )
    assert len(correction_page(editor, plan.pk).stray) == 4
    assert world.client("reviewer").post(f"{address}remove-stray/").status_code == 403
    client.post(f"{address}remove-stray/")
    assert len(correction_page(editor, plan.pk).suggested) == 4


def test_one_pair_that_does_not_hold_leaves_all_of_them_out(world, second):
    page = correction_page(world.actor("editor"), second.pk)
    (suggested,) = page.suggested
    good = (suggested.old.code, suggested.new.code)

    for bad in ((good[0], page.new[-1].code), (page.gone[-1].code, good[1]), ("0" * 23, page.new[-1].code)):
        with pytest.raises(Invalid):
            operations.note_corrections(
                actor=world.actor("editor"), plan_id=second.pk, pairs=[good, bad], reason="改"
            )

    assert not second.corrections.exists()


@pytest.mark.parametrize("fault", ["same", "unknown", "no reason"])
def test_corrections_of_what_is_not_so_are_refused(world, second, fault):
    page = correction_page(world.actor("editor"), second.pk)
    given = {"old_code": page.gone[0].code, "new_code": page.new[0].code, "reason": "改"}
    kept = second.courses.last()
    given |= {
        "same": {"old_code": PlanCourse.objects.filter(plan=second, name="科目3").get().code},
        "unknown": {"new_code": "0" * 23},
        "no reason": {"reason": " "},
    }[fault]

    with pytest.raises(Invalid):
        operations.note_corrections(
            actor=world.actor("editor"),
            plan_id=second.pk,
            pairs=[(given["old_code"], given["new_code"])],
            reason=given["reason"],
        )

    assert kept is not None
    assert not second.corrections.exists()


def test_a_correction_that_fits_no_more_stops_handing_in_until_it_is_removed(world, second):
    editor = {"actor": world.actor("editor"), "plan_id": second.pk}
    (suggested,) = correction_page(editor["actor"], second.pk).suggested
    (noted,) = operations.note_corrections(
        **editor, pairs=[(suggested.old.code, suggested.new.code)], reason="領域填錯"
    )
    course = second.courses.get(code=suggested.new.code)
    operations.remove_course(**editor, course_id=course.pk, seen=seen_of(course))
    step = second.steps.last().pk

    assert correction_page(editor["actor"], second.pk).stray == {noted.pk}
    page = world.client("editor").get(f"/plans/{second.pk}/").content.decode()
    assert "有 1 筆課程代碼更正和現在的科目不合" in page
    assert "/hand-in/" not in page
    with pytest.raises(NotReady):
        operations.hand_in_plan(**editor, step=step)
    operations.remove_correction(**editor, correction_id=noted.pk)
    assert operations.hand_in_plan(**editor, step=step).state == PlanState.IN_SCHOOL


def test_a_draft_is_nothing_to_compare_with_for_the_authority(world, filed, second):
    authority = world.actor("authority")
    newest = world.plan(PlanState.FILED, version=3)

    shown = compare_versions(authority, newest.pk)

    assert [one.pk for one in shown.others] == [filed.pk]
    for version in (second.pk, world.plan(PlanState.FILED, place="near").pk):
        with pytest.raises(NotFound):
            compare_versions(authority, newest.pk, version)
