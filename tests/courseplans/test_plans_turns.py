"""Who is told whose turn it is, and what of a school's own way stays in the school."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse
from django_ox.models import OxTask

from licheng.courseplans.offices import operations as offices
from licheng.courseplans.plans import operations
from licheng.courseplans.plans.queries import plan_page
from licheng.courseplans.plans.states import PlanState
from licheng.courseplans.plans.tasks import tell_next
from licheng.foundations.errors import NotAllowed
from licheng.foundations.queueing import task_at
from tests.courseplans.plans_world import courses, officer
from tests.courseplans.test_plans_moves import WAY, move

pytestmark = pytest.mark.django_db

S = PlanState
TOLD = {
    "hand_in_plan": {"reviewer", "second"},
    "return_in_school": {"editor"},
    "send_plan": {"authority"},
    "return_plan": {"editor"},
    "file_plan": {"editor", "reviewer", "second"},
}


@pytest.fixture
def letters(world, settings):
    """Everybody has an address, and letters are kept; the school has a second reviewer."""
    world.officers["second"] = officer("second", "reviewer", plan_school=world.schools["here"])
    for who, one in world.officers.items():
        EmailAddress.objects.create(user=one.user, email=f"{who}@tests.invalid", verified=True, primary=True)
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    mail.outbox = []
    return mail.outbox


def told(letters):
    return {letter.to[0].partition("@")[0] for letter in letters}


@pytest.mark.parametrize("name", WAY)
def test_those_whose_turn_it_is_get_a_letter_that_keeps_the_reason(world, letters, name):
    who, starts, _ends = WAY[name]
    plan = world.plan(starts)
    courses(plan, 1)
    move(world, name, who, plan)

    sent = tell_next.func(step_id=plan.steps.last().pk)

    assert (told(letters), sent) == (TOLD[name], len(TOLD[name]))
    letter = letters[0]
    assert "here 高中 115 學年度入學" in letter.subject
    assert f"/plans/{plan.pk}/" in letter.body
    assert "學分不足" not in letter.body


def test_a_move_has_its_letter_written_once_it_is_kept(world, letters, django_capture_on_commit_callbacks):
    plan = world.plan()
    courses(plan, 1)

    with django_capture_on_commit_callbacks(execute=True):
        move(world, "hand_in_plan", "editor", plan)

    queued = OxTask.objects.get(queue_name="mail")
    assert (task_at(queued.task_path), queued.kwargs) == (tell_next, {"step_id": plan.steps.last().pk})


def test_nobody_is_told_of_what_is_over_nor_who_left_nor_without_address(world, letters):
    plan = world.plan()
    courses(plan, 1)
    move(world, "hand_in_plan", "editor", plan)
    old = plan.steps.last().pk
    move(world, "return_in_school", "reviewer", plan)
    move(world, "hand_in_plan", "editor", plan)
    offices.end_officer(actor=world.actor("operator"), officer_id=world.officers["second"].pk)
    EmailAddress.objects.filter(user=world.officers["reviewer"].user).update(verified=False)

    assert [tell_next.func(step_id=one) for one in (old, plan.steps.last().pk, 0)] == [0, 0, 0]
    assert letters == []


def test_a_mail_server_that_is_away_undoes_nothing(world, letters, settings):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 1, "timeout": 1},
        }
    }
    plan = world.plan()
    courses(plan, 1)
    move(world, "hand_in_plan", "editor", plan)

    assert tell_next.func(step_id=plan.steps.last().pk) == 0
    plan.refresh_from_db()
    assert plan.state == S.IN_SCHOOL


def test_people_do_not_send_letters_by_hand(world):
    with pytest.raises(NotAllowed):
        operations.tell_next(actor=world.actor("editor"), step_id=1)


def test_the_page_says_when_nobody_would_go_on(world):
    plan = world.plan()
    courses(plan, 1)
    client, address = world.client("editor"), reverse("plans:plan", args=[plan.pk])
    assert "沒有人可以接著處理" not in client.get(address).content.decode()

    offices.end_officer(actor=world.actor("operator"), officer_id=world.officers["reviewer"].pk)

    assert "還沒有「校內審查人員」的帳號" in client.get(address).content.decode()


def test_what_a_school_returns_to_itself_stays_there(world):
    plan = world.plan()
    courses(plan, 1)
    secret, public = "校內的話不外傳", "主管機關看得到的原因"
    for name, given in (
        ("hand_in_plan", {}),
        ("return_in_school", {"reason": secret}),
        ("hand_in_plan", {}),
        ("send_plan", {}),
        ("return_plan", {"reason": public}),
        ("hand_in_plan", {}),
        ("return_in_school", {"reason": secret}),
        ("hand_in_plan", {}),
        ("send_plan", {}),
        ("file_plan", {}),
    ):
        move(world, name, WAY[name][0], plan, **given)
    seen = {}
    for who in ("editor", "reviewer", "authority", "operator"):
        page = world.client(who).get(reverse("plans:plan", args=[plan.pk])).content.decode()
        seen[who] = (page.count(secret), page.count(public))

    assert seen == {"editor": (2, 1), "reviewer": (2, 1), "authority": (0, 1), "operator": (0, 1)}
    steps = plan_page(world.actor("authority"), plan.pk).steps
    assert [step.state for step in reversed(steps)] == [S.AT_AUTHORITY, S.DRAFT, S.AT_AUTHORITY, S.FILED]
