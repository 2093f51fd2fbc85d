from django.urls import include, path

from licheng.archive.api import api
from licheng.config.urls_common import handler400, handler403, handler404, handler500
from licheng.config.urls_common import urlpatterns as common

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [*common, path("api/v1/", api.urls), path("", include("licheng.archive.intake.urls"))]
