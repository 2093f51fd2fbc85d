from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Rule, either, with_role
from licheng.school.people.models import Role
from licheng.school.people.relations import in_staff_session

SUBMITTERS = (Role.OUTCOME_SUBMITTER, Role.ACTIVITY_SUBMITTER)

SEE = Rule(
    "submission.see",
    _("提交人員、收訖管理員與註冊組可以看提交批次和裡面的項目；系統管理員只有在管理工作階段中才看得到。"),
    either(with_role(*SUBMITTERS, Role.RECEIPT_OFFICER, Role.REGISTRAR), in_staff_session),
)
SUBMIT = Rule(
    "submission.submit",
    _("只有提交人員可以提交或取消批次，而且要再確認一次身分。"),
    with_role(*SUBMITTERS),
    is_stepped_up=True,
)
PACKAGE = Rule(
    "submission.package",
    _("只有提交人員可以下載封好的封包留存，而且要再確認一次身分。"),
    with_role(*SUBMITTERS),
    is_stepped_up=True,
)
PRECHECK = Rule(
    "submission.precheck",
    _("提交人員與註冊組可以做預檢；系統管理員只有在管理工作階段中才可以。"),
    either(with_role(*SUBMITTERS, Role.REGISTRAR), in_staff_session),
    tenant="pk",
)
SEAL = Rule(
    "submission.seal",
    _("只有提交人員可以封裝，而且要再確認一次身分。"),
    with_role(*SUBMITTERS),
    tenant="pk",
    is_stepped_up=True,
)
