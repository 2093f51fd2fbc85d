"""The only addresses of the host that gives people's files out."""

from django.urls import path

from licheng.foundations.files.views import give

urlpatterns = [path("<uuid:file_id>/<slug:form>/<str:token>/", give, name="give")]
