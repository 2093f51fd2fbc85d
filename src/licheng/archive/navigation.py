"""What the frame of every page of the archive shows."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from licheng.foundations.authz import Actor

PLACES = (
    ("home", "inbox"),
    ("acts", "search"),
    ("checkpoint_page", "book-open-check"),
    ("status", "activity"),
)


def navigation(request: HttpRequest, actor: Actor | None) -> dict[str, object]:
    """The frame's context: see the top of `ui/base.html`."""
    labels = {"home": _("收件板"), "acts": _("稽核紀錄")}
    labels |= {"checkpoint_page": _("帳本"), "status": _("系統狀態")}
    entries = [_entry(request, name, labels[name], icon) for name, icon in PLACES] if actor else []
    return {
        "site_name": _("學習歷程中央資料庫"),
        "home_url": reverse("home"),
        "nav": entries,
        "bottom_nav": entries,
        "actor": {"name": actor.name, "role_label": _("中央操作人員")} if actor else None,
        "sign_in_url": reverse("sign_in"),
        "footer_links": [
            {"url": reverse("checkpoint_page"), "label": _("帳本")},
            {"url": reverse("integrity"), "label": _("檔案還在嗎")},
            {"url": reverse("status"), "label": _("系統狀態")},
            {"url": reverse("verify"), "label": _("驗證收據")},
            {"url": reverse("published_keys"), "label": _("公開金鑰")},
        ],
    }


def _entry(request: HttpRequest, name: str, label: str, icon: str) -> dict[str, object]:
    url = reverse(name)
    is_current = request.path == url or (url != "/" and request.path.startswith(url))
    return {"url": url, "label": label, "icon": icon, "current": is_current}
