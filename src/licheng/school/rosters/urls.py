from django.urls import path

from licheng.school.rosters import fetch_views, sheet_views, views

app_name = "rosters"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("fetch/", fetch_views.fetch_codes, name="fetch_codes"),
    path("sheets/", sheet_views.sheets, name="sheets"),
    path("sheets/export/", sheet_views.export, name="export"),
    path("sheets/<str:roster_kind>.xlsx", sheet_views.blank, name="blank_sheet"),
    path("<uuid:import_id>/", views.import_detail, name="import_detail"),
    path("<uuid:import_id>/who/", views.who, name="who"),
    path("<uuid:import_id>/apply/", views.apply, name="apply"),
    path("<uuid:import_id>/drop/", views.drop, name="drop"),
    path("<uuid:import_id>/undo/", views.undo, name="undo"),
    path("<uuid:import_id>/issues.csv", views.issues, name="issues"),
    path("<uuid:import_id>/reasons.xlsx", views.sheet, {"form": "xlsx"}, name="sheet_xlsx"),
    path("<uuid:import_id>/reasons.csv", views.sheet, {"form": "csv"}, name="sheet_csv"),
]
