from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Rule, with_role
from licheng.foundations.machines.scopes import Scope
from licheng.school.people.models import Role

OFFICE = with_role(Role.REGISTRAR, Role.ADMINISTRATOR)
MACHINES = Scope.ROSTERS_WRITE.value  # only imports they sent themselves: `queries.sent`
SEE = Rule(
    "rosters.see", _("只有註冊組與系統管理員看得到名冊的匯入、預覽與問題。"), OFFICE, machine_scope=MACHINES
)
APPLY = Rule(
    "rosters.apply", _("只有註冊組與系統管理員可以確認匯入名冊，或放棄它。"), OFFICE, machine_scope=MACHINES
)
APPLY_CONFIRMED = Rule(
    "rosters.apply_confirmed",
    _("名冊會改變職務，或讓匯入者自己得到班級或課程時，匯入的註冊組或系統管理員要再確認一次身分。"),
    OFFICE,
    is_stepped_up=True,
)
UNDO = Rule(
    "rosters.undo",
    _("只有註冊組與系統管理員可以復原已匯入的名冊，而且要再確認一次身分。"),
    OFFICE,
    is_stepped_up=True,
    machine_scope=MACHINES,
)
UNDO_STAFF = Rule(
    "rosters.undo_staff",
    _(
        "教職員名冊只能由當初確認匯入的人或系統管理員復原，因為職務會跟著改回去；"
        "會改到系統管理員的，只有系統管理員可以復原。"
    ),
    with_role(Role.ADMINISTRATOR),
)
EXPORT = Rule(
    "rosters.export",
    _("只有註冊組與系統管理員可以匯出名冊；名冊裡有身分證號，所以要再確認一次身分。"),
    OFFICE,
    tenant="pk",
    is_stepped_up=True,
)
