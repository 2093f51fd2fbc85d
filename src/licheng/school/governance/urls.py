from django.urls import path

from licheng.school.governance import views

app_name = "governance"
urlpatterns = [
    path("", views.settings, name="settings"),
    path("apply/", views.apply, name="apply"),
    path("history/", views.history, name="history"),
    path("history/<int:change_id>/undo/", views.undo, name="undo"),
    path("extensions/", views.extensions, name="extensions"),
    path("extensions/<int:extension_id>/withdraw/", views.withdraw, name="withdraw"),
]
