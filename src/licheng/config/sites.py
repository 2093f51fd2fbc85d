"""What makes a process one site: its applications, who its people are, and what frames its pages."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SCHOOL, ARCHIVE, PLANS = "licheng.school", "licheng.archive", "licheng.courseplans"


@dataclass(frozen=True, slots=True)
class SiteParts:
    """The parts of one site, as dotted paths; `enter_school` is empty where no schools are fenced off.

    `office` is who looks after its accounts, as texts name them to people who go on from there.
    `takes_files`: whether people hand files in here, which copies then keep and a status page reads back.
    """

    apps: tuple[str, ...]
    urls: str
    actor_of: str
    may_enter: str
    navigation: str
    office: Promise
    enter_school: str = ""
    takes_files: bool = True


SITES = {
    "school": SiteParts(
        apps=(
            f"{SCHOOL}.calendar",
            f"{SCHOOL}.people",
            f"{SCHOOL}.governance",
            f"{SCHOOL}.oversight",
            f"{SCHOOL}.records",
            f"{SCHOOL}.rosters",
            f"{SCHOOL}.counselling",
            f"{SCHOOL}.outcomes",
            f"{SCHOOL}.activities",
            f"{SCHOOL}.uploads",
            f"{SCHOOL}.selection",
            f"{SCHOOL}.submission",
            f"{SCHOOL}.receipts",
            f"{SCHOOL}.insight",
            f"{SCHOOL}.frontdesk",
            f"{SCHOOL}.integration",
        ),
        urls="licheng.config.urls_school",
        actor_of=f"{SCHOOL}.people.actors.actor_of",
        may_enter=f"{SCHOOL}.people.actors.may_enter",
        navigation=f"{SCHOOL}.navigation.navigation",
        office=_("學校的註冊組或系統管理員"),
        enter_school=f"{SCHOOL}.people.actors.enter_school",
    ),
    "archive": SiteParts(
        apps=(f"{ARCHIVE}.intake", f"{ARCHIVE}.holdings", f"{ARCHIVE}.receipts"),
        urls="licheng.config.urls_archive",
        actor_of=f"{ARCHIVE}.intake.actors.actor_of",
        may_enter=f"{ARCHIVE}.intake.actors.may_enter",
        navigation=f"{ARCHIVE}.navigation.navigation",
        office=_("主機管理人員"),
    ),
    "courseplans": SiteParts(
        apps=(f"{PLANS}.offices", f"{PLANS}.plans", f"{PLANS}.publishing"),
        urls="licheng.config.urls_courseplans",
        actor_of=f"{PLANS}.offices.actors.actor_of",
        may_enter=f"{PLANS}.offices.actors.may_enter",
        navigation=f"{PLANS}.navigation.navigation",
        office=_("課程計畫平臺的管理人員"),
        takes_files=False,
    ),
}
EVERY_APP = tuple(app for site in SITES.values() for app in site.apps)


def site_parts(name: str) -> SiteParts:
    """The parts of a site; "all" is the school's with every application there is, for tests and type checks.

    Raises KeyError for a name that is no site.
    """
    if name != "all":
        return SITES[name]
    school = SITES["school"]
    return SiteParts(
        EVERY_APP,
        school.urls,
        school.actor_of,
        school.may_enter,
        school.navigation,
        school.office,
        school.enter_school,
    )
