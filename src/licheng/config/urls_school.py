from django.urls import include, path

from licheng.config.urls_common import handler400, handler403, handler404, handler500
from licheng.config.urls_common import urlpatterns as common
from licheng.foundations.requests import strangers_see
from licheng.school.api import api
from licheng.school.frontdesk.views.front import front
from licheng.school.insight.views import home
from licheng.school.people.views import accounts, private

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    *common,
    path("", strangers_see(front)(home), name="home"),
    path("", include("licheng.school.insight.urls")),
    path("", include("licheng.school.frontdesk.urls")),
    path("enrol/", accounts.Enrol.as_view(), name="enrol"),
    path("guardian/", private.join, name="guardian_join"),
    path("people/", include("licheng.school.people.urls")),
    path("acts/", include("licheng.school.oversight.urls")),
    path("records/", include("licheng.school.records.urls")),
    path("rosters/", include("licheng.school.rosters.urls")),
    path("counselling/", include("licheng.school.counselling.urls")),
    path("outcomes/", include("licheng.school.outcomes.urls")),
    path("activities/", include("licheng.school.activities.urls")),
    path("uploads/", include("licheng.school.uploads.urls")),
    path("selection/", include("licheng.school.selection.urls")),
    path("submission/", include("licheng.school.submission.urls")),
    path("receipts/", include("licheng.school.receipts.urls")),
    path("working-group/", include("licheng.school.governance.urls")),
    path("integration/", include("licheng.school.integration.urls")),
    path("api/v1/", api.urls),
    path("oidc/", include("licheng.foundations.accounts.oidc.urls")),
]
