from django.urls import path

from licheng.school.rosters import views

app_name = "rosters"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("<uuid:import_id>/", views.import_detail, name="import_detail"),
    path("<uuid:import_id>/issues.csv", views.issues, name="issues"),
]
