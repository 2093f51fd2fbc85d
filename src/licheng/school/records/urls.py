from django.urls import path

from licheng.school.records import views

app_name = "records"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("<int:import_id>/", views.import_detail, name="import_detail"),
    path("<int:import_id>/issues.csv", views.issues, name="issues"),
]
