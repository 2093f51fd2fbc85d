"""What the frame of every page of the course-plan platform shows."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from licheng.courseplans.offices.models import Duty
from licheng.foundations.authz import Actor


def navigation(request: HttpRequest, actor: Actor | None) -> dict[str, object]:
    """The frame's context: see the top of `ui/base.html`."""
    entries = [_entry(request, *place) for place in _places(actor)]
    return {
        "site_name": _("課程計畫平臺"),
        "home_url": reverse("home"),
        "nav": entries,
        "bottom_nav": entries if actor else [],
        "actor": {"name": actor.name, "role_label": _duty(actor)} if actor else None,
        "sign_in_url": reverse("sign_in"),
        "footer_links": [
            {"url": reverse("publishing:search"), "label": _("查課程")},
            {"url": reverse("status"), "label": _("系統狀態")},
            {"url": reverse("published_keys"), "label": _("公開金鑰")},
        ],
    }


def _places(actor: Actor | None) -> list[tuple[str, str, str]]:
    """URL name, label and icon of every place in the row at the top."""
    if actor is None:
        return []
    places = [("home", _("課程計畫"), "book-open-check")]
    if Duty.OPERATOR in actor.roles:
        places.append(("directory", _("學校與人員"), "users"))
    places.append(("publishing:search", _("查課程"), "search"))
    return places


def _duty(actor: Actor) -> str:
    return "、".join(str(Duty(role).label) for role in sorted(actor.roles))


def _entry(request: HttpRequest, name: str, label: str, icon: str) -> dict[str, object]:
    url = reverse(name)
    is_current = request.path == url or (url != "/" and request.path.startswith(url))
    return {"url": url, "label": label, "icon": icon, "current": is_current}
