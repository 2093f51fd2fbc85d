"""What the frame of every school page shows: where one can go, by role, and who is signed in."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from licheng.foundations.authz import Actor
from licheng.school.people.models import Role


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation: an address by name, its words and icon, and the roles it is for.

    `short` are words that fit into a phone's bottom row.
    """

    name: str
    label: Promise
    icon: str
    roles: frozenset[str]
    short: Promise | None = None


STUDENT = frozenset({Role.STUDENT})
RECORDS = pgettext_lazy("導覽", "修課")  # short, for the row at the bottom of a phone
SUBMITTERS = {Role.OUTCOME_SUBMITTER, Role.ACTIVITY_SUBMITTER}
OFFICE = {Role.REGISTRAR, Role.ADMINISTRATOR}
EVERYONE = frozenset(Role.values)
STAFF = EVERYONE - {Role.STUDENT, Role.GUARDIAN}
PLACES = (
    Place("home", gettext_lazy("首頁"), "house", EVERYONE),
    Place("outcomes:list", gettext_lazy("課程學習成果"), "files", STUDENT, gettext_lazy("成果")),
    Place("activities:list", gettext_lazy("多元表現"), "trophy", STUDENT, gettext_lazy("多元")),
    Place("selection:board", gettext_lazy("勾選"), "list-checks", STUDENT),
    Place("receipts:mine", gettext_lazy("收訖明細"), "receipt-text", STUDENT, gettext_lazy("收訖")),
    Place("people:looks", gettext_lazy("誰看過我的資料"), "eye", STUDENT, gettext_lazy("誰看過")),
    Place("people:own_guardians", gettext_lazy("家長連結"), "users-round", STUDENT, gettext_lazy("家長")),
    Place("outcomes:queue", gettext_lazy("認證"), "badge-check", frozenset({Role.TEACHER})),
    Place("records:mine", gettext_lazy("修課紀錄"), "graduation-cap", STUDENT, RECORDS),
    Place(
        "records:board",
        gettext_lazy("修課紀錄"),
        "graduation-cap",
        frozenset({Role.TEACHER, Role.HOMEROOM, Role.COUNSELLOR, Role.REGISTRAR}),
        RECORDS,
    ),
    Place(
        "counselling:list",
        gettext_lazy("課程諮詢"),
        "calendar-days",
        frozenset({Role.COUNSELLOR, Role.STUDENT, Role.HOMEROOM, Role.REGISTRAR}),
        gettext_lazy("諮詢"),
    ),
    Place("rosters:imports", gettext_lazy("名冊匯入"), "file-up", frozenset(OFFICE), gettext_lazy("匯入")),
    Place(
        "people:mine",
        gettext_lazy("我可以看的學生"),
        "users-round",
        frozenset({Role.COUNSELLOR, Role.DATA_QUERY, Role.ADMINISTRATOR}),
        gettext_lazy("學生"),
    ),
    Place("people:classes", gettext_lazy("班級與帳號"), "users", frozenset(OFFICE), gettext_lazy("班級")),
    Place(
        "submission:console",
        gettext_lazy("提交"),
        "package-check",
        frozenset(SUBMITTERS | {Role.REGISTRAR}),
    ),
    Place(
        "people:grants",
        gettext_lazy("職務與代理"),
        "user-check",
        frozenset({Role.ADMINISTRATOR, Role.HOMEROOM}),
        gettext_lazy("職務"),
    ),
    Place(
        "records:deputies",
        gettext_lazy("代理認證"),
        "users-round",
        frozenset({Role.TEACHER, Role.CURRICULUM}),
        gettext_lazy("代理"),
    ),
    Place(
        "people:sessions",
        gettext_lazy("管理工作階段"),
        "eye",
        frozenset({Role.ADMINISTRATOR, Role.WORKING_GROUP}),
        gettext_lazy("管理"),
    ),
    Place(
        "oversight:acts",
        gettext_lazy("稽核紀錄"),
        "search",
        frozenset({Role.ADMINISTRATOR, Role.WORKING_GROUP}),
        gettext_lazy("稽核"),
    ),
    Place(
        "records:duties",
        gettext_lazy("我的職務"),
        "circle-user-round",
        frozenset(Role.values) - {Role.STUDENT, Role.GUARDIAN},
    ),
    Place("governance:settings", gettext_lazy("工作小組"), "scale", STAFF),
    Place("frontdesk:desk", gettext_lazy("服務臺"), "message-square", frozenset(OFFICE)),
    Place("frontdesk:board", gettext_lazy("公告"), "bell", frozenset({*OFFICE, Role.WORKING_GROUP})),
    Place("receipts:office", gettext_lazy("收訖回報"), "inbox", frozenset({Role.RECEIPT_OFFICER})),
    Place("integration:tokens", gettext_lazy("系統介接"), "key-round", frozenset({Role.ADMINISTRATOR})),
)
ON_PHONES = 5
IN_SESSION = frozenset({"oversight:acts", "people:mine"})


def _is_for(actor: Actor, place: Place) -> bool:
    """An administrator finds what opens in a staff session only while one is open."""
    if place.name in IN_SESSION and actor.staff_session_id is None:
        return bool(actor.roles & place.roles - {Role.ADMINISTRATOR})
    return bool(actor.roles & place.roles)


def _staff_session(request: HttpRequest, actor: Actor | None) -> dict[str, object] | None:
    """What stands on every page of an administrator while a staff session runs; asks the database nothing."""
    if actor is None or actor.staff_session_id is None:
        return None
    ends = getattr(request, "staff_session_ends", None)
    return {"template": "people/_inside.html", "session_id": actor.staff_session_id, "ends": ends}


def navigation(request: HttpRequest, actor: Actor | None) -> dict[str, object]:
    """The frame's context: see the top of `ui/base.html`."""
    entries = [
        {
            "url": (url := reverse(place.name)),
            "label": place.label,
            "short": place.short or place.label,
            "icon": place.icon,
            "current": request.path == url or (url != "/" and request.path.startswith(url)),
        }
        for place in PLACES
        if actor is not None and _is_for(actor, place)
    ]
    signed_in = None
    if actor is not None:
        labels = [str(Role(role).label) for role in sorted(actor.roles)]
        signed_in = {"name": actor.name, "role_label": _("、").join(labels)}
    return {
        "site_name": _("學習歷程檔案"),
        "home_url": reverse("home"),
        "nav": entries,
        "bottom_nav": entries[:ON_PHONES],
        "actor": signed_in,
        "sign_in_url": reverse("sign_in"),
        "below_header": _staff_session(request, actor),
        "footer_links": [
            {"url": reverse("frontdesk:mine" if actor else "frontdesk:choose"), "label": _("服務臺")},
            {"url": reverse("frontdesk:manuals"), "label": _("操作手冊")},
            {"url": reverse("integrity"), "label": _("檔案還在嗎")},
            {"url": reverse("status"), "label": _("系統狀態")},
            {"url": reverse("verify"), "label": _("驗證收據")},
            {"url": reverse("published_keys"), "label": _("公開金鑰")},
        ],
    }
