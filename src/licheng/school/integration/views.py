from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licheng.foundations.authz import require_fresh
from licheng.foundations.errors import Invalid
from licheng.foundations.requests import PersonRequest
from licheng.school.integration.forms import TokenForm
from licheng.school.integration.operations import make_school_token, revoke_school_token
from licheng.school.integration.queries import school_that_hands_out, token_page, tokens_board


@require_GET
def tokens(request: PersonRequest) -> HttpResponse:
    """Every token the school handed out."""
    return render(request, "integration/tokens.html", {"board": tokens_board(request.actor)})


@require_http_methods(["GET", "POST"])
@sensitive_variables("secret")
def new_token(request: PersonRequest) -> HttpResponse:
    """The form of a new token; posting makes it and shows the secret once.

    Identity is confirmed before the form is filled in, so that no word of it is lost on the way.
    """
    school_that_hands_out(request.actor)
    require_fresh(request.actor)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token, secret = make_school_token(actor=request.actor, **form.cleaned_data)
        except Invalid as refusal:
            form.add_error(None, refusal.sentence)
        else:
            page = token_page(request.actor, token.pk)
            return render(request, "integration/secret.html", {"secret": secret, "line": page.line})
    return render(request, "integration/new_token.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def token(request: PersonRequest, token_id: int) -> HttpResponse:
    """One token: what it may, and what it was used for."""
    page = token_page(request.actor, token_id, request.GET.get("page", "1"))
    return render(request, "integration/token.html", {"page": page, "line": page.line})


@require_POST
def revoke(request: PersonRequest, token_id: int) -> HttpResponse:
    """End a token at once."""
    revoke_school_token(actor=request.actor, token_id=token_id)
    messages.success(request, _("權杖已撤銷，從現在起不能再使用。"))
    return redirect("integration:token", token_id)
