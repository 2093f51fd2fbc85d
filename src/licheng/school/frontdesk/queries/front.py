from dataclasses import dataclass

from django.utils.translation import gettext as _

from licheng.foundations import fence
from licheng.foundations.errors import NotFound
from licheng.school.calendar.queries import Opening, openings
from licheng.school.frontdesk.models import Announcement, Usage
from licheng.school.frontdesk.queries.announcements import announcements_of
from licheng.school.people.models import School

FEW = 10  # own bound: a smaller number could point at somebody
ON_FRONT = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """One usage figure in words; small ones are not told exactly."""

    label: str
    text: str
    icon: str


@dataclass(frozen=True, slots=True)
class FrontPage:
    """What a school tells everybody before they sign in."""

    school: School
    security: tuple[Announcement, ...]
    announcements: tuple[Announcement, ...]
    usage: Usage | None
    figures: tuple[Figure, ...]
    windows: tuple[Opening, ...]


def schools_to_choose() -> list[School]:
    """Every school of this installation by code; their names are public."""
    return list(School.objects.order_by("code"))


def school_of_code(code: str) -> School:
    """The school with this code, with its authority. Raises NotFound."""
    school = School.objects.select_related("authority").filter(code=code.upper()).first()
    if school is None:
        raise NotFound
    return school


def front_page(school: School) -> FrontPage:
    """A school's public page in four queries; needs `school.authority`. The caller stands anywhere."""
    with fence.inside(school.pk):
        newest_first = announcements_of(school).order_by("-is_security_notice", "-shown_from", "-pk")
        news = list(newest_first[: 2 * ON_FRONT])
        usage = Usage.objects.filter(school=school).first()
    is_of_now = usage is not None and (usage.school_year, usage.semester) == (
        school.active_year,
        school.active_semester,
    )
    return FrontPage(
        school=school,
        security=tuple(row for row in news if row.is_security_notice),
        announcements=tuple(row for row in news if not row.is_security_notice)[:ON_FRONT],
        usage=usage if is_of_now else None,
        figures=_figures(usage) if usage is not None and is_of_now else (),
        windows=tuple(openings(school.place).values()),
    )


def _figures(usage: Usage) -> tuple[Figure, ...]:
    students = _("%(signed_in)s／%(enrolled)s 人") % {
        "signed_in": told(usage.signed_in),
        "enrolled": told(usage.enrolled),
    }
    return (
        Figure(_("登入過的學生"), students, "users"),
        Figure(_("本學期課程學習成果"), _("%(n)s 件") % {"n": told(usage.uploaded)}, "files"),
        Figure(_("已認證"), _("%(n)s 件") % {"n": told(usage.certified)}, "badge-check"),
        Figure(_("已勾選"), _("%(n)s 件") % {"n": told(usage.selected)}, "list-checks"),
    )


def told(number: int) -> str:
    """A number as strangers are told it."""
    return _("少於 %(n)d") % {"n": FEW} if number < FEW else f"{number:,}"
