from django.urls import include, path

from licheng.config.urls_common import handler400, handler403, handler404, handler500
from licheng.config.urls_common import urlpatterns as common

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    *common,
    path("", include("licheng.school.insight.urls")),
    path("people/", include("licheng.school.people.urls")),
    path("records/", include("licheng.school.records.urls")),
    path("outcomes/", include("licheng.school.outcomes.urls")),
    path("activities/", include("licheng.school.activities.urls")),
    path("uploads/", include("licheng.school.uploads.urls")),
    path("selection/", include("licheng.school.selection.urls")),
    path("submission/", include("licheng.school.submission.urls")),
    path("receipts/", include("licheng.school.receipts.urls")),
]
