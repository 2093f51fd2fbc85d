from django.urls import path

from licheng.school.submission import views

app_name = "submission"
urlpatterns = [
    path("", views.console, name="console"),
    path("precheck/", views.precheck_page, name="precheck"),
    path("seal/", views.seal, name="seal"),
    path("<uuid:batch_id>/", views.batch, name="batch"),
    path("<uuid:batch_id>/who/", views.who, name="who"),
    path("<uuid:batch_id>/submit/", views.submit, name="submit"),
    path("<uuid:batch_id>/discard/", views.discard, name="discard"),
    path("<uuid:batch_id>/package/", views.package, name="package"),
]
