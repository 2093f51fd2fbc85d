from django.urls import include, path

from licheng.config.urls_common import handler400, handler403, handler404, handler500
from licheng.config.urls_common import urlpatterns as common
from licheng.courseplans.api import api
from licheng.courseplans.plans.views.board import board
from licheng.courseplans.publishing.views import courses
from licheng.foundations.accounts.views import Email, Enrol, Forgot, SignIn
from licheng.foundations.requests import strangers_see

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    *common,
    path("", strangers_see(courses)(board), name="home"),
    path("enrol/", Enrol.as_view(), name="enrol"),
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("sign-in/", SignIn.as_view(), name="account_login"),  # the library's name for the same page
    path("forgotten/", Forgot.as_view(), name="forgot"),
    path("email/", Email.as_view(), name="email"),
    path("offices/", include("licheng.courseplans.offices.urls")),
    path("plans/", include("licheng.courseplans.plans.urls")),
    path("api/v1/", api.urls),
    path("", include("licheng.courseplans.publishing.urls")),
]
