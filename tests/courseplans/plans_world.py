"""Two authorities with their schools and officers, and plans of the school "here"; shared with tests of rules."""

from dataclasses import dataclass, field

from django.test import Client
from django.utils import timezone

from licheng.courseplans.offices.models import Duty, Officer, PlanAuthority, PlanSchool
from licheng.courseplans.plans.models import Plan, PlanCourse, PlanGroup
from licheng.courseplans.plans.states import PlanState
from licheng.foundations.accounts.models import User
from licheng.foundations.authz import Actor

YEAR = 115
CODES = {"here": "010301", "near": "010302", "far": "553611"}


@dataclass
class PlansWorld:
    """`here` and `near` answer to one authority, `far` to another; officers by duty and place."""

    schools: dict[str, PlanSchool]
    officers: dict[str, Officer]
    plans: dict[str, Plan] = field(default_factory=dict)

    def actor(self, who: str) -> Actor:
        """An officer as an actor whose identity was just shown."""
        officer = self.officers[who]
        roles = frozenset({officer.duty})
        return Actor(officer.pk, None, f"officer:{officer.pk}", roles, officer.name, True, True)

    def client(self, who: str) -> Client:
        """A browser of the officer."""
        client = Client()
        client.force_login(self.officers[who].user)
        return client

    def plan(self, state: str = PlanState.DRAFT, *, place: str = "here", year: int = YEAR, version: int = 1):
        """A plan with one group in a state."""
        filed_at = timezone.now() if state == PlanState.FILED else None
        plan = Plan.objects.create(
            plan_school=self.schools[place], entry_year=year, version=version, state=state, filed_at=filed_at
        )
        PlanGroup.objects.create(plan=plan, course_type="H", group_code="11", department_code="101")
        return plan


def make_plans_world() -> PlansWorld:
    """The world, with an officer of every duty at every place: `editor`, `near_editor`, `far_reviewer` …"""
    authorities = {
        name: PlanAuthority.objects.create(code=name, name=f"{name} 主管機關") for name in ("one", "two")
    }
    schools = {
        place: PlanSchool.objects.create(
            code=code,
            name=f"{place} 高中",
            county="臺北市",
            authority=authorities["two" if place == "far" else "one"],
        )
        for place, code in CODES.items()
    }
    world = PlansWorld(schools, {})
    for place, school in schools.items():
        before = "" if place == "here" else f"{place}_"
        for duty in (Duty.EDITOR, Duty.REVIEWER):
            world.officers[before + duty] = officer(before + duty, duty, plan_school=school)
    world.officers["authority"] = officer("authority", Duty.AUTHORITY, authority=authorities["one"])
    world.officers["far_authority"] = officer("far_authority", Duty.AUTHORITY, authority=authorities["two"])
    world.officers["operator"] = officer("operator", Duty.OPERATOR)
    return world


def officer(account: str, duty: str, **place) -> Officer:
    """Somebody who may sign in."""
    return Officer.objects.create(
        user=User.objects.create(login=account, name=account), name=f"{account} 人員", duty=duty, **place
    )


def courses(plan: Plan, count: int) -> list[PlanCourse]:
    """Courses of a plan's first group, numbered by the school."""
    group = plan.groups.first()
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    made = []
    for n in range(count):
        subject = digits[(37 + n) // 36] + digits[(37 + n) % 36]
        parts = {"category": "5", "delivery": "1", "attribute": "1", "domain": "01", "subject": subject}
        code = f"{plan.entry_year}{plan.plan_school.code}H111010" + "".join(parts.values())
        made.append(
            PlanCourse(
                plan=plan, group=group, code=code, name=f"科目{n}", credits="220000", position=n, **parts
            )
        )
    return PlanCourse.objects.bulk_create(made)
