from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Rule, with_role
from licheng.school.people.models import Role

SUBMITTERS = (Role.OUTCOME_SUBMITTER, Role.ACTIVITY_SUBMITTER)

SEE = Rule(
    "submission.see",
    _("提交人員、收訖管理員、註冊組與系統管理員可以看提交批次。"),
    with_role(*SUBMITTERS, Role.RECEIPT_OFFICER, Role.REGISTRAR, Role.ADMINISTRATOR),
)
SUBMIT = Rule("submission.submit", _("只有提交人員可以封裝、提交或取消批次。"), with_role(*SUBMITTERS))
PRECHECK = Rule(
    "submission.precheck",
    _("提交人員、註冊組與系統管理員可以做預檢。"),
    with_role(*SUBMITTERS, Role.REGISTRAR, Role.ADMINISTRATOR),
    tenant="pk",
)
SEAL = Rule("submission.seal", _("只有提交人員可以封裝。"), with_role(*SUBMITTERS), tenant="pk")
