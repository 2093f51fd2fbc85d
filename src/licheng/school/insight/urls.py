from django.urls import path

from licheng.school.insight import views

urlpatterns = [path("", views.home, name="home")]
