from django.urls import path

from licheng.school.integration import views

app_name = "integration"
urlpatterns = [
    path("", views.tokens, name="tokens"),
    path("new/", views.new_token, name="new_token"),
    path("<int:token_id>/", views.token, name="token"),
    path("<int:token_id>/revoke/", views.revoke, name="revoke"),
]
