"""What is left: a student's items gathered by what has to happen to them next, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licheng.foundations.ui.templatetags.licheng_ui import roc_date

SHOWN = 3  # names under a group; the rest is one link away


@dataclass(frozen=True, slots=True)
class Entry:
    """One item wherever the home page shows it; `page` is the name of its own, `item_id` its key there.

    Address, day and words are written for the few that are shown, not for each of hundreds.
    """

    title: str
    about: str | Promise
    note: str
    icon: str
    state: str | Promise
    tone: str
    group: str
    page: str
    item_id: UUID
    changed_at: datetime

    @property
    def url(self) -> str:
        """Where it stands."""
        return reverse(self.page, args=[self.item_id])

    @property
    def changed(self) -> str:
        """The day of its last change."""
        return roc_date(self.changed_at)


@dataclass(frozen=True, slots=True)
class Group:
    """Items that wait for the same thing."""

    says: str
    tone: str
    count: int
    entries: tuple[Entry, ...]
    more: int


GROUPS: tuple[tuple[str, Promise, str], ...] = (
    ("outcome-returned", _("老師退回，要修改後再送"), "returned"),
    ("outcome-disputed", _("成果有疑義，等學校回覆"), "disputed"),
    ("activity-disputed", _("多元表現有疑義，等學校回覆"), "disputed"),
    ("outcome-draft", _("成果草稿，還沒送老師"), "draft"),
    ("activity-draft", _("多元表現草稿，資料還沒齊"), "draft"),
    ("outcome-received", _("成果已收訖，等您確認"), "received"),
    ("activity-received", _("多元表現已收訖，等您確認"), "received"),
    ("outcome-certified", _("已認證，還沒勾選"), "certified"),
    ("activity-ready", _("資料齊全，還沒勾選"), "draft"),
    ("outcome-waiting", _("等老師認證"), "waiting"),
    ("outcome-selected", _("成果已勾選，等學校提交"), "selected"),
    ("activity-selected", _("多元表現已勾選，等學校提交"), "selected"),
    ("outcome-submitted", _("成果已提交，等中央收訖"), "submitted"),
    ("activity-submitted", _("多元表現已提交，等中央收訖"), "submitted"),
    ("outcome-confirmed", _("成果已確認，完成"), "confirmed"),
    ("activity-confirmed", _("多元表現已確認，完成"), "confirmed"),
)


def groups_of(entries: Sequence[Entry]) -> tuple[Group, ...]:
    """The groups that have items, what the student must do first in front."""
    gathered: dict[str, list[Entry]] = {key: [] for key, _says, _tone in GROUPS}
    for entry in entries:
        gathered[entry.group].append(entry)
    return tuple(
        Group(
            str(says),
            tone,
            len(gathered[key]),
            tuple(gathered[key][:SHOWN]),
            max(len(gathered[key]) - SHOWN, 0),
        )
        for key, says, tone in GROUPS
        if gathered[key]
    )
