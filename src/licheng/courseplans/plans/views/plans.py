from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from licheng.courseplans.plans import operations
from licheng.courseplans.plans.forms import BeginForm, CodeFileForm, ReasonForm
from licheng.courseplans.plans.queries import begin_choices, compare_versions, plan_page, plan_readers
from licheng.courseplans.plans.views.numbers import number
from licheng.courseplans.plans.views.sent import say
from licheng.foundations.errors import DomainError, Invalid
from licheng.foundations.limits.counted import counted
from licheng.foundations.requests import PersonRequest


@require_POST
def begin(request: PersonRequest) -> HttpResponse:
    """Begin a plan for a year."""
    years, sources = begin_choices(request.actor)
    form = BeginForm(years, sources, request.POST)
    if not form.is_valid():
        raise Invalid(field=_("適用入學學年度"), reason=_("請從清單選一個還沒有課程計畫的學年度。"))
    plan = operations.begin_plan(actor=request.actor, **form.cleaned_data)
    messages.success(request, _("已建立，請先新增群科，再填科目。"))
    return redirect("plans:plan", plan.pk)


@require_safe
def plan(request: PersonRequest, plan_id: int) -> HttpResponse:
    """One plan: its groups, what is to be mended, its way so far."""
    return _page(request, plan_id)


def _page(
    request: PersonRequest, plan_id: int, form: ReasonForm | CodeFileForm | None = None, status: int = 200
) -> HttpResponse:
    page = plan_page(request.actor, plan_id)
    step = {"step": page.head.last_step}
    context = {
        "page": page,
        "head": page.head,
        "reason_form": form if isinstance(form, ReasonForm) else ReasonForm(initial=step),
        "file_form": form if isinstance(form, CodeFileForm) else CodeFileForm(),
    }
    return render(request, "plans/plan.html", context, status=status)


def _step(request: PersonRequest) -> int:
    return number(request.POST.get("step", ""))


@require_POST
def hand_in(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Hand a draft to the school's reviewers."""
    operations.hand_in_plan(actor=request.actor, plan_id=plan_id, step=_step(request))
    messages.success(request, _("已送校內審，會寄信通知校內審查人員。退回以前不能再修改。"))
    return redirect("plans:plan", plan_id)


@require_POST
def send(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Send a plan to the authority."""
    operations.send_plan(actor=request.actor, plan_id=plan_id, step=_step(request))
    messages.success(request, _("已送主管機關審查，會寄信通知承辦人員。"))
    return redirect("plans:plan", plan_id)


@require_POST
def file(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Take note of a plan."""
    operations.file_plan(actor=request.actor, plan_id=plan_id, step=_step(request))
    messages.success(request, _("已備查並公開，會寄信通知學校。"))
    return redirect("plans:plan", plan_id)


@require_POST
def return_in_school(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Give a plan back within the school, with the reason."""
    return _given_back(request, plan_id, is_in_school=True)


@require_POST
def return_(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Give a plan back to the school, with the reason."""
    return _given_back(request, plan_id, is_in_school=False)


def _given_back(request: PersonRequest, plan_id: int, *, is_in_school: bool) -> HttpResponse:
    form = ReasonForm(request.POST)
    status = 422
    if form.is_valid():
        give_back = operations.return_in_school if is_in_school else operations.return_plan
        try:
            give_back(actor=request.actor, plan_id=plan_id, **form.cleaned_data)
        except DomainError as refusal:
            status = say(form, refusal)
        else:
            messages.success(request, _("已退回，會寄信通知填報人員；登入就看得到原因。"))
            return redirect("plans:plan" if is_in_school else "home", *([plan_id] if is_in_school else []))
    return _page(request, plan_id, form, status)


@require_POST
def begin_version(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Begin a new version from a plan on file."""
    made = operations.begin_version(actor=request.actor, plan_id=plan_id)
    messages.success(request, _("已建立第 %(n)d 版，內容和備查的一樣，可以開始修改。") % {"n": made.version})
    return redirect("plans:plan", made.pk)


@require_POST
def drop(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Drop a draft that nobody has handed in."""
    operations.drop_plan(actor=request.actor, plan_id=plan_id)
    messages.success(request, _("草稿已刪除。"))
    return redirect("home")


@require_POST
@counted("plans.code_file", times=120)
def code_file(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Take a code file into a draft."""
    form = CodeFileForm(request.POST, request.FILES)
    status = 422
    if form.is_valid():
        try:
            taken = operations.take_code_file(
                actor=request.actor, plan_id=plan_id, data=form.cleaned_data["file"].read()
            )
        except DomainError as refusal:
            status = say(form, refusal)
        else:
            messages.success(request, _("已加入 %(n)d 個科目；原來就有的沒有變。") % {"n": taken.added})
            for remark in taken.remarks:
                messages.info(request, remark)
            return redirect("plans:plan", plan_id)
    return _page(request, plan_id, form, status)


@require_safe
def compare(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Two versions side by side."""
    with_id = number(request.GET["with"]) if request.GET.get("with") else None
    compared = compare_versions(request.actor, plan_id, with_id)
    return render(request, "plans/compare.html", {"compared": compared})


@require_safe
def who(request: PersonRequest, plan_id: int) -> HttpResponse:
    """Who may see this plan."""
    readers = plan_readers(request.actor, plan_id)
    return render(request, "plans/who.html", {"readers": readers})
