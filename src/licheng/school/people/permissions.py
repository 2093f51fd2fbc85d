from collections.abc import Callable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule, anyone, either, with_role
from licheng.foundations.machines.scopes import Scope
from licheng.school.people.models import GrantScope, GrantSource, Role, RoleGrant
from licheng.school.people.relations import (
    granted_to,
    guarded_by,
    homeroom_of,
    in_staff_session,
    lasting,
    of,
    oneself,
    students_oneself,
)

OFFICES = (
    Role.REGISTRAR,
    Role.ADMINISTRATOR,
    Role.OUTCOME_SUBMITTER,
    Role.ACTIVITY_SUBMITTER,
    Role.RECEIPT_OFFICER,
    Role.DATA_QUERY,
)
STAFF = tuple(role for role in Role if role not in {Role.STUDENT, Role.GUARDIAN})


def colleagues(actor: Actor) -> Q:
    """Staff of the school who have not left, for staff."""
    return with_role(*STAFF)(actor) & Q(is_student=False, is_guardian=False, left_on=None)


def own_class(actor: Actor) -> Q:
    """Classes whose homeroom teacher the actor is now; a deputy names no deputies."""
    return Q(homeroom_teacher=actor.person_id)


def deputies_of_own_class(actor: Actor) -> Q:
    """Grants that make somebody the deputy of the class whose homeroom teacher the actor is now."""
    return Q(role=Role.HOMEROOM, scope=GrantScope.CLASS, class_group__homeroom_teacher=actor.person_id)


def endable(actor: Actor) -> Q:
    """Grants made by hand, for those who could make them."""
    by_hand = Q(source=GrantSource.GRANTED)
    return by_hand & either(deputies_of_own_class, with_role(Role.ADMINISTRATOR))(actor)


def may_enrol(actor: Actor) -> Q:
    """Nobody who stands above the one who hands out the code, and never oneself."""
    if Role.ADMINISTRATOR in actor.roles:
        return ~oneself(actor, "")
    if Role.REGISTRAR in actor.roles:
        # a role that begins later counts already: the code would open the account until then
        above = RoleGrant.objects.filter(lasting(), role=Role.ADMINISTRATOR)
        return ~oneself(actor, "") & ~Q(pk__in=above.values("person"))
    return Q(pk__in=())


def looked_after(actor: Actor) -> Q:
    """Students and guardians, for the registrar; staff, for an administrator; and never oneself."""
    not_staff = Q(is_student=True) | Q(is_guardian=True)
    reached = Q(pk__in=())
    if Role.REGISTRAR in actor.roles:
        reached |= not_staff
    if Role.ADMINISTRATOR in actor.roles:
        reached |= ~not_staff
    return reached & ~oneself(actor, "")


readable_students = either(
    of(homeroom_of, ""),
    granted_to(Role.COUNSELLOR, ""),
    granted_to(Role.DATA_QUERY, ""),
    with_role(Role.DATA_QUERY),
    in_staff_session,
)

SEE_PERSON = Rule(
    "people.see",
    _(
        "本人、導師（含代理，自己班的學生）、家長（自己的孩子）、被指派的課程諮詢教師與資料查詢人員，"
        "以及註冊、提交、收訖人員與管理帳號的系統管理員可以看人員資料。"
    ),
    either(
        of(oneself, ""),
        of(homeroom_of, ""),
        of(guarded_by, ""),
        granted_to(Role.COUNSELLOR, ""),
        granted_to(Role.DATA_QUERY, ""),
        with_role(*OFFICES),
    ),
)
SEE_STUDENTS = Rule(
    "people.see_students",
    _(
        "導師（含代理）、被指派的課程諮詢教師與資料查詢人員可以列出自己看得到的學生；"
        "系統管理員只有在管理工作階段中才可以。"
    ),
    lambda actor: Q(is_student=True) & readable_students(actor),
)
NAME_STAFF = Rule("people.name_staff", _("教職員可以從同校在職的教職員中指名代理人。"), colleagues)
SEE_ACCOUNTS = Rule(
    "people.see_accounts",
    _("只有註冊組與系統管理員可以看班級與帳號的清單。"),
    with_role(Role.REGISTRAR, Role.ADMINISTRATOR),
)
ISSUE_CODE = Rule(
    "people.issue_code",
    _("註冊組發啟用碼給系統管理員以外的人，系統管理員發給任何人；沒有人能發給自己。"),
    may_enrol,
)
RECOVER = Rule(
    "people.recover",
    _("確認身分後重新啟用帳號：學生與家長由註冊組辦理，教職員由系統管理員辦理；沒有人能替自己辦。"),
    looked_after,
    is_stepped_up=True,
)
SIGN_OUT = Rule(
    "people.sign_out",
    _(
        "註冊組可以立刻結束學生與家長在所有裝置的登入，系統管理員可以結束教職員的；自己的在「登入中的裝置」結束。"
    ),
    looked_after,
)
SEE_SCHOOL = Rule(
    "people.see_school",
    _("只看得到自己的學校。"),
    anyone,
    tenant="pk",
    machine_scope=Scope.ROSTERS_WRITE.value,
)
IMPORT_ROSTERS = Rule(
    "people.import_rosters",
    _("只有註冊組與系統管理員可以匯入名冊。"),
    with_role(Role.REGISTRAR, Role.ADMINISTRATOR),
    tenant="pk",
    machine_scope=Scope.ROSTERS_WRITE.value,
)
IMPORT_STAFF = Rule(
    "people.import_staff",
    _("只有註冊組與系統管理員可以匯入教職員名冊；它會改變職務，所以要再確認一次身分。"),
    with_role(Role.REGISTRAR, Role.ADMINISTRATOR),
    tenant="pk",
    is_stepped_up=True,
)
IMPORT_ABOVE = Rule(
    "people.import_above",
    _(
        "教職員名冊會新增、取消或復原系統管理員、給匯入者自己加職務，或讓名冊裡沒有的教職員離校時，"
        "只有系統管理員可以匯入。"
    ),
    with_role(Role.ADMINISTRATOR),
    tenant="pk",
)
IMPORT_OWN_DUTY = Rule(
    "people.import_own_duty",
    _("名冊讓匯入者自己成為導師或任課教師時，匯入的註冊組或系統管理員要再確認一次身分。"),
    with_role(Role.REGISTRAR, Role.ADMINISTRATOR),
    tenant="pk",
    is_stepped_up=True,
)
GRANT_ROLE = Rule(
    "people.grant_role",
    _("只有系統管理員可以授予職務，不能給自己，而且要再確認一次身分。"),
    with_role(Role.ADMINISTRATOR),
    tenant="pk",
    is_stepped_up=True,
)
DEPUTISE_CLASS = Rule(
    "people.deputise_class",
    _("只有這一班現在的導師與系統管理員可以指定代理導師，不能指定自己，而且要再確認一次身分。"),
    either(own_class, with_role(Role.ADMINISTRATOR)),
    is_stepped_up=True,
)
SEE_GRANT = Rule(
    "people.see_grant",
    _("持有職務的本人、這一班現在的導師（代理導師）與系統管理員看得到職務的範圍、期間與事由。"),
    either(lambda actor: Q(person=actor.person_id), deputies_of_own_class, with_role(Role.ADMINISTRATOR)),
)
END_GRANT = Rule(
    "people.end_grant",
    _("只有系統管理員，以及這一班現在的導師（代理導師），可以結束授予的職務，而且要再確認一次身分。"),
    endable,
    is_stepped_up=True,
)
OPEN_SESSION = Rule(
    "people.open_staff_session",
    _("只有系統管理員可以開始管理工作階段；要寫事由，而且要再確認一次身分。"),
    with_role(Role.ADMINISTRATOR),
    tenant="pk",
    is_stepped_up=True,
)
SEE_SESSION = Rule(
    "people.see_staff_session",
    _("系統管理員與工作小組看得到每一次管理工作階段：誰、為什麼、看了什麼。"),
    with_role(Role.ADMINISTRATOR, Role.WORKING_GROUP),
)
CLOSE_SESSION = Rule(
    "people.close_staff_session",
    _("只有開始的人可以結束自己的管理工作階段；時間到了也會自己結束。"),
    lambda actor: Q(person=actor.person_id),
)


def guardian_oneself(actor: Actor) -> Q:
    """The guardian who asks."""
    return Q(is_guardian=True) & oneself(actor, "")


def of_office(*roles: Role) -> Callable[[Actor], Q]:
    """Students, for the offices named."""

    def scope(actor: Actor) -> Q:
        return Q(is_student=True) & with_role(*roles)(actor)

    return scope


def links_of_both_ends(actor: Actor) -> Q:
    """Links of the student or the guardian who asks."""
    return Q(student=actor.person_id) | Q(guardian=actor.person_id)


SEE_LOOKS = Rule("people.see_looks", _("只有學生本人看得到誰看過自己的資料。"), students_oneself)
LINK_GUARDIAN = Rule(
    "people.link_guardian",
    _("只有學生本人與註冊組可以產生家長連結碼、看學生有哪些家長連結。"),
    either(students_oneself, of_office(Role.REGISTRAR)),
)
PRINT_GUARDIAN_CODES = Rule(
    "people.print_guardian_codes",
    _("只有註冊組可以為全班產生家長連結碼並列印。"),
    with_role(Role.REGISTRAR),
)
WITHDRAW_GUARDIAN_CODE = Rule(
    "people.withdraw_guardian_code",
    _("只有學生本人與註冊組可以作廢家長連結碼。"),
    either(lambda actor: Q(student=actor.person_id), with_role(Role.REGISTRAR)),
)
ADD_WARD = Rule(
    "people.add_ward",
    _("只有家長本人可以用學生或學校給的連結碼，再連結一位學生。"),
    guardian_oneself,
)
END_GUARDIAN = Rule(
    "people.end_guardian",
    _("學生本人、家長本人與註冊組隨時可以結束家長連結。"),
    either(links_of_both_ends, with_role(Role.REGISTRAR)),
)
REVEAL_ID = Rule(
    "people.reveal_id",
    _(
        "只有註冊組，以及管理工作階段中的系統管理員，可以一次顯示一位學生的身分證號；要寫事由並再確認一次身分。"
    ),
    either(of_office(Role.REGISTRAR), lambda actor: Q(is_student=True) & in_staff_session(actor)),
    is_stepped_up=True,
)
RECORD_LEAVING = Rule(
    "people.record_leaving",
    _("學生與家長由註冊組、教職員由系統管理員記錄離校；沒有人能記錄自己。"),
    looked_after,
)
UNDO_LEAVING = Rule(
    "people.undo_leaving",
    _("離校的復原會讓帳號再能登入，所以要再確認一次身分：學生與家長由註冊組、教職員由系統管理員辦理。"),
    looked_after,
    is_stepped_up=True,
)
