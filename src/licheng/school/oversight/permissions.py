from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Rule, either, with_role
from licheng.school.people.models import Role
from licheng.school.people.relations import in_staff_session, of, oneself

SEARCH = Rule(
    "audit.search",
    _("工作小組，以及在管理工作階段中的系統管理員，可以查詢本校的稽核紀錄。"),
    either(with_role(Role.WORKING_GROUP), in_staff_session),
    tenant="pk",
)
EXPORT = Rule(
    "audit.export",
    _("能查詢稽核紀錄的人再確認一次身分後，可以下載；下載本身也會記下。"),
    either(with_role(Role.WORKING_GROUP), in_staff_session),
    tenant="pk",
    is_stepped_up=True,
)
SEE_OWN = Rule("audit.own", _("每個人都看得到自己做過的事。"), of(oneself, ""))
