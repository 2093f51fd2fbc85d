"""Two decisions, or two extensions, at the same moment: the second waits and then finds what the first has done."""

from datetime import timedelta

import pytest
from django.utils import timezone

from licheng.school.calendar.models import Level, Window, WindowKind
from licheng.school.governance.errors import AlreadyWithdrawn, NotLater, SettingMoved
from licheng.school.governance.models import Extension, SettingChange
from licheng.school.governance.operations import change_settings, extend_window, withdraw_extension
from licheng.school.people.models import Role, School
from tests.factories import SEMESTER, YEAR, PersonFactory, StudentFactory, fresh_actor, open_windows
from tests.school.test_selection_race import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group():
    open_windows()
    person = PersonFactory(roles=[Role.WORKING_GROUP])
    now = timezone.now()
    Window.objects.create(
        level=Level.SCHOOL, code=person.school.code, school_year=YEAR, semester=SEMESTER,
        kind=WindowKind.UPLOAD, opens_at=now - timedelta(days=9), closes_at=now - timedelta(hours=1),
    )  # fmt: skip
    return fresh_actor(person)


def test_two_decisions_about_one_setting_do_not_overwrite_each_other(group):
    def decide(cap):
        wanted, seen = {"outcomes_per_semester": cap}, {"outcomes_per_semester": None}
        return lambda: change_settings(actor=group, minutes="第1次會議", wanted=wanted, seen=seen)

    first, second, waited = race(decide(3), decide(5))

    assert (waited, len(first), type(second)) == (True, 1, SettingMoved)
    assert [row.new for row in SettingChange.objects.all()] == [3]


def test_two_presses_leave_one_extension_that_is_withdrawn_once(group):
    account, ends = StudentFactory(school=School.objects.get()).account, timezone.now() + timedelta(days=2)

    def extend():
        return extend_window(
            actor=group, kind=WindowKind.UPLOAD, closes_at=ends, reason="住院", account=account
        )

    granted, refused, waited = race(extend, extend)
    assert (waited, type(refused)) == (True, NotLater)

    def withdraw():
        return withdraw_extension(actor=group, extension_id=granted.pk)

    taken, refused, waited = race(withdraw, withdraw)
    assert (waited, type(refused)) == (True, AlreadyWithdrawn)
    assert Extension.objects.get().withdrawn_at == taken.withdrawn_at
