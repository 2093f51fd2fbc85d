"""What the frame of every school page shows: where one can go, by role, and who is signed in."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
SUBMITTERS = {Role.OUTCOME_SUBMITTER, Role.ACTIVITY_SUBMITTER}
OFFICE = {Role.REGISTRAR, Role.ADMINISTRATOR}
EVERYONE = frozenset(Role.values)
PLACES = (
    Place("home", gettext_lazy("首頁"), "house", EVERYONE),
    Place("outcomes:list", gettext_lazy("課程學習成果"), "files", STUDENT, gettext_lazy("成果")),
    Place("activities:list", gettext_lazy("多元表現"), "trophy", STUDENT, gettext_lazy("多元")),
    Place("selection:board", gettext_lazy("勾選"), "list-checks", STUDENT),
    Place("receipts:mine", gettext_lazy("收訖明細"), "receipt-text", STUDENT, gettext_lazy("收訖")),
    Place("outcomes:queue", gettext_lazy("認證"), "badge-check", frozenset({Role.TEACHER})),
    Place("records:imports", gettext_lazy("名冊匯入"), "file-up", frozenset(OFFICE)),
    Place("people:classes", gettext_lazy("班級與帳號"), "users", frozenset(OFFICE)),
    Place("submission:console", gettext_lazy("提交"), "package-check", frozenset(SUBMITTERS | OFFICE)),
    Place("receipts:office", gettext_lazy("收訖回報"), "inbox", frozenset({Role.RECEIPT_OFFICER})),
)
ON_PHONES = 5


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
        if actor is not None and actor.roles & place.roles
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
        "footer_links": [
            {"url": reverse("integrity"), "label": _("檔案還在嗎")},
            {"url": reverse("status"), "label": _("系統狀態")},
            {"url": reverse("verify"), "label": _("驗證收據")},
            {"url": reverse("published_keys"), "label": _("公開金鑰")},
        ],
    }
